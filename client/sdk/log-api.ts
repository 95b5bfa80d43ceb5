// The log as programs read it through the SDK: pages, batches and their iterators, shapes only.
import type { LogRecord } from '../../schemas/event.js';

/** What one stretch of the log holds for the filter; `after` and `to` are cursors, exclusive. */
export interface Batch {
  after: string;
  to: string;
  /** True once the batch reaches the head of the log. */
  live: boolean;
  records: LogRecord[];
}

/** One page of the log, in the order of reading; `after` and `to` are cursors. */
export interface LogPage {
  after: string;
  to: string;
  /** True when nothing was left to read there. */
  end: boolean;
  records: LogRecord[];
}

/** A reading of the log, page by page. */
export interface LogReading extends AsyncIterableIterator<LogPage> {
  /** Where it stands: give it as `from` to go on later, on any broker. Absent before a page. */
  readonly cursor: string | undefined;
  /** The same record by record. */
  records(): AsyncIterableIterator<LogRecord>;
  return(): Promise<IteratorResult<LogPage>>;
}

/** One subscription to the log, batch by batch. */
export interface Observation extends AsyncIterableIterator<Batch> {
  /** Where the reader stands: give it as `from` to go on later. Absent before the first batch. */
  readonly cursor: string | undefined;
  /** The same stretch record by record. */
  records(): AsyncIterableIterator<LogRecord>;
  return(): Promise<IteratorResult<Batch>>;
}
