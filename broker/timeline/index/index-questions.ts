// What the index can be asked, and what it answers: plain data between the broker and its worker.
import type { ColdRead } from '../../core/archive.js';
import type { NoIndex } from '../../core/timeline-reads.js';

type WithoutTold<Read> = Read extends unknown ? Omit<Read, 'told'> : never;

/** A cold read, as of the commit `asOf`. */
export type IndexQuestion = WithoutTold<ColdRead<unknown>> & { asOf: number };

/** What was found, for the read to make its answer of; or that the log itself must be read. */
export type IndexAnswer = { found: unknown } | NoIndex;
