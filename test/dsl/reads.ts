// Reading methods called upon a given world: what each caller is answered.
import { Refold } from '../../broker/archive/refold.js';
import type { Author } from '../../broker/core/words.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { answerQuery } from '../../broker/reads/queries.js';
import { type MethodName, methods } from '../../schemas/method.js';
import type { Person } from './events.js';
import type { given } from './given.js';

export type World = ReturnType<typeof given>;

/** What a reading method answers a person, or a bare token. */
export async function reads(
  world: World,
  who: Person | string,
  method: MethodName,
  params: object = {},
) {
  const { mesh } = world;
  const clock = { now: () => 0, elapsed: () => 0 };
  const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock });
  const author: Author =
    typeof who === 'string' ? { token: who } : { token: who.token, peer: who.peer };
  const { sequence, digest, table } = mesh.fold;
  const info = { mesh: 'home', log: 'log_1', gateway: '', durability: 'os', version: '0' };
  const context = { table, archive: new Refold(log), author, now: mesh.now, sequence };
  const parsed = methods[method].params.parse(params);
  const whole = {
    ...context,
    cursor: 'a-cursor',
    info: { ...info, sequence, digest },
    malformed: 0,
  };
  const answer = await answerQuery(method, whole, parsed);
  return answer !== undefined && 'result' in answer ? answer.result : answer;
}
