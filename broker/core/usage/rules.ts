// The rules of usage and budgets: what turns used, added up, and what stands against using more.

import { compact } from '../../../schemas/codec.js';
import type { EventOf } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { UsageRow } from '../../../schemas/usage.js';
import type { Change } from '../change.js';
import type { Table } from '../rows/table.js';
import {
  type Budget,
  budgetKey,
  budgetRow,
  type Dropped,
  dateOf,
  dayOf,
  isSpent,
  type PeerUse,
  startOf,
} from '../rows/usage.js';
import { shown, type Tally, tokensOf, toMicros, toUsd, type Use } from '../rows/usage-tally.js';
import type { Objection, View } from '../shared/view.js';

export const usageView = {
  check: {
    'usage.budgeted': (table, { event }) =>
      boundObjection(event) ?? peerObjection(table, event) ?? crowdObjection(table, event),
  },
  apply: {
    'peer.turned': (table, { event, time }, changes) => {
      const use = useOf(event.usage);
      const peer = table.peers.rows.get(event.by);
      if (use === undefined || peer === undefined) return;
      const isRetired = (one: string) => table.peers.rows.get(one)?.retired !== undefined;
      for (const dropped of table.usage.turnTo(dayOf(time), isRetired)) {
        changes.push({ view: 'usage', key: keyOf(dropped), row: null });
      }
      const row = table.usage.add(peer.peer, peer.circle, use, time);
      tell(row, peer.name, dayOf(time), changes);
      for (const budget of budgetsOn(table, peer.peer)) tellBudget(table, budget, time, changes);
    },
    'usage.budgeted': (table, { event, time }, changes) => {
      const { peer, circle, tokens_per_day, cost_usd_per_day } = event;
      const cost_micros_per_day = cost_usd_per_day && toMicros(cost_usd_per_day);
      const budget: Budget = { peer, circle, tokens_per_day, cost_micros_per_day };
      if (isFree(event)) table.usage.budgets.delete(budgetKey(budget));
      else table.usage.budgets.set(budgetKey(budget), budget);
      tellBudget(table, budget, time, changes);
    },
    'peer.killed': (table, { event, time }, changes) => {
      const budget = { peer: event.peer, circle: event.circle };
      if (table.usage.budgets.delete(budgetKey(budget))) tellBudget(table, budget, time, changes);
    },
  },
} satisfies View;

/**
 * What stands against a peer beginning something that costs, at a time in ms UTC: `budget_spent`
 * when its own use or its circle's has reached a bound today.
 */
export function budgetObjection(table: Table, peer: string, time: number): Objection {
  const { budgets } = table.usage;
  if (budgets.size === 0) return undefined;
  for (const budget of budgetsOn(table, peer)) {
    const used = table.usage.usedToday(budget, time);
    if (isSpent(budget, used)) return spent(table, budget, used, time);
  }
  return undefined;
}

/** The budgets that what a peer uses counts against: its own and its circle's. */
function budgetsOn(table: Table, peer: string): Budget[] {
  const circle = table.peers.rows.get(peer)?.circle ?? '';
  const keys = [budgetKey({ peer, circle }), budgetKey({ circle })];
  return keys.flatMap(key => table.usage.budgets.get(key) ?? []);
}

function spent(table: Table, budget: Budget, used: Tally, time: number): Refusal {
  const { peer, circle, tokens_per_day, cost_micros_per_day } = budget;
  const tokens = tokensOf(used);
  const cost_usd = toUsd(used.cost_micros);
  const cost_usd_per_day = cost_micros_per_day && toUsd(cost_micros_per_day);
  const parts: string[] = [];
  if (tokens_per_day !== undefined) parts.push(`${tokens} of ${tokens_per_day} tokens`);
  if (cost_usd_per_day !== undefined) parts.push(`$${cost_usd} of $${cost_usd_per_day}`);
  const name = table.peers.rows.get(peer ?? '')?.name ?? peer;
  const whose = peer === undefined ? `circle "${circle}"` : `"${name}"`;
  const resets_at = startOf(dayOf(time) + 1);
  const message =
    `Today’s budget of ${whose} is used up (${parts.join(', ')}). It begins anew at ` +
    `${dateOf(dayOf(resets_at))} 00:00 UTC; wait until then, or ask an operator to raise it.`;
  return refuse('budget_spent', message, {
    budget: compact({ peer, circle, tokens_per_day, cost_usd_per_day }),
    used: { tokens, cost_usd },
    resets_at,
    retry_after_s: Math.ceil((resets_at - time) / 1_000),
  });
}

