// Reading methods called upon a given world: what each caller is answered.
import { Refold } from '../../broker/archive/refold.js';
import type { Answer, Author } from '../../broker/core/words.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { answerQuery, type QuerySources } from '../../broker/runtime/handlers/query-handler.js';
import { type MethodName, methods } from '../../schemas/method.js';
import type { Person } from './events.js';
import type { given } from './given.js';

export type World = ReturnType<typeof given>;

/** The answer of a reading method to a person, or to a bare token. */
export async function answers(
  { mesh }: World,
  who: Person | string,
  method: MethodName,
  params: object = {},
  learn?: QuerySources['learn'],
): Promise<Answer> {
  const clock = { now: () => 0, elapsed: () => 0 };
  const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock });
  const author: Author =
    typeof who === 'string' ? { token: who } : { token: who.token, peer: who.peer };
  const { sequence, digest, table } = mesh.fold;
  const info = { mesh: 'home', log: 'log_1', gateway: '', durability: 'os', version: '0' };
  const context = {
    table,
    author,
    now: mesh.now,
    sequence,
    cursor: 'a-cursor',
    info: { ...info, sequence, digest },
    malformed: 0,
  };
  const parsed = methods[method].params.parse(params);
  return answerQuery(method, context, parsed, {
    archive: new Refold(log),
    learn,
    past: () => Promise.reject(new Error('no past')),
  });
}

/** Its result, or the refusal. */
export async function reads(...asked: Parameters<typeof answers>) {
  const answer = await answers(...asked);
  return 'result' in answer ? answer.result : answer;
}
