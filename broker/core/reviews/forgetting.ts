// Deletion of a pull request touched by mistake: who may take it out, and what goes with it.

import { refuse } from '../../../schemas/refusal.js';
import type { Change } from '../change.js';
import { keyOf, type ReviewState, visibleReviews } from '../rows/reviews.js';
import { rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import { remove } from '../shared/items.js';
import type { Fact, Objection } from '../shared/view.js';
import { isPrUrl } from './facts.js';

type Forgotten = Fact<'review.forgotten'>;

/** `malformed`, `review_unknown`, or `not_yours` for who neither touched it nor leads. */
export function forgetObjection(table: Table, fact: Forgotten): Objection {
  const { pr_url } = fact.event;
  if (!isPrUrl(pr_url)) return 'malformed';
  const visible = rowsFor(table, fact);
  if (visible.length === 0) {
    return refuse('review_unknown', `There is no review of ${pr_url} you may see.`);
  }
  if (visible.some(row => mayForget(table, fact, row))) return undefined;
  const who = 'who touched it, an orchestrator, a human or the operator';
  return refuse('not_yours', `Only ${who} may forget ${pr_url}; ask one of them.`);
}

/** Its rows leave, of every circle where the author may; what GitHub said of it is kept. */
export function forget(table: Table, fact: Forgotten, changes: Change[]): void {
  const { reviews } = table;
  for (const row of rowsFor(table, fact)) {
    if (!mayForget(table, fact, row)) continue;
    reviews.take(row);
    changes.push({ view: 'reviews', key: keyOf(row), row: null });
    for (const { of } of row.requests) takeItems(table, of, row, changes);
    if (reviews.of(row.pr_url).length === 0) reviews.facts.loosen(row.pr_url);
  }
}

/**
 * Takes the request to review out of an inbox, under whatever address it was made; nothing when it
 * is not there.
 */
export function takeItems(
  table: Table,
  peer: string,
  { pr_url, former = [] }: ReviewState,
  changes: Change[],
): void {
  const box = table.inbox.boxes.get(peer);
  if (box === undefined) return;
  for (const ref of [pr_url, ...former]) remove(table, box, ref, changes);
}

function rowsFor(table: Table, { event, time }: Forgotten): ReviewState[] {
  const held = rights(table, event.token ?? '', time);
  if (held === undefined) return [];
  const url = table.reviews.names.current(event.pr_url);
  return visibleReviews(table.reviews, held, url, event.circle);
}

function mayForget(table: Table, { event, time }: Forgotten, { touched_by }: ReviewState): boolean {
  const peer = table.peers.rows.get(event.by);
  if (peer === undefined) {
    return rights(table, event.token ?? '', time)?.verbs.includes('operate') === true;
  }
  return touched_by.includes(event.by) || peer.role === 'orchestrator' || peer.role === 'human';
}
