// Watching a view: its rows as a mirror, kept true over any number of sockets and brokers.
import { limits } from '../../schemas/limits.js';
import type { Params } from '../../schemas/method.js';
import type { LiveView } from '../../schemas/view.js';
import { ClientError } from './errors.js';
import type { CallFields, SessionFollower } from './followers.js';
import type { Link } from './link.js';
import type { LiveRows, RowsNews, ViewRow } from './live-rows.js';
import { Mirror, type ViewAnswer, type ViewPage, type ViewStep } from './mirror.js';
import type { WatchOptions } from './options.js';
import { Stream } from './stream.js';

/**
 * Whoever reads late is told the newest row of each key and no more, so what waits here is never
 * larger than the view.
 */
export class ViewWatch<V extends LiveView> implements LiveRows<V>, SessionFollower {
  readonly #link: Link;
  readonly #onEnd: () => void;
  readonly #params: Omit<Params<'view.watch'>, 'from'>;
  readonly #mirror = new Mirror<ViewRow<V>>();
  readonly #wakes = new Stream<undefined>();
  #subscription: string | undefined;
  #changes = new Map<string, ViewRow<V> | null>();
  #isAnew = false;
  /** True while a wake is on its way to the reader. */
  #isAwake = false;
  #isOver = false;

  constructor(link: Link, view: V, options: WatchOptions, onEnd: () => void) {
    this.#link = link;
    this.#onEnd = onEnd;
    this.#params = { view, ...options };
    link.follow(this);
  }

  get rows(): ReadonlyMap<string, ViewRow<V>> {
    return this.#mirror.rows;
  }

  get cursor(): string | undefined {
    return this.#mirror.isWhole ? this.#mirror.at : undefined;
  }

  begin(): void {
    this.#subscription = undefined;
    const from = this.cursor;
    this.#call('view.watch', { ...this.#params, ...(from && { from }) }, result => {
      this.#subscription = String(result.subscription);
      if (this.#isOver) {
        this.#unwatch();
        return;
      }
      const answer = result as unknown as ViewAnswer<ViewRow<V>>;
      const goesOn = from !== undefined && answer.at === from && answer.resync === undefined;
      this.#mirror.begin(answer, from);
      if (!goesOn) this.#tellAnew();
    });
  }

  heard(method: string, params: CallFields): void {
    if (this.#subscription === undefined || params.subscription !== this.#subscription) return;
    if (method === 'view.rows') this.#page(params as unknown as ViewPage<ViewRow<V>>);
    else if (method === 'view.changes') this.#step(params as unknown as ViewStep<ViewRow<V>>);
  }

  ended(error?: Error): void {
    this.#isOver = true;
    this.#wakes.finish(error);
    this.#onEnd();
  }

  async next(): Promise<IteratorResult<RowsNews<V>>> {
    const { done } = await this.#wakes.next();
    if (done) return { value: undefined, done };
    this.#isAwake = false;
    const anew = this.#isAnew;
    const changes = anew ? [...this.#mirror.rows] : [...this.#changes];
    this.#isAnew = false;
    this.#changes = new Map();
    return { value: { at: this.#mirror.at ?? '', anew, changes }, done: false };
  }

  return(): Promise<IteratorResult<RowsNews<V>>> {
    this.#end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #page(page: ViewPage<ViewRow<V>>): void {
    this.#mirror.page(page);
    this.#tellAnew();
  }

  #step(step: ViewStep<ViewRow<V>>): void {
    if (!this.#mirror.step(step)) {
      this.#end(new ClientError('gap', 'the broker skipped changes of the view; watch again'));
      return;
    }
    for (const [key, row] of step.changes) this.#changes.set(key, row);
    this.#wake();
  }

  #tellAnew(): void {
    this.#isAnew = true;
    this.#changes.clear();
    this.#wake();
  }

  /** Not between the parts of what is true only as a whole, and not for nothing. */
  #wake(): void {
    const isNews = this.#isAnew || this.#changes.size > 0;
    if (this.#isAwake || !isNews || !this.#mirror.isWhole) return;
    this.#isAwake = true;
    this.#wakes.push(undefined);
  }

  /** A call of this socket alone: when the socket goes, `begin` starts over. */
  #call(method: 'view.watch', params: CallFields, then: (result: CallFields) => void): void {
    this.#link.call({
      method,
      params,
      scope: 'socket',
      wait_ms: Number.POSITIVE_INFINITY,
      done: outcome => {
        if ('result' in outcome) then(outcome.result as CallFields);
        else if (!(outcome.error instanceof ClientError && outcome.error.code === 'lost')) {
          this.#end(outcome.error);
        }
      },
    });
  }

  #unwatch(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (subscription === undefined) return;
    const wait_ms = limits.call_wait_ms;
    const done = () => {};
    const params = { subscription };
    this.#link.call({ method: 'view.unwatch', params, scope: 'socket', wait_ms, done });
  }

  #end(error?: Error): void {
    this.#link.unfollow(this);
    this.#unwatch();
    this.ended(error);
  }
}
