// A broker in a few lines for the gateway's tests: it answers as it is told and remembers all.
import { createHash } from 'node:crypto';
import type { KeptPeer } from '../../broker/core/rows/peers.js';
import { emptyTable, type Table } from '../../broker/core/rows/table.js';
import type { TokenState } from '../../broker/core/rows/tokens.js';
import { RecentChanges } from '../../broker/core/views/recent-changes.js';
import type { Answer, Author, Command, FoldedCommit } from '../../broker/core/words.js';
import type { Door } from '../../broker/runtime/door.js';
import type { MethodName } from '../../schemas/method.js';

export interface Asked {
  command: Command;
  decided: () => void;
  done: (answer: Answer) => void;
}

export class FakeDoor implements Door {
  /** Nobody audits here. */
  readonly audit = undefined as never;
  readonly table: Table = emptyTable();
  readonly recent = new RecentChanges({
    table: this.table,
    sequence: 7,
    digest: new Uint8Array(32),
  });
  readonly asked: Asked[] = [];
  readonly reads: { method: MethodName; params: unknown; author: Author }[] = [];
  readonly attached: string[] = [];
  readonly detached: string[] = [];
  /** Added to the clock, so that a test can let time pass. */
  ahead_ms = 0;
  caughtUps = 0;
  ready = true;
  private readonly listeners = new Set<(commit: FoldedCommit) => void>();

  /** What becomes of a command; by default it is applied at once. */
  onCommand = (asked: Asked): void => {
    asked.decided();
    asked.done({ result: { position: 4096 * this.asked.length, verdict: 'applied' } });
  };
  onRead = (method: MethodName): Answer | Promise<Answer> => ({ result: { method } });
  onCaughtUp = async (): Promise<void> => {};

  readonly fencing = new AbortController();
  readonly fenced: AbortSignal = this.fencing.signal;

  info() {
    const digest = new Uint8Array(32);
    const names = { mesh: 'test', log: 'log_test', gateway: 'gateway_test' };
    return { ...names, durability: 'fsync', version: '0.0.0', sequence: 7, digest };
  }

  health() {
    return { ready: this.ready, checks: { log: { ok: this.ready, detail: 'as told' } } };
  }

  figures() {
    const commits = { total: 0, events: 0, per_s: 0, events_per_s: 0 };
    return { commits, store: {} };
  }

  skew() {
    return { store_ms: 0, log_ms: 0 };
  }

  now(): number {
    return Date.now() + this.ahead_ms;
  }

  elapsed(): number {
    return this.now();
  }

  command(command: Command, decided: () => void, done: (answer: Answer) => void): void {
    const asked = { command, decided, done };
    this.asked.push(asked);
    this.onCommand(asked);
  }

  read(method: MethodName, params: unknown, author: Author): Answer | Promise<Answer> {
    this.reads.push({ method, params, author });
    return this.onRead(method);
  }

  caughtUp(): Promise<void> {
    this.caughtUps++;
    return this.onCaughtUp();
  }

  attach(peer: string): void {
    this.attached.push(peer);
  }

  detach(peer: string): void {
    this.detached.push(peer);
  }

  listen(listener: (commit: FoldedCommit) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async *replay(): AsyncIterable<FoldedCommit> {}

  async sequenceAt(): Promise<number> {
    return 0;
  }

  /** Lets every listener hear of an event of this type. */
  tell(type: string): void {
    const record = {
      position: 4096,
      type,
      circles: ['*'],
      bytes: new Uint8Array(),
      changes: [],
    };
    const bytes = new Uint8Array();
    const commit = { sequence: 8, time: this.now(), digest: new Uint8Array(32), bytes };
    for (const listener of this.listeners) listener({ ...commit, records: [record], changes: [] });
  }

  addToken(secret: string, more: Partial<TokenState> = {}): string {
    const token = `token_${sha256(secret).slice(0, 12)}`;
    const rights = { circles: ['*'], roles: ['agent' as const], verbs: ['speak' as const] };
    const row = {
      token,
      name: 'a',
      created_at: 0,
      secret_hash: sha256(secret),
      ...rights,
      ...more,
    };
    this.table.tokens.add(row);
    return token;
  }

  addPeer(peer: string, secret: string, token: string, more: Partial<KeptPeer> = {}): void {
    const words = { name: peer.slice(5), circle: 'default', role: 'agent' as const };
    const row = { peer, ...words, secret_hash: sha256(secret), token, boots: [], last_seen: 0 };
    this.table.peers.add({ ...row, ...more });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
