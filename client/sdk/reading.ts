// Reading the log back (cursor pagination): page by page, forward or back, to its end or a place.
import type { LogRecord } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { Params, Result } from '../../schemas/method.js';
import type { LogPage, LogReading } from './log-api.js';
import type { ReadOptions } from './options.js';

type AskPage = (params: Params<'log.read'>) => Promise<Result<'log.read'>>;

/** Asks for a page when one is wanted; after an error the next call asks for the same page. */
export class LogReader implements LogReading {
  cursor: string | undefined;
  readonly #ask: AskPage;
  readonly #params: Params<'log.read'>;
  #left: number;
  #isOver = false;

  constructor(ask: AskPage, { max = Infinity, from, ...rest }: ReadOptions) {
    this.#ask = ask;
    this.#left = max;
    this.#params = { ...rest, from: from ?? (rest.reverse ? 'now' : 'start') };
  }

  async next(): Promise<IteratorResult<LogPage>> {
    if (this.#isOver || this.#left <= 0) return { value: undefined, done: true };
    const max = Math.min(this.#left, limits.list_items);
    const from = this.cursor ?? this.#params.from;
    const { records, after, to, end } = await this.#ask({ ...this.#params, from, max });
    this.cursor = to;
    this.#left -= records.length;
    this.#isOver ||= end;
    return { value: { records: records.map(recordOf), after, to, end }, done: false };
  }

  return(): Promise<IteratorResult<LogPage>> {
    this.#isOver = true;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *records(): AsyncIterableIterator<LogRecord> {
    for await (const { records } of this) yield* records;
  }
}

/** A record as programs hold it. */
export function recordOf(row: readonly unknown[]): LogRecord {
  const [position, time, event, reason] = row as [number, number, LogRecord['event'], string?];
  return reason === undefined ? { position, time, event } : { position, time, event, void: reason };
}
