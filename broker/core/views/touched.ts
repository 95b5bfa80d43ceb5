// What was touched (dirty keys): the rows of a view that may read otherwise than they did before.
import { limits } from '../../../schemas/limits.js';
import type { LiveView } from '../../../schemas/view.js';
import type { AskRow } from '../rows/asks.js';
import { speaksUnconnected } from '../rows/presence.js';
import type { ReviewState } from '../rows/reviews.js';
import type { Table } from '../rows/table.js';
import { dayOf } from '../rows/usage.js';
import { usageKeys } from '../usage/queries.js';
import type { RecentChanges, Touch } from './recent-changes.js';
import type { Parties } from './tails.js';
import { peerOf, queueKey, SEEN_STEP, seenAt } from './views.js';

/** Keys, each with who might have seen it when the table has let go of its row; or every one. */
export type Touched = ReadonlyMap<string, Parties | undefined> | 'all';

/** A span of the log: from the end of one commit to the newest. */
export interface ChangeSpan {
  table: Table;
  recent: RecentChanges;
  since: number;
}

/**
 * Of a view every key whose row, told to anybody, may differ from what it was at the end of the
 * commit `since`: what changed itself, what bears the name of a peer that changed, and what only
 * log time changed. `queues` are whose reviews are looked at.
 */
export function touchedIn(span: ChangeSpan, view: LiveView, queues?: readonly string[]): Touched {
  const { recent, since } = span;
  if (since === recent.last) return new Map();
  switch (view) {
    case 'peers':
      return touchedPeers(span);
    case 'usage':
      return touchedUsage(span);
    case 'reviews':
      return touchedReviews(span, queues);
    case 'counts':
    case 'gateways':
      return 'all';
    case 'inbox':
    case 'asks':
    case 'jobs':
    case 'schedules':
    case 'tokens': {
      const { keys, named } = keysIn(span, view);
      if (named.size > 0) mention(rowsOf(span.table, view), named, key => keys.set(key, undefined));
      return keys;
    }
  }
}

interface Keys {
  keys: Map<string, Parties | undefined>;
  named: Set<string>;
}

function keysIn({ recent, since }: ChangeSpan, view: Touch): Keys {
  const keys = new Map<string, Parties | undefined>();
  const named = new Set<string>();
  recent.since(since, (touch, key, gone) => {
    if (touch === 'named') named.add(key);
    // The newest stands: a row that has left may have come back before.
    else if (touch === view && !keys.has(key)) keys.set(key, gone);
  });
  return { keys, named };
}

/** How a peer reads follows from its row, its inbox, when it was heard of, and the time. */
function touchedPeers({ table, recent, since }: ChangeSpan): Touched {
  const keys = new Map<string, undefined>();
  recent.since(since, (touch, key) => {
    if (touch === 'peers') keys.set(key, undefined);
    else if (touch === 'inbox') keys.set(peerOf(key), undefined);
  });
  const { peers, time } = table;
  const before = recent.timeAt(since);
  const isNextStep = Math.floor(before / SEEN_STEP) !== Math.floor(time / SEEN_STEP);
  const hasPassed = (at: number | undefined) => at !== undefined && before < at && at <= time;
  for (const row of peers.live()) {
    const seen = seenAt(table, row);
    const isTouched =
      seen >= before ||
      (peers.actedAt(row) ?? 0) >= before ||
      (isNextStep && row.boots.length > 0) ||
      hasPassed(row.description_until) ||
      (hasPassed(seen + limits.post_presence_ms) && speaksUnconnected(row, seen));
    if (isTouched) keys.set(row.peer, undefined);
  }
  return keys;
}

/** Budgets are of a day, which begins anew by itself. */
function touchedUsage(span: ChangeSpan): Touched {
  const { table, recent, since } = span;
  const { keys, named } = keysIn(span, 'usage');
  const isNewDay = dayOf(recent.timeAt(since)) !== dayOf(table.time);
  if (!isNewDay && named.size === 0) return keys;
  for (const key of usageKeys(table)) {
    const isBudget = key.startsWith('budget/');
    const peer = isBudget ? key.slice(key.lastIndexOf('/') + 1) : peerOf(key);
    if (named.has(peer) || (isBudget && isNewDay)) keys.set(key, undefined);
  }
  return keys;
}

/** A review counts in every circle that the pull request is known in. */
function touchedReviews(span: ChangeSpan, queues: readonly string[] | undefined): Touched {
  if (queues !== undefined && isReaderTouched(span, queues)) return 'all';
  const { table } = span;
  const { keys, named } = keysIn(span, 'reviews');
  const touched = new Map<string, undefined>();
  const add = (row: { circle: string; pr_url: string }) => {
    if (queues === undefined) touched.set(`${row.circle}/${row.pr_url}`, undefined);
    else for (const peer of queues) touched.set(queueKey(peer, row), undefined);
  };
  for (const key of keys.keys()) {
    const circle = peerOf(key);
    const pr_url = key.slice(circle.length + 1);
    add({ circle, pr_url });
    for (const row of table.reviews.of(pr_url)) add(row);
  }
  if (named.size > 0) for (const row of table.reviews.all()) if (isIn(row, named)) add(row);
  return touched;
}

/** Whose queue it is decides by its role, and by a token that may have ended. */
function isReaderTouched({ table, recent, since }: ChangeSpan, queues: readonly string[]): boolean {
  let isTouched = false;
  recent.since(since, (touch, key) => {
    isTouched ||= touch === 'tokens' || (touch === 'peers' && queues.includes(key));
  });
  const before = recent.timeAt(since);
  return (
    isTouched ||
    queues.some(peer => {
      const end = table.tokens.rows.get(table.peers.rows.get(peer)?.token ?? '')?.expires_at;
      return end !== undefined && before < end && end <= table.time;
    })
  );
}

type NamingView = 'inbox' | 'asks' | 'jobs' | 'schedules' | 'tokens';

/** The rows that bear names of peers as these are now; an item keeps the name it came with. */
function* rowsOf(table: Table, view: NamingView): Iterable<[string, object]> {
  const { asks, jobs, schedules, tokens } = table;
  switch (view) {
    case 'inbox':
      return;
    case 'asks':
      yield* asks.open;
      yield* asks.closed;
      return;
    case 'jobs':
      yield* jobs.open;
      yield* jobs.ended;
      return;
    case 'schedules':
      for (const { row } of schedules.live.values()) yield [row.schedule, row];
      for (const { row } of schedules.ended.values()) yield [row.schedule, row];
      return;
    case 'tokens':
      yield* tokens.rows;
  }
}

function mention(
  rows: Iterable<[string, object]>,
  peers: ReadonlySet<string>,
  found: (key: string) => void,
): void {
  for (const [key, row] of rows) if (isIn(row, peers)) found(key);
}

/** True when a peer of these stands in the row, or in the reply that it has. */
function isIn(row: object, peers: ReadonlySet<string>): boolean {
  const { reply } = row as Partial<AskRow>;
  const { requests = [] } = row as Partial<ReviewState>;
  const has = (value: unknown) => typeof value === 'string' && peers.has(value);
  return (
    Object.values(row).some(value => has(value) || (Array.isArray(value) && value.some(has))) ||
    has(reply?.by) ||
    requests.some(({ by }) => by.some(has))
  );
}
