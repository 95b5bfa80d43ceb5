// Renames of repositories: one row stays one row, and every address of before finds it.

import type { EventOf } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Change } from '../change.js';
import { isUnder } from '../rows/repo-names.js';
import {
  draftOf,
  keyOf,
  type ReviewMark,
  type ReviewRequest,
  type ReviewState,
} from '../rows/reviews.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection } from '../shared/view.js';

type Observed = EventOf<'review.observed'>;
type Moved = Fact<'review.moved'>;

/** Where what is said of an address belongs, and what that says of names. */
interface Place {
  url: string;
  /** True when it says something of a name that was not known. */
  isNews: boolean;
  /** The name that is another by now. */
  move?: { from: string; to: string };
  /** The name that belongs to another repository by now. */
  own?: string;
}

/**
 * GitHub's id of a repository outlives its names. `gone`: told of a repository whose name another
 * has by now, and whose own name is not known.
 */
export function placeOf({ reviews }: Table, event: Observed, at: number): Place | 'gone' {
  const { names } = reviews;
  const { pr_url, repo } = event;
  const address = repoOf(pr_url);
  const now = names.current(pr_url);
  if (repo === undefined || address === undefined) {
    const facts = reviews.facts.get(now);
    // Without an id only this tells: what is there already is not opened a second time.
    const isAnother = event.action === 'opened' && facts !== undefined && at > facts.updated_at;
    if (now === pr_url || !isAnother) return { url: now, isNews: false };
    return { url: pr_url, isNews: true, own: address ?? pr_url };
  }
  const rest = pr_url.slice(address.length);
  const known = names.known(idOf(pr_url, repo));
  if (known === undefined) {
    const there = names.current(address);
    const holder = names.idOf(there);
    if (holder === undefined || there === address) {
      const isLate = holder !== undefined && at <= (names.known(holder)?.at ?? 0);
      return isLate ? 'gone' : { url: there + rest, isNews: false };
    }
    return { url: pr_url, isNews: true, own: address };
  }
  if (known.address === address) return { url: pr_url, isNews: false };
  // A name of before is told by what comes late; only GitHub's own time says that it is back.
  const isFormer = names.current(address) === known.address;
  const isLate = isFormer ? known.at === 0 || at <= known.at : at < known.at;
  if (isLate) return { url: known.address + rest, isNews: false };
  return { url: pr_url, isNews: true, move: { from: known.address, to: address } };
}

/**
 * Takes over what an observation says of names: rows that lie under a name of before move, and each
 * is told as a deletion and a new row.
 */
export function place(
  table: Table,
  { pr_url, repo }: Observed,
  at: number,
  { url, move, own }: Place,
  changes: Change[],
): void {
  const { names } = table.reviews;
  if (move !== undefined) rename(table, move.from, move.to, at, changes);
  if (own !== undefined) names.own(own, at);
  const address = repoOf(url);
  if (repo === undefined || address === undefined) return;
  const id = idOf(pr_url, repo);
  const known = names.known(id);
  const isSame = known?.address === address;
  if (!isSame || at > known.at) names.learn(id, address, isSame ? Math.max(at, known.at) : at);
}

/**
 * `malformed`, also for a repository within itself; `duplicate`, a delivery that took effect
 * before; or `stale` when every address leads there already.
 */
export function movedObjection(table: Table, { event }: Moved): Objection {
  const { from, to, delivery, moved_at = 0, repo = '' } = event;
  const { reviews } = table;
  const isEndless = from !== to && isUnder(to, from);
  const isShort = (delivery ?? '').length <= limits.webhook_delivery_chars && repo.length <= 64;
  const isMoment = Number.isSafeInteger(moved_at) && moved_at >= 0;
  if (!isAddress(from) || !isAddress(to) || isEndless || !isShort || !isMoment) return 'malformed';
  if (delivery !== undefined && reviews.deliveries.has(delivery)) return 'duplicate';
  const { names } = reviews;
  const isOwn = names.current(to) === to;
  const isKnown = from === to || (names.current(from) === to && reviews.under(from).length === 0);
  return isKnown && isOwn ? 'stale' : undefined;
}

/**
 * Moves what lies under the old address. Deliveries come at least once and in any order, so a move
 * that a later one has overtaken only adds one more former name.
 */
