// The rows of checkpoints: what brokers last signed of the history, and the digests to hold it to.
import { limits } from '../../../schemas/limits.js';

/** What one key signed of the history. */
export interface CheckpointRow {
  sequence: number;
  /** The rolling digest there, hex. */
  digest: string;
  /** How many events the log held up to there. */
  events?: number | undefined;
  /** The hash of the state there with its version; absent when its broker had none at hand. */
  state?: string | undefined;
  /** The Ed25519 key that signed it, and its signature, both hex. */
  key: string;
  signature: string;
  /** The boot of the broker that said it. */
  by: string;
  /** Where it stands in the log, and its log time in ms UTC. */
  position: number;
  time: number;
}

/** A commit at which every follower of the log takes the hash of its state. */
export interface StatePoint {
  sequence: number;
  /** The rolling digest there, hex. */
  digest: string;
}

interface Kept {
  rows: CheckpointRow[];
  claims: CheckpointRow[];
  recent: StatePoint[];
  points: StatePoint[];
  markedAt: number;
}

/**
 * The newest checkpoint of each key, and the digests that one may be about: of the newest commits,
 * and of the newest state points. All of it follows from the log, so all brokers agree on it.
 */
export class CheckpointRows {
  /** By key, the one that said something last at the end; `limits.checkpoint_keys_rows` at most. */
  readonly rows = new Map<string, CheckpointRow>();
  /** Those that tell a state, in the order they were said; a key tells one of a point. */
  readonly claims: CheckpointRow[] = [];
  /** Oldest first. */
  readonly points: StatePoint[] = [];
  readonly #recent: (Uint8Array | undefined)[] = new Array(limits.checkpoint_recent_commits);
  #newest = 0;
  /** The log time of the newest commit that could have been a state point. */
  #markedAt = 0;

  /** Notes the end of a commit; it is a state point when ten minutes began since the last mark. */
  note(sequence: number, time: number, digest: Uint8Array): void {
    this.#newest = sequence;
    this.#recent[sequence % limits.checkpoint_recent_commits] = digest;
    if (sequence % limits.mark_every_commits !== 0) return;
    const isPoint = spanOf(time) !== spanOf(this.#markedAt);
    this.#markedAt = time;
    if (!isPoint) return;
    this.points.push({ sequence, digest: hexOf(digest) });
    if (this.points.length > limits.checkpoint_points_rows) this.points.shift();
  }

  /** True when every follower takes the hash of its state at this commit, the newest one. */
  isPoint(sequence: number): boolean {
    return this.points.at(-1)?.sequence === sequence;
  }

  /** The rolling digest after a commit, hex; undefined where it is not remembered. */
  digestAt(sequence: number): string | undefined {
    if (sequence > this.#newest - limits.checkpoint_recent_commits && sequence <= this.#newest) {
      const digest = this.#recent[sequence % limits.checkpoint_recent_commits];
      return digest === undefined ? undefined : hexOf(digest);
    }
    return this.points.find(point => point.sequence === sequence)?.digest;
  }

  /** What a key claimed of the state at a commit. */
  claimOf(key: string, sequence: number): CheckpointRow | undefined {
    return this.claims.find(claim => claim.key === key && claim.sequence === sequence);
  }

  put(row: CheckpointRow): void {
    if (row.state !== undefined) this.claims.push(row);
    if (this.claims.length > limits.checkpoint_keys_rows) this.claims.shift();
    // A broker that takes part in a dispute speaks of an older commit than it has signed since.
    if ((this.rows.get(row.key)?.sequence ?? 0) > row.sequence) return;
    this.rows.delete(row.key);
    this.rows.set(row.key, row);
    if (this.rows.size <= limits.checkpoint_keys_rows) return;
    for (const oldest of this.rows.keys()) return void this.rows.delete(oldest);
  }

  /** The one that reaches furthest, of equal ones the last said; undefined before the first. */
  newest(): CheckpointRow | undefined {
    let newest: CheckpointRow | undefined;
    for (const row of this.rows.values()) {
      if (newest === undefined || row.sequence >= newest.sequence) newest = row;
    }
    return newest;
  }

  toSnapshot(): Kept {
    const recent: StatePoint[] = [];
    for (let back = limits.checkpoint_recent_commits - 1; back >= 0; back--) {
      const digest = this.digestAt(this.#newest - back);
      if (digest !== undefined) recent.push({ sequence: this.#newest - back, digest });
    }
    const rows = [...this.rows.values()];
    const { claims, points } = this;
    return { rows, claims: [...claims], recent, points: [...points], markedAt: this.#markedAt };
  }

  static fromSnapshot({ rows, claims, recent, points, markedAt }: Kept): CheckpointRows {
    const kept = new CheckpointRows();
    for (const row of rows) kept.rows.set(row.key, row);
    kept.claims.push(...claims);
    kept.points.push(...points);
    kept.#markedAt = markedAt;
    for (const { sequence, digest } of recent) {
      kept.#newest = sequence;
      kept.#recent[sequence % limits.checkpoint_recent_commits] = Buffer.from(digest, 'hex');
    }
    return kept;
  }
}

function spanOf(time: number): number {
  return Math.floor(time / limits.checkpoint_every_ms);
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('hex');
}
