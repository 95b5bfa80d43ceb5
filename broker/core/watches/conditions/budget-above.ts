// The condition budget.above: use today has reached so much; each day (UTC) is one cause.
import type { WatchRow } from '../../../../schemas/watch.js';
import type { Table } from '../../rows/table.js';
import { budgetKey, dateOf, dayOf } from '../../rows/usage.js';
import { type Tally, tokensOf, toMicros, toUsd } from '../../rows/usage-tally.js';
import type { Topics } from '../../rows/watches.js';
import { type Condition, nameOf, WHOLE } from './condition.js';

/** Where a budget is raised, what has fallen below by that may reach it again on the same day. */
export const budgetAbove: Condition = {
  isWhole: true,
  topics: ({ peer, in_circle = '' }): Topics =>
    peer === undefined ? [['use_in', in_circle]] : [['use_of', peer]],
  subjects: () => [WHOLE],
  causeOf: ({ table, watch, subject, before, time }) => {
    if (!isReached(table, watch, time)) return undefined;
    const isToday = before !== undefined && dayOf(before.since) === dayOf(time);
    return isToday ? before : { subject, since: time, due_at: time };
  },
  isOver: () => false,
  tell: (table, watch, { since }) => {
    const whose =
      watch.peer === undefined ? `circle ${watch.in_circle}` : nameOf(table, watch.peer);
    const used = usedBy(table, watch, since);
    const much = `${tokensOf(used)} tokens, $${toUsd(used.cost_micros)}`;
    return `${whose} used ${much} on ${dateOf(dayOf(since))} (UTC), ${boundOf(watch)}`;
  },
};

function boundOf({ percent, tokens, cost_usd }: WatchRow): string {
  if (percent !== undefined) return `${percent} % of the budget or more`;
  return tokens === undefined ? `$${cost_usd} or more` : `${tokens} tokens or more`;
}

function isReached(table: Table, watch: WatchRow, time: number): boolean {
  const used = usedBy(table, watch, time);
  const { percent, tokens, cost_usd } = watch;
  if (tokens !== undefined) return tokensOf(used) >= tokens;
  if (cost_usd !== undefined) return used.cost_micros >= toMicros(cost_usd);
  const budget = table.usage.budgets.get(budgetKey(budgetOf(table, watch)));
  if (budget === undefined || percent === undefined) return false;
  const { tokens_per_day, cost_micros_per_day } = budget;
  return (
    isPart(tokensOf(used), tokens_per_day, percent) ||
    isPart(used.cost_micros, cost_micros_per_day, percent)
  );
}

function isPart(used: number, bound: number | undefined, percent: number): boolean {
  return bound !== undefined && used * 100 >= bound * percent;
}

function usedBy(table: Table, watch: WatchRow, time: number): Tally {
  return table.usage.usedToday(budgetOf(table, watch), time);
}

function budgetOf({ peers }: Table, { peer, in_circle }: WatchRow) {
  return { peer, circle: peers.rows.get(peer ?? '')?.circle ?? in_circle ?? '' };
}