export function applyMoved(table: Table, { event }: Moved, changes: Change[]): void {
  const { from, to, delivery, moved_at = 0, repo } = event;
  const { names } = table.reviews;
  if (delivery !== undefined) table.reviews.remember(delivery);
  const id = repo === undefined ? undefined : idOf(to, repo);
  const known = id === undefined ? undefined : names.known(id);
  if (from === to) names.own(to, moved_at);
  else if (isOvertaken(table, event, known?.address)) {
    // It has moved on since: this is only one more of its former names.
    const at = names.movedAt(to)?.at ?? moved_at;
    rename(table, from, names.current(to), at, changes);
    return;
  } else rename(table, from, to, moved_at, changes);
  if (id !== undefined) names.learn(id, to, Math.max(moved_at, known?.at ?? 0));
}

/** True when the new name was given up already: the later of two moves was told first. */
function isOvertaken({ reviews }: Table, { from, to, moved_at }: Moved['event'], known?: string) {
  const later = reviews.names.movedAt(to);
  if (later === undefined || later.to === to) return false;
  if (known !== undefined) return known !== from && reviews.names.current(to) === known;
  return moved_at !== undefined && later.at > moved_at;
}

/** Moves all rows and facts; where both names had a row there is one that knows what both did. */
function rename(table: Table, from: string, to: string, at: number, changes: Change[]): void {
  const { reviews } = table;
  for (const url of reviews.under(from)) {
    const target = to + url.slice(from.length);
    reviews.facts.rename(url, target);
    for (const row of reviews.of(target).map(draftOf)) {
      if (!settleState(table, row)) continue;
      reviews.put(row);
      changes.push({ view: 'reviews', key: keyOf(row), row });
    }
    for (const row of reviews.of(url)) {
      reviews.take(row);
      changes.push({ view: 'reviews', key: keyOf(row), row: null });
      const there = reviews.get(row.circle, target);
      const former = [...(row.former ?? []), url].slice(-limits.review_former_items);
      const moved = there === undefined ? row : merged(row, there);
      const one: ReviewState = { ...moved, pr_url: target, former };
      settleState(table, one);
      const dropped = reviews.put(one);
      changes.push({ view: 'reviews', key: keyOf(one), row: one });
      if (dropped) changes.push({ view: 'reviews', key: keyOf(dropped), row: null });
    }
  }
  reviews.names.move(from, to, at);
}

/** GitHub's word is the same for all rows of a pull request; false when it has said nothing. */
function settleState({ reviews }: Table, row: ReviewState): boolean {
  const facts = reviews.facts.get(row.pr_url);
  if (facts === undefined) return false;
  row.state = facts.state;
  row.state_position = facts.state_position;
  row.observed_at = facts.observed_at;
  row.head_sha ??= facts.head_sha;
  row.title ??= facts.title;
  return true;
}

/** The newer row's title and head, and everybody who touched, asked for or gave a review. */
function merged(before: ReviewState, after: ReviewState): ReviewState {
  const isNewer = after.position > before.position;
  const [older, newer] = isNewer ? [before, after] : [after, before];
  const touched = [...new Set([...before.touched_by, ...after.touched_by])];
  return {
    ...newer,
    title: newer.title ?? older.title,
    head_sha: newer.head_sha ?? older.head_sha,
    pushed_position: Math.max(older.pushed_position, newer.pushed_position),
    touched_by: touched.slice(-limits.review_peers_items),
    requests: allRequests(before.requests, after.requests),
    marks: newestMarks([...older.marks, ...newer.marks]),
  };
}

function allRequests(before: ReviewRequest[], after: ReviewRequest[]): ReviewRequest[] {
  const all = new Map<string, Set<string>>();
  for (const { of, by } of [...before, ...after]) {
    all.set(of, new Set([...(all.get(of) ?? []), ...by]));
  }
  const list = [...all].map(([of, by]) => ({ of, by: [...by] }));
  return list.slice(-limits.review_peers_items);
}

function newestMarks(marks: ReviewMark[]): ReviewMark[] {
  const newest = new Map<string, ReviewMark>();
  for (const mark of marks.sort((a, b) => a.position - b.position)) {
    newest.delete(mark.peer);
    newest.set(mark.peer, mark);
  }
  return [...newest.values()].slice(-limits.review_peers_items);
}

/** The address of the repository, of a pull request that lies as on GitHub. */
function repoOf(pr_url: string): string | undefined {
  return /^(https?:\/\/[^/]+\/[^/]+\/[^/]+)\/pull\/\d+$/.exec(pr_url)?.[1];
}

/** Servers count each for themselves. */
function idOf(url: string, repo: string): string {
  return `${url.split('/')[2]} ${repo}`;
}

function isAddress(text: string): boolean {
  return text.length <= limits.pr_url_chars && /^https?:\/\/[^/]+\/./.test(text);
}
