// A part of the timeline: an observer of the log with a fold of its own beside the broker.
import type { Fold } from '../core/fold.js';
import type { FoldedCommit } from '../core/words.js';

/**
 * Whoever follows the log beside the broker, in its worker. What a part throws ends its own life
 * alone, until the worker starts anew: it has missed a commit, and hears of no later one.
 */
export interface TimelinePart {
  /** Names it in questions and in warnings. */
  readonly name: string;
  /**
   * The last sequence that it holds durably: it is told of every commit after that. Absent when
   * any commit will do to begin with.
   */
  cursor?(): number;
  /** Before the first commit; `fold` stands where the following begins. */
  begin?(fold: Fold): void | Promise<void>;
  /** The fold stands at the cursor, which is later than where the following began. */
  passed?(fold: Fold): void;
  /** A commit was folded; the fold is as that commit left it. */
  folded?(commit: FoldedCommit, fold: Fold): void;
  /**
   * Some commits were folded, and none is until this resolves: the time for what is done in
   * batches. `isAtHead` when nothing more is known to come.
   */
  rested?(fold: Fold, isAtHead: boolean): void | Promise<void>;
  /** Answers a question of the broker's with plain data; the signal ends what nobody waits for. */
  answer?(question: never, signal: AbortSignal, fold: Fold): unknown;
  /** The last call. */
  close?(): void | Promise<void>;
}

/** Where a follower stands, as plain data. */
export interface TimelineStatus {
  /** The last commit folded; 0 before the first. */
  sequence: number;
  /** The last commit known to be there. */
  head: number;
  /** Those that failed, with their reason. */
  failed: Readonly<Record<string, string>>;
}

/** A question for one part; `upTo` is the commit that must be folded before it is answered. */
export interface TimelineQuestion {
  part: string;
  question: unknown;
  upTo?: number | undefined;
}

/** The part that knows the past. */
export const PAST = 'past';

/** Nobody answers just now: the worker is not there, or its part has failed. Try again later. */
export class TimelineAway extends Error {}
