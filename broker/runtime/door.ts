// What the gateway may ask of the broker: the whole of it, so that each can be read alone.
import type { Change } from '../../schemas/change.js';
import type { SignalEvent } from '../../schemas/event.js';
import type { CommandName, MethodName, Parsed } from '../../schemas/method.js';
import type { Refusal } from '../../schemas/refusal.js';
import type { Table } from '../core/rows/table.js';
import type { ClockSkew } from '../system/mesh-time.js';

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
  void?: string;
  /** A number its command's answer needs (a delivery, a count, a generation). */
  detail: number;
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

export interface Health {
  ready: boolean;
  checks: Record<string, { ok: boolean; detail: string }>;
}

/** What became of what GitHub said. */
export type Noted = 'noted' | 'repeated' | 'unavailable';

export interface Door {
  readonly table: Table;
  info(): BrokerInfo;
  health(): Health;
  /** By how much this broker's clock, its store's and log time disagree. */
  skew(): ClockSkew;
  /** Mesh time in ms UTC: log time moved on by the monotonic clock. It never goes back. */
  now(): number;
  /**
   * Proposes the command's event. `done` is called exactly once, when the event is durable and
   * folded, or refused. `decided` is called once before that, as soon as a later command of the
   * same connection may follow without overtaking this one.
   */
  command(command: Command, decided: () => void, done: (answer: Answer) => void): void;
  /** Answers a reading method from the table, or from the log where rows have left the table. */
  read(method: MethodName, params: unknown, author: Author): Answer | Promise<Answer>;
  /** Resolves once everything stored before the call is folded. Rejects when the log is away. */
  caughtUp(): Promise<void>;
  /** A connection speaks for the peer from now on, or no longer; presence follows. */
  attach(peer: string): void;
  detach(peer: string): void;
  listen(listener: (commit: FoldedCommit) => void): () => void;
  /** Old commits in order, from `sequence` to the newest folded one, with verdicts and digests. */
  replay(sequence: number): AsyncIterable<FoldedCommit>;
  /** The sequence of the last commit whose log time is before `time`. */
  sequenceAt(time: number): Promise<number>;
}
