// The messages between the broker and the worker of its timeline, and what the worker is given.
import type { StoreAccess } from '../log/connection.js';
import type { TimelineQuestion, TimelineStatus } from './part.js';
import type { SavedSnapshot } from './snapshots/snapshot-writer.js';

/** What a worker is started with. */
export interface TimelineSetup {
  store: StoreAccess;
  dataDir: string;
}

/** The same with the gate of whoever may end the worker. */
export type WorkerSetup = TimelineSetup & { gate: SharedArrayBuffer };

export type ToWorker =
  | { say: 'note'; sequence: number; digest: Uint8Array }
  | { say: 'ask'; id: number; asked: TimelineQuestion }
  | { say: 'cancel'; id: number }
  | { say: 'close' };

export type FromWorker =
  | { say: 'stands'; status: TimelineStatus }
  | { say: 'saved'; snapshot: SavedSnapshot }
  | { say: 'warning'; line: string }
  | { say: 'told'; id: number; answer: unknown }
  /** `isAway` when asking again later may help. */
  | { say: 'failed'; id: number; message: string; isAway: boolean };
