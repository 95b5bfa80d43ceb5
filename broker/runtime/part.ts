// A part: an observer of the log within the broker, told what becomes of commits and of time.
import type { SignalEvent } from '../../schemas/event.js';
import type { Refusal } from '../../schemas/refusal.js';
import type { Table } from '../core/rows/table.js';
import type { FoldedCommit } from '../core/words.js';

/**
 * Whoever hears commits. `parts.ts` makes them all and puts them in order; the loop calls each for
 * itself, so that what one throws ends its own turn and nobody else's.
 */
export interface Part {
  /** What was in the log at the start is folded: whoever has a word for the log says it now. */
  replayed?(): void;
  /** A commit was folded, in replay too; `own` are its events when this broker made it. */
  folded?(commit: FoldedCommit, own: readonly SignalEvent[] | undefined): void;
  /** The log surely did not take these events of ours: nobody else will settle them. */
  refused?(events: readonly SignalEvent[], reason: string): void;
  /** Once as the broker begins to serve, and every `limits.tick_ms` from then on. */
  tick?(): void;
  /** The last call: the log is followed no longer. */
  close?(): void | Promise<void>;
}

/** What a part may use of the broker around it. */
export interface PartContext {
  table(): Table;
  /** This gateway's boot, which changes when the log has ended it. */
  boot(): string;
  /** A uuid v7 made by mesh time. */
  newId(): string;
  /** True while the log is followed and was heard lately. */
  isServing(): boolean;
  /** Hands the event to the log; a refusal when it is too large or the queue is full. */
  propose(event: SignalEvent): Refusal | undefined;
}
