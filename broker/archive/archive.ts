// The archive's promise: answers cold reads, about rows that have left the table, from the log.
import type { ColdRead } from '../core/archive.js';

export interface Archive {
  /** Answers as of the commit `upTo`, which is folded already. Rejects when the log is away. */
  find<Told>(read: ColdRead<Told>, upTo: number): Promise<Told>;
}
