// The ring: the newest commits, kept once for all readers, bounded in bytes.
import { limits } from '../../schemas/limits.js';
import { origin, type Point } from '../cursor.js';
import type { FoldedCommit } from '../door.js';
import type { StoredRecord } from './sieve.js';

export interface StoredCommit extends Point {
  time: number;
  size: number;
  records: readonly StoredRecord[];
}

export interface Ring {
  /** The end of the newest commit that is no longer here. */
  base(): Point;
  last(): Point;
  /** Adds the commit after `last` and drops the oldest ones over the bound. */
  push(commit: FoldedCommit): void;
  /** Undefined when the commit has left the ring. */
  digestAt(sequence: number): Uint8Array | undefined;
  /** The commits after `after` up to `to`: at least one if any, else as many as fit `bytes`. */
  read(after: number, to: number, bytes: number): StoredCommit[];
  /** How many commits are here. */
  count(): number;
}

/** A ring that begins, empty, at the point given. */
export function createRing(start: Point, bytes: number): Ring {
  const commits = new Map<number, StoredCommit>();
  let base = start;
  let last = start;
  let used = 0;

  const drop = (commit: StoredCommit) => {
    commits.delete(commit.sequence);
    used -= cost(commit);
    base = { sequence: commit.sequence, digest: commit.digest };
  };

  return {
    base: () => base,
    last: () => last,
    count: () => commits.size,
    push(commit) {
      if (commit.sequence !== last.sequence + 1) {
        throw new Error(`commit ${commit.sequence} came after ${last.sequence}`);
      }
      const stored = storedCopy(commit);
      commits.set(stored.sequence, stored);
      last = stored;
      used += cost(stored);
      for (const oldest of commits.values()) {
        if (used <= bytes) break;
        drop(oldest);
      }
    },
    digestAt(sequence) {
      if (sequence === origin.sequence) return origin.digest;
      return sequence === base.sequence ? base.digest : commits.get(sequence)?.digest;
    },
    read(after, to, budget) {
      const found: StoredCommit[] = [];
      let left = budget;
      for (let sequence = after + 1; sequence <= to; sequence++) {
        const commit = commits.get(sequence);
        if (commit === undefined || (found.length > 0 && commit.size > left)) break;
        found.push(commit);
        left -= commit.size;
      }
      return found;
    },
  };
}

/** What a commit holds in memory: its bytes and the objects that point into them. */
function cost(commit: StoredCommit): number {
  return commit.size + limits.ring_record_bytes * (1 + commit.records.length);
}

/** Decoded events and changes are left behind: they are many times the size of their bytes. */
function storedCopy(commit: FoldedCommit): StoredCommit {
  const { sequence, digest, time, size } = commit;
  const records = commit.records.map(record => ({
    position: record.position,
    type: record.type,
    circles: record.circles,
    bytes: record.bytes,
    void: record.void,
  }));
  return { sequence, digest, time, size, records };
}
