// A ring buffer of the newest commits, kept once for all readers, bounded in bytes.
import { limits } from '../../../schemas/limits.js';
import { recordsOf } from '../../core/commits/record.js';
import { origin, type Point } from '../../core/cursor.js';
import type { FoldedCommit } from '../../core/words.js';
import type { RingRecord } from './event-filter.js';

/** A commit as its bytes: records are many times their size, and made anew for each reader. */
export class StoredCommit implements Point {
  readonly sequence: number;
  readonly digest: Uint8Array;
  readonly time: number;
  readonly bytes: Uint8Array;
  readonly #voids: ReadonlyMap<number, string> | undefined;

  constructor({ sequence, digest, time, bytes, records }: FoldedCommit) {
    this.sequence = sequence;
    this.digest = digest;
    this.time = time;
    this.bytes = bytes;
    this.#voids = voidsOf(records);
  }

  get records(): readonly RingRecord[] {
    return recordsOf(this.sequence, this.bytes, at => this.#voids?.get(at));
  }
}

function voidsOf(records: FoldedCommit['records']): ReadonlyMap<number, string> | undefined {
  let voids: Map<number, string> | undefined;
  for (const record of records) {
    if (record.void === undefined) continue;
    voids ??= new Map();
    voids.set(record.position, record.void);
  }
  return voids;
}

export interface Ring {
  /** The end of the newest commit that is no longer here. */
  base(): Point;
  last(): Point;
  /** Adds the commit after `last` and drops the oldest ones over the bound. */
  push(commit: FoldedCommit): void;
  /** Undefined when the commit has left the ring. */
  digestAt(sequence: number): Uint8Array | undefined;
  /** Undefined when the commit is not here. */
  at(sequence: number): StoredCommit | undefined;
  /** The commits after `after` up to `to`: at least one if any, else as many as fit `bytes`. */
  read(after: number, to: number, bytes: number): StoredCommit[];
  /** How many commits are here. */
  count(): number;
}

/**
 * Empty, beginning at the point given; `bytes` is what it may hold in memory.
 * https://en.wikipedia.org/wiki/Circular_buffer
 */
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
      const stored = new StoredCommit(commit);
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
    at: sequence => commits.get(sequence),
    read(after, to, budget) {
      const found: StoredCommit[] = [];
      let left = budget;
      for (let sequence = after + 1; sequence <= to; sequence++) {
        const commit = commits.get(sequence);
        if (commit === undefined || (found.length > 0 && commit.bytes.length > left)) break;
        found.push(commit);
        left -= commit.bytes.length;
      }
      return found;
    },
  };
}

/** What a commit holds in memory: its bytes and a few objects around them. */
function cost(commit: StoredCommit): number {
  return commit.bytes.length + limits.ring_commit_bytes;
}
