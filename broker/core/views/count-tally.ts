// The tally of counts (incremental view maintenance): goes on from what changed, not from all rows.
import type { CountRow } from '../../../schemas/view.js';
import type { Table } from '../rows/table.js';
import { TimerQueue } from '../rows/timer-queue.js';
import {
  type CountedNoun,
  type Counts,
  countedRow,
  countedRows,
  countKey,
  countStanding,
} from './counts.js';
import type { RecentChanges } from './recent-changes.js';

/** The rows of one noun, circle and state, by when they began. */
interface Bucket extends Pick<CountRow, 'noun' | 'circle' | 'state'> {
  rows: TimerQueue;
}

/**
 * Of asks, jobs and schedules it holds which row counts where, so that a change costs what it
 * changes. Peers and inboxes are few, and change by time alone: these are counted each time.
 */
export class CountTally {
  readonly #buckets = new Map<string, Bucket>();
  readonly #of = new Map<string, Bucket>();
  /** The one that was counted in last: most rows follow one like them. */
  #last: Bucket | undefined;
  /** The commit it is true for; none yet. */
  #at = -1;

  /** The counts at the newest commit, as `countAll` counts them. */
  counts(table: Table, recent: RecentChanges): Counts {
    if (this.#at < recent.base) this.#begin(table);
    else recent.since(this.#at, (touch, key) => this.#move(table, touch, key));
    this.#at = recent.last;
    const counts = countStanding(table);
    for (const [key, { rows, ...kind }] of this.#buckets) {
      counts.set(key, { ...kind, n: rows.size, oldest_at: rows.next()! });
    }
    return counts;
  }

  #begin(table: Table): void {
    this.#buckets.clear();
    this.#last = undefined;
    this.#of.clear();
    for (const [noun, key] of countedRows(table)) this.#move(table, noun, key);
  }

  #move(table: Table, noun: string, key: string): void {
    if (!isCounted(noun)) return;
    const row = countedRow(table, noun, key);
    const before = this.#of.get(key);
    if (row === undefined) {
      this.#of.delete(key);
      this.#leave(before, key);
      return;
    }
    const bucket = this.#bucketOf(noun, row);
    if (before !== bucket) this.#leave(before, key);
    bucket.rows.set(key, row.at);
    this.#of.set(key, bucket);
  }

  #bucketOf(noun: CountedNoun, { circle, state }: Pick<Bucket, 'circle' | 'state'>): Bucket {
    const last = this.#last;
    if (last?.noun === noun && last.circle === circle && last.state === state) return last;
    const key = countKey({ noun, circle, state });
    const bucket = this.#buckets.get(key) ?? { noun, circle, state, rows: new TimerQueue() };
    this.#buckets.set(key, bucket);
    this.#last = bucket;
    return bucket;
  }

  #leave(bucket: Bucket | undefined, key: string): void {
    if (bucket === undefined) return;
    bucket.rows.delete(key);
    if (bucket.rows.size > 0) return;
    this.#buckets.delete(countKey(bucket));
    this.#last = undefined;
  }
}

function isCounted(noun: string): noun is CountedNoun {
  return noun === 'asks' || noun === 'jobs' || noun === 'schedules';
}
