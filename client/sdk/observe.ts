// Following the log: each batch once and in order, over any number of sockets, never too many.
import type { LogRecord } from '../../schemas/event.js';
import type { Notifications } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import { ClientError } from './errors.js';
import type { CallFields, SessionFollower } from './followers.js';
import type { Link } from './link.js';
import type { Batch, Observation } from './log-api.js';
import type { ObserveOptions } from './options.js';
import { recordOf } from './reading.js';
import { Stream } from './stream.js';

interface Buffered {
  batch: Batch;
  bytes: number;
}

/**
 * A reader is a cursor: when it falls behind, the subscription ends and a new one begins where
 * the buffer ended, so a slow reader costs neither side memory and never stops other calls.
 */
export class Observer implements Observation, SessionFollower {
  cursor: string | undefined;
  readonly #link: Link;
  readonly #onEnd: () => void;
  readonly #options: ObserveOptions;
  readonly #stream = new Stream<Buffered>();
  #from: NonNullable<ObserveOptions['from']>;
  #expected: string | undefined;
  #subscription: string | undefined;
  #bytes = 0;
  #isFull = false;
  #isLive = false;
  #isOver = false;

  constructor(link: Link, options: ObserveOptions, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#link = link;
    this.#options = options;
    this.#from = options.from ?? 'now';
    if (isCursor(this.#from)) this.#expected = this.#from;
    link.follow(this);
  }

  begin(): void {
    this.#subscription = undefined;
    if (this.#isFull) return;
    if (this.#from === 'now') this.#fixNow();
    else this.#observe();
  }

  heard(method: string, params: CallFields, size: number): void {
    if (method !== 'log.records' || params.subscription !== this.#subscription) return;
    const { after, to, live, records } = params as unknown as Notifications['log.records'];
    if (this.#expected !== undefined && after !== this.#expected) {
      this.#end(new ClientError('gap', 'the broker skipped a stretch of the log; observe again'));
      return;
    }
    this.#expected = this.#from = to;
    this.#bytes += size;
    this.#stream.push({ batch: { after, to, live, records: records.map(recordOf) }, bytes: size });
    if (this.#bytes > limits.observe_buffer_bytes) this.#pause();
  }

  ended(error?: Error): void {
    this.#isOver = true;
    this.#stream.finish(error);
    this.#onEnd();
  }

  async next(): Promise<IteratorResult<Batch>> {
    const { value, done } = await this.#stream.next();
    if (done) return { value: undefined, done };
    this.cursor = value.batch.to;
    this.#bytes -= value.bytes;
    if (this.#isFull && this.#bytes < limits.observe_buffer_bytes / 2) this.#resume();
    this.#tellPace(value.batch.live);
    return { value: value.batch, done: false };
  }

  /** The two moments that a reader may want to know of. */
  #tellPace(isLive: boolean): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    if (isLive) this.#options.onCaughtUp?.();
    else this.#options.onFellBehind?.();
  }

  return(): Promise<IteratorResult<Batch>> {
    this.#end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *records(): AsyncIterableIterator<LogRecord> {
    for await (const { records } of this) yield* records;
  }

  /** Makes `now` a cursor before anything is read, or a lost connection would move it. */
  #fixNow(): void {
    this.#call('peer.whoami', {}, result => {
      this.#expected = this.#from = String(result.cursor);
      this.#observe();
    });
  }

  #observe(): void {
    this.#call('log.observe', { from: this.#from, filter: this.#options.filter }, result => {
      this.#subscription = String(result.subscription);
      if (this.#isOver) this.#unobserve();
    });
  }

  /** A call of this socket alone: when the socket goes, `begin` starts over. */
  #call(
    method: 'log.observe' | 'peer.whoami',
    params: CallFields,
    then: (result: CallFields) => void,
  ): void {
    this.#link.call({
      method,
      params,
      scope: 'socket',
      wait_ms: Infinity,
      done: outcome => {
        if ('result' in outcome) then(outcome.result as CallFields);
        else if (!(outcome.error instanceof ClientError && outcome.error.code === 'lost')) {
          this.#end(outcome.error);
        }
      },
    });
  }

  #unobserve(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (subscription === undefined) return;
    const wait_ms = limits.call_wait_ms;
    const done = () => {};
    this.#link.call({
      method: 'log.unobserve',
      params: { subscription },
      scope: 'socket',
      wait_ms,
      done,
    });
  }

  #pause(): void {
    this.#isFull = true;
    this.#unobserve();
  }

  #resume(): void {
    this.#isFull = false;
    if (!this.#isOver) this.#link.follow(this);
  }

  #end(error?: Error): void {
    this.#link.unfollow(this);
    this.#unobserve();
    this.ended(error);
  }
}

function isCursor(from: NonNullable<ObserveOptions['from']>): from is string {
  return typeof from === 'string' && from !== 'start' && from !== 'now';
}
