// The recent changes (a change log in memory): which rows each of the newest commits has touched.
import { limits } from '../../../schemas/limits.js';
import type { Change, ViewName } from '../change.js';
import type { Point } from '../cursor.js';
import type { Table } from '../rows/table.js';
import type { FoldedCommit } from '../words.js';
import { type Parties, Tails } from './tails.js';

/** `named`: a peer that joined or was renamed: its name may be another wherever it stands. */
export type Touch = ViewName | 'named';

const checkBytes = 6;

interface Capacity {
  changes: number;
  commits: number;
}

/**
 * Keys alone, of as many changes and commits as fit; rows are looked up in the table. It is kept
 * whether or not anybody watches, so that a reader that comes from another broker is told what it
 * missed. https://en.wikipedia.org/wiki/Circular_buffer
 */
export class RecentChanges {
  readonly #capacity: Capacity;
  #tails: Tails;
  readonly #table: Table;
  readonly #views: Touch[] = [];
  readonly #keys: string[] = [];
  readonly #sequences: number[] = [];
  readonly #gone = new Map<number, Parties>();
  /** Of each commit, by its sequence: log time, and how its digest begins. */
  readonly #times: Float64Array;
  readonly #checks: Uint8Array;
  /** How many changes there ever were. */
  #count = 0;
  /** All after it is known here. */
  #base: number;
  #last: number;

  /** Begins at the commit that the fold stands at, and anew where `note` was not told of one. */
  constructor(
    { table, sequence, digest }: Point & { table: Table },
    capacity: Partial<Capacity> = {},
  ) {
    const changes = capacity.changes ?? limits.view_changes_items;
    this.#capacity = { changes, commits: capacity.commits ?? limits.view_commits_items };
    this.#table = table;
    this.#tails = new Tails(table);
    this.#times = new Float64Array(this.#capacity.commits);
    this.#checks = new Uint8Array(this.#capacity.commits * checkBytes);
    this.#base = sequence;
    this.#last = sequence;
    this.#keep(sequence, table.time, digest);
  }

  /** The oldest commit from whose end on every change is known. */
  get base(): number {
    return this.#base;
  }

  get last(): number {
    return this.#last;
  }

  /** The commit that the table has just taken. */
  note({ sequence, time, digest, changes, records }: FoldedCommit): void {
    if (sequence !== this.#last + 1) {
      this.#begin(sequence, time, digest);
      return;
    }
    this.#last = sequence;
    this.#keep(sequence, time, digest);
    for (const change of changes) this.#noteChange(change);
    for (const record of records) {
      for (const change of record.changes) this.#noteChange(change);
      const isNamed = record.type === 'peer.joined' || record.type === 'peer.renamed';
      const peer = isNamed ? record.changes.find(({ view }) => view === 'peers') : undefined;
      if (peer !== undefined) this.#push('named', peer.key);
    }
    this.#tails.letGo((view, key, parties) => {
      this.#gone.set(this.#push(view, key), parties);
    });
    this.#base = Math.max(this.#base, sequence - this.#capacity.commits + 1);
  }

  /** Log time at the end of a commit that is known here, in ms UTC. */
  timeAt(sequence: number): number {
    return this.#times[sequence % this.#capacity.commits] ?? 0;
  }

  /** The beginning of the digest at the end of a commit; undefined when it is not known here. */
  checkAt(sequence: number): Uint8Array | undefined {
    const isKnown = sequence >= this.#base && sequence <= this.#last;
    if (!isKnown) return undefined;
    const at = (sequence % this.#capacity.commits) * checkBytes;
    return this.#checks.subarray(at, at + checkBytes);
  }

  /** Every change after a commit that is known here, the newest first; `gone` if it has left. */
  since(sequence: number, told: (touch: Touch, key: string, gone?: Parties) => void): void {
    const oldest = Math.max(0, this.#count - this.#capacity.changes);
    for (let n = this.#count - 1; n >= oldest; n--) {
      const at = n % this.#capacity.changes;
      if (this.#sequences[at]! <= sequence) return;
      told(this.#views[at]!, this.#keys[at]!, this.#gone.get(at));
    }
  }

  /** After commits that passed untold: all that is known is where this one ended. */
  #begin(sequence: number, time: number, digest: Uint8Array): void {
    this.#tails = new Tails(this.#table);
    this.#gone.clear();
    this.#base = sequence;
    this.#last = sequence;
    this.#keep(sequence, time, digest);
  }

  #noteChange(change: Change): void {
    this.#push(change.view, change.key);
    this.#tails.note(change);
  }

  #push(touch: Touch, key: string): number {
    const at = this.#count % this.#capacity.changes;
    if (this.#count >= this.#capacity.changes) {
      // What is written over here is known no longer, nor what its commit did before it.
      this.#base = Math.max(this.#base, this.#sequences[at]!);
      this.#gone.delete(at);
    }
    this.#views[at] = touch;
    this.#keys[at] = key;
    this.#sequences[at] = this.#last;
    this.#count++;
    return at;
  }

  #keep(sequence: number, time: number, digest: Uint8Array): void {
    const at = sequence % this.#capacity.commits;
    this.#times[at] = time;
    this.#checks.set(digest.subarray(0, checkBytes), at * checkBytes);
  }
}
