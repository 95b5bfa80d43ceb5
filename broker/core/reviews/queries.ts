// Query of the review queue: what a peer was asked to look at, and what GitHub may know better.
import { compact } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import type { Parsed } from '../../../schemas/method.js';
import { isRefusal, refuse } from '../../../schemas/refusal.js';
import type { ReviewRow } from '../../../schemas/review.js';
import type { PeerState } from '../rows/peers.js';
import { type ReviewMark, type ReviewState, visibleReviews } from '../rows/reviews.js';
import { covers, type Rights, rights } from '../rows/rights.js';
import { resolvePeer } from '../shared/address.js';
import { withNames } from '../shared/names.js';
import {
  paged,
  type Queries,
  type QueryContext,
  type Reading,
  type Viewer,
} from '../shared/query-context.js';
import { myAction, rankOf } from './my-action.js';

/** A row as one peer sees it. */
interface Seen {
  row: ReviewState;
  mark: ReviewMark | undefined;
  action: ReviewRow['my_action'];
}

/** Where a page goes on. Nothing else is like it: one event changes one row of a circle. */
interface Place {
  rank: number;
  position: number;
  circle: string;
}

/**
 * The queue of the peer that speaks, or of `peer`. A bare token that names none sees everybody's:
 * all that was touched or requested, with the newest review by anybody. `invalid`, `peer_unknown`,
 * `peer_ambiguous`, `circle_forbidden`.
 */
function reviewQueue(
  context: QueryContext,
  params: Parsed<'review.queue'>,
): Reading<'review.queue'> {
  const viewer = viewerOf(context, params);
  if (isRefusal(viewer)) return viewer;
  const after = params.after === undefined ? undefined : readPlace(params.after);
  if (params.after !== undefined && after === undefined) {
    return refuse('invalid', 'after must be the `next` of the page before.');
  }
  const rowsNow = () => {
    const seen = queueOf(context, viewer);
    return after === undefined ? seen : seen.filter(one => compare(placeOf(one), after) > 0);
  };
  const answer = () =>
    paged(
      rowsNow(),
      params.max,
      one => nameOf(placeOf(one)),
      one => withNames(context, shown(one, viewer)),
    );
  const urls = outdated(rowsNow().slice(0, params.max), context.now);
  return urls.length === 0 ? answer() : { learn: urls, told: answer };
}

function viewerOf(context: QueryContext, { peer, circle }: Parsed<'review.queue'>) {
  const { table, author } = context;
  if (peer === undefined) return table.peers.rows.get(author.peer ?? '');
  return resolvePeer(context, peer, circle);
}

function queueOf(context: QueryContext, viewer: PeerState | undefined): Seen[] {
  const theirs = rightsOf(context, viewer, context.now);
  const seen: Seen[] = [];
  for (const row of context.table.reviews.all()) {
    const one = seenBy(context, viewer, theirs, row);
    if (one !== undefined) seen.push(one);
  }
  return seen.sort((a, b) => compare(placeOf(a), placeOf(b)));
}

/** Whose queue it is sees no further than their own token reaches. */
function rightsOf({ table, author, held }: Viewer, of: PeerState | undefined, now: number): Rights {
  const isOther = of !== undefined && of.peer !== author.peer;
  return isOther ? (rights(table, of.token, now) ?? NOTHING) : held;
}

const NOTHING: Rights = { token: '', circles: [], roles: [], verbs: [] };

function seenBy(
  { table, held }: Viewer,
  of: PeerState | undefined,
  theirs: Rights,
  row: ReviewState,
): Seen | undefined {
  if (!covers(held, row.circle) || !covers(theirs, row.circle) || !isShown(row, of)) {
    return undefined;
  }
  const mark = newestMark(visibleReviews(table.reviews, held, row.pr_url), of?.peer);
  return { row, mark, action: myAction(row, mark) };
}

/**
 * A pull request as it stands in the queue of a peer at a time in ms UTC; without a peer, in
 * everybody's. Undefined when it is not in there, or not to be seen.
 */
export function reviewRow(
  viewer: Viewer,
  of: PeerState | undefined,
  row: ReviewState,
  now: number,
): ReviewRow | undefined {
  const seen = seenBy(viewer, of, rightsOf(viewer, of, now), row);
  return seen && withNames(viewer, shown(seen, of));
}

function isShown(row: ReviewState, viewer: PeerState | undefined): boolean {
  if (viewer === undefined) return row.touched_by.length > 0 || row.requests.length > 0;
  const { peer, role } = viewer;
  const isMine = row.requests.some(({ of }) => of === peer) || row.marks.some(m => m.peer === peer);
  const isWide = role === 'orchestrator' || role === 'human';
  return isMine || (isWide && row.touched_by.some(toucher => toucher !== peer));
}

/** A review is of the pull request, in whichever circle it was noted; without a peer, anybody's. */
function newestMark(rows: readonly ReviewState[], peer: string | undefined) {
  let newest: ReviewMark | undefined;
  for (const { marks } of rows) {
    for (const mark of marks) {
      const isIt = peer === undefined || mark.peer === peer;
      if (isIt && mark.position > (newest?.position ?? 0)) newest = mark;
    }
  }
  return newest;
}

function placeOf({ row, action }: Seen): Place {
  return { rank: rankOf(action), position: row.position, circle: row.circle };
}

/** What wants something first, then the newest. */
function compare(a: Place, b: Place): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.position !== b.position) return b.position - a.position;
  return a.circle < b.circle ? -1 : a.circle > b.circle ? 1 : 0;
}

function nameOf({ rank, position, circle }: Place): string {
  return `${rank}.${position}.${circle}`;
}

function readPlace(text: string): Place | undefined {
  const [, rank, position, circle] = /^(\d)\.(\d{1,16})\.(.+)$/.exec(text) ?? [];
  if (circle === undefined) return undefined;
  return { rank: Number(rank), position: Number(position), circle };
}

/** What GitHub should be asked about: never answered and answered longest ago by turns. */
function outdated(seen: readonly Seen[], now: number): string[] {
  const never: string[] = [];
  const long: ReviewState[] = [];
  for (const { row } of seen) {
    if (row.observed_at === undefined) never.push(row.pr_url);
    // What is merged stays so.
    else if (row.state !== 'merged' && now - row.observed_at >= limits.github_fresh_ms) {
      long.push(row);
    }
  }
  long.sort((a, b) => (a.observed_at ?? 0) - (b.observed_at ?? 0));
  const urls = new Set<string>();
  for (let i = 0; i < Math.max(never.length, long.length); i++) {
    for (const url of [never[i], long[i]?.pr_url]) if (url !== undefined) urls.add(url);
  }
  return [...urls];
}

function shown({ row, mark, action }: Seen, viewer: PeerState | undefined): ReviewRow {
  const asked = row.requests.filter(({ of }) => viewer === undefined || of === viewer.peer);
  const askers = new Set(asked.flatMap(({ by }) => by));
  return compact({
    pr_url: row.pr_url,
    circle: row.circle,
    title: row.title,
    last_reviewed_sha: mark?.sha,
    last_reviewed_at: mark?.at,
    current_head_sha: row.head_sha,
    state: row.state,
    my_action: action,
    touched_by: [...row.touched_by],
    requested_by: askers.size > 0 ? [...askers] : undefined,
    observed_at: row.observed_at,
    position: row.position,
  });
}

export const reviewQueries = {
  'review.queue': reviewQueue,
} satisfies Queries;
