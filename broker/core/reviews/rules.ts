// The rules of the reviews: who touched, asked for and gave one, and what GitHub says of each.

import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import type { Change } from '../change.js';
import { draftOf, keyOf, type ReviewState } from '../rows/reviews.js';
import type { Table } from '../rows/table.js';
import { itemOf, put as putItem } from '../shared/items.js';
import { recipientObjection } from '../shared/recipient.js';
import type { Fact, Objection, View } from '../shared/view.js';
import { isPrUrl, isSha, isTitle, nameHead } from './facts.js';
import { forget, forgetObjection, takeItems } from './forgetting.js';
import { handReviews } from './handover.js';
import { observe, observedObjection } from './observed.js';
import { applyMoved, movedObjection } from './repo-moves.js';

export const reviewsView = {
  check: {
    'review.touched': (_, { event: { pr_url, head_sha, title } }) =>
      isPrUrl(pr_url) && isSha(head_sha) && isTitle(title) ? undefined : 'malformed',
    'review.requested': (table, { event }) => {
      if (!isPrUrl(event.pr_url)) return 'malformed';
      const { reviews } = table;
      const row = reviews.get(event.circle, reviews.names.current(event.pr_url));
      return recipientObjection(table, event.of, wordsFor(event.pr_url, row?.title), undefined);
    },
    'review.marked': (table, { event }) => {
      if (!isPrUrl(event.pr_url) || !isSha(event.sha)) return 'malformed';
      return unknownObjection(table, event.circle, event.pr_url);
    },
    'review.observed': observedObjection,
    'review.moved': movedObjection,
    'review.forgotten': forgetObjection,
  },
  apply: {
    'review.touched': (table, fact, changes) => {
      const { event, position } = fact;
      const row = rowFor(table, fact);
      addTo(row.touched_by, event.by, peer => peer === event.by);
      if (event.title !== undefined) row.title = event.title;
      if (event.head_sha !== undefined) {
        nameHead(row, event.head_sha);
        row.pushed_position = position;
      }
      keep(table, row, position, changes);
    },
    'review.requested': (table, fact, changes) => {
      const { by, of } = fact.event;
      const row = rowFor(table, fact);
      const { pr_url } = row;
      const request = addTo(row.requests, { of, by: [] }, known => known.of === of);
      addTo(request.by, by, peer => peer === by);
      keep(table, row, fact.position, changes);
      takeItems(table, of, row, changes);
      // Asked again, the one item there is moves to the end.
      const text = wordsFor(pr_url, row.title);
      putItem(table, of, itemOf(table, fact, 'system', pr_url, text, {}), changes);
    },
    'review.marked': (table, fact, changes) => {
      const { event, position, time } = fact;
      const { by } = event;
      const row = rowFor(table, fact);
      row.marks = row.marks.filter(({ peer }) => peer !== by);
      const sha = event.sha ?? row.head_sha;
      addTo(row.marks, { peer: by, sha, at: time, position }, () => false);
      keep(table, row, position, changes);
      takeItems(table, by, row, changes);
    },
    'review.observed': (table, fact, changes) => {
      for (const row of observe(table, fact, changes)) keep(table, row, fact.position, changes);
    },
    'review.moved': applyMoved,
    'review.forgotten': forget,
    'orchestrator.handed_over': handReviews,
  },
} satisfies View;

function unknownObjection(table: Table, circle: string, pr_url: string): Objection {
  const { reviews } = table;
  const url = reviews.names.current(pr_url);
  const isKnown = reviews.get(circle, url) ?? reviews.facts.get(url);
  if (isKnown !== undefined) return undefined;
  const advice = 'touch it or request its review first.';
  return refuse('review_unknown', `There is no review of ${pr_url} here; ${advice}`);
}

function wordsFor(pr_url: string, title: string | undefined): string {
  return `Please review ${title === undefined ? '' : `${title}: `}${pr_url}`;
}

/** A draft of the row of the event's circle; a new one begins with what GitHub has said so far. */
function rowFor(
  { reviews }: Table,
  { event }: Fact<'review.touched' | 'review.requested' | 'review.marked'>,
): ReviewState {
  const { circle } = event;
  // Somebody may have spoken of it by its old name before it was known that it has another.
  const pr_url = reviews.names.current(event.pr_url);
  const known = reviews.get(circle, pr_url);
  if (known !== undefined) return draftOf(known);
  const facts = reviews.facts.get(pr_url);
  return {
    circle,
    pr_url,
    title: facts?.title,
    state: facts?.state ?? 'unknown',
    state_position: facts?.state_position ?? 0,
    head_sha: facts?.head_sha,
    pushed_position: 0,
    observed_at: facts?.observed_at,
    touched_by: [],
    requests: [],
    marks: [],
    position: 0,
  };
}

/** Finds an entry or appends it; the oldest makes room. */
function addTo<Entry>(list: Entry[], entry: Entry, isIt: (known: Entry) => boolean): Entry {
  const known = list.find(isIt);
  if (known !== undefined) return known;
  list.push(entry);
  if (list.length > limits.review_peers_items) list.shift();
  return entry;
}

function keep(table: Table, row: ReviewState, position: number, changes: Change[]): void {
  row.position = position;
  const dropped = table.reviews.put(row);
  changes.push({ view: 'reviews', key: keyOf(row), row });
  if (dropped !== undefined) changes.push({ view: 'reviews', key: keyOf(dropped), row: null });
}
