// The rows of the reviews: one for each pull request in each circle, and what GitHub said of it.
import { limits } from '../../../schemas/limits.js';
import { PullFactRows, type PullFacts, type PullFactsSnapshot } from './pull-facts.js';
import { isUnder, RepoNames, type RepoNamesSnapshot } from './repo-names.js';
import { covers, type Rights } from './rights.js';

/** Who was asked to review, and by whom. */
export interface ReviewRequest {
  of: string;
  by: string[];
}

/** The newest review of one peer. */
export interface ReviewMark {
  peer: string;
  /** Undefined: nobody knew the head then, so whatever head is known now was told later. */
  sha?: string | undefined;
  /** Log time in ms UTC. */
  at: number;
  position: number;
}

/** Never changed in place: each change makes a new row, so a row that was handed out stands. */
export interface ReviewState {
  circle: string;
  pr_url: string;
  title?: string | undefined;
  state: PullFacts['state'] | 'unknown';
  /** Since which position the state is so; 0 while it is unknown. */
  state_position: number;
  /** The newest head that a touch or GitHub named. */
  head_sha?: string | undefined;
  /** The newest position that proves a push: a touch with a head, or a head that has moved. */
  pushed_position: number;
  /** Until when GitHub's word holds, in ms UTC of log time; undefined when it said nothing. */
  observed_at?: number | undefined;
  /** Peers in the order of their first touch. */
  touched_by: string[];
  /** Addresses it had before: what waits in an inbox may bear one of them. */
  former?: string[] | undefined;
  requests: ReviewRequest[];
  marks: ReviewMark[];
  /** Of the newest event that changed the row. */
  position: number;
}

export interface ReviewsSnapshot {
  rows: ReviewState[];
  facts: PullFactsSnapshot;
  deliveries: string[];
  names: RepoNamesSnapshot;
}

/**
 * At most `limits.reviews_rows` rows in all circles; room is made by the ended one that changed
 * longest ago, then by an open one. Rows are copied on write (`draftOf`).
 */
export class ReviewRows {
  readonly facts = new PullFactRows();
  readonly names = new RepoNames();
  /** Ids of webhook deliveries that took effect; oldest first. */
  readonly deliveries = new Set<string>();
  /** By `circle/pr_url`, the one that changed longest ago first. */
  readonly #open = new Map<string, ReviewState>();
  readonly #ended = new Map<string, ReviewState>();
  readonly #byUrl = new Map<string, Map<string, ReviewState>>();

  get(circle: string, pr_url: string): ReviewState | undefined {
    return this.#byUrl.get(pr_url)?.get(circle);
  }

  /** The rows of one pull request, whatever their circle. */
  of(pr_url: string): ReviewState[] {
    return [...(this.#byUrl.get(pr_url)?.values() ?? [])];
  }

  *all(): Iterable<ReviewState> {
    yield* this.#open.values();
    yield* this.#ended.values();
  }

  get size(): number {
    return this.#open.size + this.#ended.size;
  }

  /** Notes a row that is new or has changed; the row that had to make room for it, if any. */
  put(row: ReviewState): ReviewState | undefined {
    const key = keyOf(row);
    this.#open.delete(key);
    this.#ended.delete(key);
    (isEnded(row.state) ? this.#ended : this.#open).set(key, row);
    const circles = this.#byUrl.get(row.pr_url) ?? new Map<string, ReviewState>();
    this.#byUrl.set(row.pr_url, circles);
    // In the order of the last change here too, or a restored table would go through it otherwise.
    circles.delete(row.circle);
    circles.set(row.circle, row);
    this.facts.hold(row.pr_url);
    return this.size > limits.reviews_rows ? this.#dropOldest() : undefined;
  }

  remember(delivery: string): void {
    this.deliveries.add(delivery);
    if (this.deliveries.size <= limits.deliveries_ids) return;
    const [oldest = ''] = this.deliveries;
    this.deliveries.delete(oldest);
  }

  /** What ended goes first; what falls off is no longer in any queue. */
  #dropOldest(): ReviewState | undefined {
    const [oldest] = (this.#ended.size > 0 ? this.#ended : this.#open).values();
    if (oldest === undefined) return undefined;
    this.take(oldest);
    if (!this.#byUrl.has(oldest.pr_url)) this.facts.release(oldest.pr_url);
    return oldest;
  }

  /** Takes a row out; what GitHub said of it stays. */
  take(row: ReviewState): void {
    const key = keyOf(row);
    this.#open.delete(key);
    this.#ended.delete(key);
    const circles = this.#byUrl.get(row.pr_url);
    circles?.delete(row.circle);
    if (circles?.size === 0) this.#byUrl.delete(row.pr_url);
  }

  /** Every pull request below an address that anything is known of, the same on every broker. */
  under(address: string): string[] {
    const rows = [...this.#byUrl.keys()].filter(url => isUnder(url, address));
    return [...new Set([...rows, ...this.facts.under(address)])].sort();
  }

  toSnapshot(): ReviewsSnapshot {
    return {
      rows: [...this.all()],
      facts: this.facts.toSnapshot(),
      deliveries: [...this.deliveries],
      names: this.names.toSnapshot(),
    };
  }

  static fromSnapshot({ rows, facts, deliveries, names }: ReviewsSnapshot): ReviewRows {
    const reviews = new ReviewRows();
    reviews.facts.restore(facts);
    for (const row of rows) reviews.put(row);
    for (const delivery of deliveries) reviews.deliveries.add(delivery);
    reviews.names.restore(names);
    return reviews;
  }
}

/**
 * A copy of a row and of its lists, to be changed and put in its place.
 * https://en.wikipedia.org/wiki/Copy-on-write
 */
export function draftOf(row: ReviewState): ReviewState {
  const requests = row.requests.map(({ of, by }) => ({ of, by: [...by] }));
  return { ...row, touched_by: [...row.touched_by], requests, marks: [...row.marks] };
}

/**
 * The key of a row in what is handed out as changes: unique, as no name of a circle holds a slash.
 */
export function keyOf({ circle, pr_url }: { circle: string; pr_url: string }): string {
  return `${circle}/${pr_url}`;
}

/** True for merged and closed; not for `unknown`, of which nobody has said that it ended. */
export function isEnded(state: ReviewState['state']): boolean {
  return state === 'merged' || state === 'closed';
}

/** True when one is the other, or the beginning of it as people abbreviate commits. */
export function isSameSha(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** The rows of a pull request that the rights reach: the one of `home` first, then by circle. */
export function visibleReviews(
  reviews: ReviewRows,
  held: Rights,
  pr_url: string,
  home?: string,
): ReviewState[] {
  const place = (row: ReviewState) => `${row.circle === home ? 0 : 1}${row.circle}`;
  const visible = reviews.of(pr_url).filter(row => covers(held, row.circle));
  return visible.sort((a, b) => (place(a) < place(b) ? -1 : 1));
}
