// Query of usage: what each peer used in all or day by day, the sum of it, and the budgets on it.
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import type { BudgetRow, UsageRow } from '../../../schemas/usage.js';
import type { PeerState } from '../rows/peers.js';
import { covers } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import { type Budget, budgetRow, dateOf, dayOf, type PeerUse } from '../rows/usage.js';
import { emptyTally, merge, shown, type Tally } from '../rows/usage-tally.js';
import { resolvePeer } from '../shared/address.js';
import { paged, type Queries, type QueryContext, type Viewer } from '../shared/query-context.js';

type Params = Parsed<'usage.list'>;

/** One line of the answer, before it is told. */
interface Line {
  /** Lines are in this order, and pages go on after it. */
  key: string;
  use: PeerUse;
  day?: number;
  tally: Tally;
}

/**
 * Usage by peer, or by day and peer with the newest day first, and the sum of all pages. Refuses
 * with `circle_forbidden`, and what stands against the name of a peer.
 */
function listUsage(context: QueryContext, params: Params): Result<'usage.list'> | Refusal {
  const { table, held, now } = context;
  const { circle = '*', after, max } = params;
  if (circle !== '*' && !covers(held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  const peer = onlyPeer(context, params);
  if (isRefusal(peer)) return peer;
  const isMeant = (row: { peer?: string | undefined; circle: string }) =>
    covers(held, row.circle) && (circle === '*' || row.circle === circle);
  const total = emptyTally();
  const lines: Line[] = [];
  for (const use of table.usage.peers.values()) {
    if (!isMeant(use) || (peer !== undefined && use.peer !== peer.peer)) continue;
    for (const line of linesOf(use, params, dayOf(now))) {
      merge(total, line.tally);
      lines.push(line);
    }
  }
  lines.sort((a, b) => (a.key < b.key ? -1 : 1));
  const rest = after === undefined ? lines : lines.filter(({ key }) => key > after);
  const budgets = [...table.usage.budgets.values()]
    .filter(budget => isMeant(budget) && (peer === undefined || isOn(budget, peer)))
    .slice(0, limits.list_items)
    .map(budget => named(table, budgetRow(table.usage, budget, now)));
  const { models: _, ...sum } = shown(total);
  const page = paged(
    rest,
    max,
    ({ key }) => key,
    line => rowOf(line, table.peers.rows.get(line.use.peer)?.name),
  );
  return { ...page, total: sum, budgets };
}

function onlyPeer(context: QueryContext, { peer, circle }: Params) {
  if (peer === undefined) return undefined;
  return resolvePeer(context, peer, circle);
}

/** What a peer adds to the answer; nothing when it used nothing in the days asked for. */
function linesOf(use: PeerUse, { by, days }: Params, today: number): Line[] {
  const from = days === undefined ? Number.NEGATIVE_INFINITY : today - days;
  const asked = [...use.days].filter(([day]) => day > from);
  if (by === 'day') {
    // Counted down, so that the newest day comes first.
    const keyOf = (day: number) => `${LAST_DAY - day}/${use.peer}`;
    return asked.map(([day, tally]) => ({ key: keyOf(day), use, day, tally }));
  }
  if (days === undefined) return [{ key: use.peer, use, tally: use.total }];
  const tally = emptyTally();
  for (const [, part] of asked) merge(tally, part);
  return asked.length === 0 ? [] : [{ key: use.peer, use, tally }];
}

/** So far above any day since 1970 that each difference has six digits, and sorts as text. */
const LAST_DAY = 999_999;

function named({ peers }: Table, row: BudgetRow): BudgetRow {
  const name = peers.rows.get(row.peer ?? '')?.name;
  return name === undefined ? row : { ...row, name };
}

function isOn(budget: Budget, { peer, circle }: PeerState): boolean {
  return budget.peer === undefined ? budget.circle === circle : budget.peer === peer;
}

function rowOf({ use: { peer, circle }, day, tally }: Line, name: string | undefined): UsageRow {
  const row: UsageRow = { peer, circle, ...shown(tally) };
  if (name !== undefined) row.name = name;
  if (day !== undefined) row.day = dateOf(day);
  return row;
}

/** The keys of all that there is to tell: sums of peers, their days, and budgets. */
export function* usageKeys({ usage }: Table): Iterable<string> {
  for (const { peer, days } of usage.peers.values()) {
    yield peer;
    for (const day of days.keys()) yield `${peer}/${dateOf(day)}`;
  }
  for (const key of usage.budgets.keys()) yield `${BUDGET}${key}`;
}

const BUDGET = 'budget/';

/**
 * A sum, a day or a budget under its key, as a list tells it at a time in ms UTC; undefined when
 * there is none that the viewer may see.
 */
export function usageRowAt({ table, held }: Viewer, key: string, now: number) {
  const { usage, peers } = table;
  if (key.startsWith(BUDGET)) {
    const budget = usage.budgets.get(key.slice(BUDGET.length));
    const isSeen = budget !== undefined && covers(held, budget.circle);
    return isSeen ? named(table, budgetRow(usage, budget, now)) : undefined;
  }
  const [peer = '', date] = key.split('/');
  const use = usage.peers.get(peer);
  if (use === undefined || !covers(held, use.circle)) return undefined;
  const day = [...use.days.keys()].find(one => dateOf(one) === date);
  if (date !== undefined && day === undefined) return undefined;
  const tally = day === undefined ? use.total : use.days.get(day);
  const name = peers.rows.get(peer)?.name;
  return tally && rowOf({ key, use, tally, ...(day !== undefined && { day }) }, name);
}

export const usageQueries = {
  'usage.list': listUsage,
} satisfies Queries;
