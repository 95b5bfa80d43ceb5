// The query handler: answers what only reads, from state no older than the question needs.
import type { MethodName } from '../../schemas/method.js';
import { isRefusal, refuse, stateRefusals } from '../../schemas/refusal.js';
import type { Answer, Author } from '../core/words.js';
import type { QueryContext } from '../reads/context.js';
import { answerQuery } from '../reads/queries.js';
import type { Barrier } from './barrier.js';
import { away } from './unavailable.js';

export interface QueryHandlerConfig {
  barrier: Pick<Barrier, 'reached'>;
  isServing(): boolean;
  /** Why the log takes nothing just now, as far as its store says so. */
  trouble(): string | undefined;
  /** What a query is answered from, as it is at this moment. */
  context(author: Author): Omit<QueryContext, 'held'>;
}

export class QueryHandler {
  readonly #config: QueryHandlerConfig;

  constructor(config: QueryHandlerConfig) {
    this.#config = config;
  }

  /**
   * See `Door.read`. What a broker that is behind would refuse wrongly is looked at once more when
   * it has caught up; `unavailable` when it cannot.
   */
  read(method: MethodName, params: unknown, author: Author): Answer | Promise<Answer> {
    const { barrier, isServing, trouble, context } = this.#config;
    if (!isServing()) return away(trouble());
    const look = () =>
      answerQuery(method, context(author), params) ?? refuse('method_unknown', 'No such method.');
    const again = (answer: Answer) =>
      isRefusal(answer) && stateRefusals.has(answer.refusal)
        ? barrier.reached().then(look, () => away(trouble()))
        : answer;
    const first = look();
    return first instanceof Promise ? first.then(again) : again(first);
  }
}
