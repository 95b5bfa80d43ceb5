// The words of the core: who speaks, commands and answers, and commits before and after the fold.

import type { SignalEvent } from '../../schemas/event.js';
import type { CommandName, Parsed } from '../../schemas/method.js';
import type { Refusal } from '../../schemas/refusal.js';
import type { Change } from './change.js';
import type { Receipt } from './rows/receipt.js';

/** Who speaks: a bare token, or a peer with the rights of the token that made it. */
export interface Author {
  token: string;
  peer?: string;
}

export type Answer = { result: Record<string, unknown> } | Refusal;

export interface Command<M extends CommandName = CommandName> {
  method: M;
  params: Parsed<M>;
  author: Author;
  /** True when it came over a socket, so that a join also connects. */
  connected: boolean;
}

/** One commit as the log gives it back, in append and in replay alike. */
export interface Delivery {
  /** 1, 2, 3, … without a hole; orders the log. */
  sequence: number;
  /** The store's own timestamp, in ms UTC. */
  storedAt: number;
  /** Exactly the bytes that were appended. */
  bytes: Uint8Array;
}

/** One event as the fold left it. */
export interface FoldedRecord {
  position: number;
  type: string;
  circles: readonly string[];
  /** Its bytes in the log, which are its bytes on the wire. */
  bytes: Uint8Array;
  /** Absent when the bytes are malformed. */
  event?: SignalEvent | undefined;
  /** Why it took no effect; absent when it did. */
  void?: string | undefined;
  /** What its command's answer needs of the fold (a delivery, a count, a generation). */
  receipt?: Receipt | undefined;
  changes: Change[];
}

/** One commit as the fold left it: live ones go to every listener, old ones come from `replay`. */
export interface FoldedCommit {
  sequence: number;
  /** Log time in ms UTC. */
  time: number;
  /** Rolling SHA-256 up to and with this commit. */
  digest: Uint8Array;
  /** The whole commit as it is in the log. */
  bytes: Uint8Array;
  records: readonly FoldedRecord[];
  /** What the mere passing of log time changed (expired items). */
  changes: readonly Change[];
}

/** One commit as it is read back once it was folded: what changed then is told no more. */
export interface OldCommit extends Pick<FoldedCommit, 'sequence' | 'time' | 'digest' | 'bytes'> {
  readonly records: readonly Omit<FoldedRecord, 'receipt' | 'changes'>[];
}

/** The broker itself, as `mesh.info` and a greeting tell of it. */
export interface BrokerInfo {
  mesh: string;
  /** The log id. */
  log: string;
  gateway: string;
  /** `fsync` or `os`: what is really in force. */
  durability: string;
  version: string;
  /** Log position and digest of the newest folded commit. */
  sequence: number;
  digest: Uint8Array;
}
