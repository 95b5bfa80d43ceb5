// The append-only log, as a promise: append a commit, follow from a sequence, know the head.
import type { Delivery } from '../core/words.js';

/** What the keeper says early about an append; only the commit's return on the tail settles it. */
export type AppendResult =
  | { outcome: 'stored'; sequence: number; duplicate: boolean }
  /** The keeper surely did not store it (store full, not allowed): tell the callers. */
  | { outcome: 'refused'; reason: string }
  /**
   * Sent and not answered in time (`silent`), nobody there to take it, as while a cluster elects
   * a leader (`absent`), or the store's own word that it fails (`failing`): a write may be half
   * done. Append the same bytes under the same id again until it settles.
   */
  | { outcome: 'unknown'; reason: string; cause?: Trouble };

/** What a store that takes nothing may suffer from. */
export type Trouble = 'failing' | 'silent' | 'absent';

export interface Follower {
  stop(): void;
}

export interface FollowHandlers {
  /** Called in sequence order, synchronously, never twice for one sequence. */
  onCommit(delivery: Delivery): void;
  /** The history broke (a hole, a step back, a foreign stream): nothing more is delivered. */
  onBroken(reason: string): void;
}

export interface Log {
  /** Appends one commit. `id` makes a retry of the same bytes harmless within the dedup window. */
  append(id: string, bytes: Uint8Array): Promise<AppendResult>;
  /** Delivers every commit with `sequence >= from`, past and future. Survives reconnects. */
  follow(from: number, handlers: FollowHandlers): Follower;
  /** Reads a past range at the reader's own pace; ends after the last stored commit. */
  read(from: number, to?: number): AsyncIterable<Delivery>;
  /**
   * The sequence of the newest stored commit; 0 when empty. Throws when out of reach, and when the
   * store cannot vouch that there is no newer one.
   */
  head(): Promise<number>;
  /** `performance.now()` of the last sign of life from the store (a commit or a heartbeat). */
  heardAt(): number;
  close(): Promise<void>;
}
