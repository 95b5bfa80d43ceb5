// What GitHub says of a pull request as it was judged below level 3: old logs stay the same.
import { limits } from '../../../schemas/limits.js';
import { draftOf, isEnded, isSameSha, type ReviewState } from '../rows/reviews.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection } from '../shared/view.js';
import { nameHead } from './facts.js';

type Observed = Fact<'review.observed'>;

/** `stale`: older than what is known, or nothing new. */
export function earlyObjection(table: Table, { event, time }: Observed): Objection {
  const known = table.reviews.facts.get(event.pr_url);
  if (known === undefined) return undefined;
  const at = updatedAt(event, time);
  if (at < known.updated_at) return 'stale';
  // What GitHub says of one second may come in any order; an end is seldom undone within it.
  if (at === known.updated_at && isEnded(known.state) && event.state === 'open') return 'stale';
  const age = observedAt(event, time) - known.observed_at;
  const isNews = differs(event, known) || age >= limits.review_renew_ms;
  return isNews || (at > known.updated_at && corrects(table, event)) ? undefined : 'stale';
}

/** Takes the facts over; the rows that are different now. */
export function observeEarly({ reviews }: Table, fact: Observed): ReviewState[] {
  const { event, position, time } = fact;
  const { pr_url, state, head_sha, title, delivery } = event;
  const known = reviews.facts.get(pr_url);
  if (delivery !== undefined) reviews.remember(delivery);
  reviews.facts.put({
    pr_url,
    state,
    head_sha: head_sha ?? known?.head_sha,
    title: title ?? known?.title,
    observed_at: observedAt(event, time),
    updated_at: updatedAt(event, time),
    state_position: known?.state === state ? known.state_position : position,
  });
  const rows = reviews.of(pr_url).map(draftOf);
  for (const row of rows) {
    row.observed_at = observedAt(event, time);
    if (row.state !== state) row.state_position = position;
    row.state = state;
    if (title !== undefined) row.title = title;
    if (head_sha !== undefined && nameHead(row, head_sha)) row.pushed_position = position;
  }
  return rows;
}

/**
 * When GitHub was asked or spoke, in ms UTC; log time when that is not said, or said to be later.
 */
export function observedAt({ observed_at }: Observed['event'], time: number): number {
  return Math.min(observed_at ?? time, time);
}

/**
 * When GitHub saw the change, in ms UTC, never after log time: a clock ahead of ours must not make
 * everything stale that is said later.
 */
export function updatedAt({ updated_at, observed_at }: Observed['event'], time: number): number {
  return Math.min(updated_at ?? observed_at ?? time, time);
}

/**
 * True when a state, head or title is told that is not known yet; a field left out tells nothing,
 * and two spellings of one head are equal.
 */
export function differs(
  { state, head_sha, title }: Observed['event'],
  known: { state: string; head_sha?: string | undefined; title?: string | undefined },
): boolean {
  if (state !== known.state || (title !== undefined && title !== known.title)) return true;
  if (head_sha === undefined) return false;
  return known.head_sha === undefined || !isSameSha(head_sha, known.head_sha);
}

/** True when a touch has said otherwise since GitHub was last heard. */
function corrects({ reviews }: Table, event: Observed['event']): boolean {
  return reviews.of(event.pr_url).some(row => differs(event, row));
}
