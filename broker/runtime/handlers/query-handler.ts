// The query handler: answers what only reads, from state no older than the question needs.
import type { MethodName } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse, stateRefusals } from '../../../schemas/refusal.js';
import type { Archive } from '../../archive/archive.js';
import { query } from '../../core/queries.js';
import { isLater, type QueryContext } from '../../core/shared/query-context.js';
import type { PastQuestion, PastRows } from '../../core/views/past.js';
import type { Answer, Author } from '../../core/words.js';
import type { Barrier } from '../barrier.js';
import { away, behind, isBeyond } from './unavailable.js';

/** Where a query finds what is not in the table. */
export interface QuerySources {
  archive: Archive;
  /**
   * Asks GitHub about these pull requests, and resolves once what it says is folded, or too much
   * time has passed. Absent when this broker asks nobody. Never rejects.
   */
  learn?: ((urls: readonly string[]) => Promise<void>) | undefined;
  /** The rows of a view as it was, or why there are none. Never rejects for want of an answer. */
  past(question: PastQuestion): Promise<PastRows | Refusal>;
}

export interface QueryHandlerConfig extends QuerySources {
  barrier: Pick<Barrier, 'reached'>;
  isServing(): boolean;
  /** Up to which commit this broker has folded. */
  sequence(): number;
  /** Why the log takes nothing just now, as far as its store says so. */
  trouble(): string | undefined;
  /** What a query is answered from, as it is at this moment. */
  context(author: Author): Omit<QueryContext, 'held'>;
}

/** Reads what this broker has folded; only who would be refused wrongly waits for the log. */
export class QueryHandler {
  readonly #config: QueryHandlerConfig;

  constructor(config: QueryHandlerConfig) {
    this.#config = config;
  }

  /**
   * See `Door.read`. What a broker that is behind would refuse wrongly is looked at once more when
   * it has caught up, and so is whatever a caller asks who has seen more of the log
   * (`min_position`); `unavailable` when it cannot.
   */
  read(method: MethodName, params: unknown, author: Author): Answer | Promise<Answer> {
    const { barrier, isServing, sequence, trouble, context } = this.#config;
    if (!isServing()) return away(trouble());
    const { min_position } = params as { min_position?: number };
    const isBehind = () => isBeyond(min_position, sequence());
    const look = () => answerQuery(method, context(author), params, this.#config);
    const again = (answer: Answer) =>
      isRefusal(answer) && stateRefusals.has(answer.refusal)
        ? barrier.reached().then(look, () => away(trouble()))
        : answer;
    if (isBehind()) {
      const then = () => (isBehind() ? behind(sequence()) : look());
      return barrier.reached().then(then, () => away(trouble()));
    }
    const first = look();
    return first instanceof Promise ? first.then(again) : again(first);
  }
}

/** At once where the table has the answer. Rejects when the log would have it and is away. */
export function answerQuery(
  method: MethodName,
  context: Omit<QueryContext, 'held'>,
  params: unknown,
  { archive, learn, past }: QuerySources,
): Answer | Promise<Answer> {
  const reading = query(method, context, params);
  if (reading === undefined) return refuse('method_unknown', 'No such method.');
  if (!isLater(reading)) return asAnswer(reading);
  if ('find' in reading) return archive.find(reading, context.sequence).then(asAnswer);
  if ('past' in reading) return past(reading.past).then(asAnswer);
  if (learn === undefined) return asAnswer(reading.told());
  return learn(reading.learn).then(() => asAnswer(reading.told()));
}

function asAnswer(result: Refusal | object): Answer {
  return isRefusal(result) ? result : { result: result as Record<string, unknown> };
}
