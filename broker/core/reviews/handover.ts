// Review duties that are taken over: what a peer was asked to look at, and had looked at.
import type { Change } from '../change.js';
import { draftOf, keyOf, type ReviewState } from '../rows/reviews.js';
import type { Table } from '../rows/table.js';
import type { Fact } from '../shared/view.js';

/**
 * The successor is asked, and asks, in place of the former peer. It owes no review that the former
 * gave: that one counts as its own unless it has a newer one.
 */
export function handReviews(
  { reviews }: Table,
  { event: { of, to }, position }: Fact<'orchestrator.handed_over'>,
  changes: Change[],
): void {
  for (const known of [...reviews.all()]) {
    if (!isConcerned(known, of)) continue;
    const row = draftOf(known);
    row.position = position;
    row.requests = requestsOf(row, of, to);
    handMark(row, of, to);
    reviews.put(row);
    changes.push({ view: 'reviews', key: keyOf(row), row });
  }
}

/** True for a pull request whose review a peer owes, asked for, or gave. */
export function isConcerned({ requests, marks }: ReviewState, peer: string): boolean {
  return (
    requests.some(({ of, by }) => of === peer || by.includes(peer)) ||
    marks.some(mark => mark.peer === peer)
  );
}

/** Nobody is asked twice, and nobody asks the same twice. */
function requestsOf({ requests }: ReviewState, of: string, to: string): ReviewState['requests'] {
  const heir = (peer: string) => (peer === of ? to : peer);
  const asked = new Map<string, Set<string>>();
  for (const request of requests) {
    const by = asked.get(heir(request.of)) ?? new Set();
    asked.set(heir(request.of), by);
    for (const peer of request.by) by.add(heir(peer));
  }
  return [...asked].map(([peer, by]) => ({ of: peer, by: [...by] }));
}

function handMark(row: ReviewState, of: string, to: string): void {
  const given = row.marks.find(({ peer }) => peer === of);
  const own = row.marks.find(({ peer }) => peer === to);
  if (given === undefined || (own !== undefined && own.position >= given.position)) return;
  row.marks = row.marks.filter(mark => mark !== own && mark !== given);
  row.marks.push({ ...given, peer: to });
}