function boundObjection({ tokens_per_day, cost_usd_per_day }: Budgeted): Objection {
  const isBound = (value: number | undefined, max: number) =>
    value === undefined || (value >= 0 && value <= max);
  return isBound(tokens_per_day, Number.MAX_SAFE_INTEGER) &&
    isBound(cost_usd_per_day, limits.budget_usd)
    ? undefined
    : refuse('invalid', `A bound is 0 or more, in dollars ${limits.budget_usd} at most.`);
}

function peerObjection(table: Table, { peer, circle }: Budgeted): Objection {
  if (peer === undefined) return undefined;
  const row = table.peers.rows.get(peer);
  if (row === undefined || row.circle !== circle) {
    return refuse('peer_unknown', `There is no ${peer} in circle "${circle}"; see peer.list.`);
  }
  // Who has merely left may come back, and must not come back without its budget.
  return row.retired === 'killed'
    ? refuse('peer_retired', `${row.name} was retired for good; it needs no budget.`)
    : undefined;
}

function crowdObjection({ usage }: Table, event: Budgeted): Objection {
  const isMore = !isFree(event) && !usage.budgets.has(budgetKey(event));
  return isMore && usage.budgets.size >= limits.budgets_rows
    ? refuse('too_large', 'There are too many budgets; remove some, or set one on a circle.')
    : undefined;
}

type Budgeted = EventOf<'usage.budgeted'>;

function isFree({ tokens_per_day, cost_usd_per_day }: Budgeted): boolean {
  return tokens_per_day === undefined && cost_usd_per_day === undefined;
}

/** What a turn says it used; nothing of it is trusted, and what is no usage counts for nothing. */
function useOf(usage: Record<string, unknown> | undefined): Use | undefined {
  if (usage === undefined) return undefined;
  const { model, input_tokens, output_tokens, cost_usd = 0, rate_limited } = usage;
  const isGood =
    typeof model === 'string' &&
    model.length <= limits.label_chars &&
    isWhole(input_tokens) &&
    isWhole(output_tokens) &&
    isUpTo(cost_usd, limits.usage_turn_usd);
  if (!isGood) return undefined;
  const cost_micros = toMicros(cost_usd);
  return { model, input_tokens, output_tokens, cost_micros, was_limited: rate_limited === true };
}

function isWhole(value: unknown): value is number {
  return isUpTo(value, limits.usage_turn_tokens) && Number.isInteger(value);
}

function isUpTo(value: unknown, max: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= max;
}

function tell({ peer, circle, total, days }: PeerUse, name: string, day: number, out: Change[]) {
  const whole: UsageRow = { peer, name, circle, ...shown(total) };
  out.push({ view: 'usage', key: peer, row: whole });
  const today = days.get(day);
  if (today === undefined) return;
  const row: UsageRow = { peer, name, circle, day: dateOf(day), ...shown(today) };
  out.push({ view: 'usage', key: keyOf({ peer, day }), row });
}

function keyOf({ peer, day }: Dropped): string {
  return day === undefined ? peer : `${peer}/${dateOf(day)}`;
}

function tellBudget({ usage }: Table, budget: Budget, time: number, changes: Change[]): void {
  const key = budgetKey(budget);
  const row = usage.budgets.has(key) ? budgetRow(usage, budget, time) : null;
  changes.push({ view: 'usage', key: `budget/${key}`, row });
}
