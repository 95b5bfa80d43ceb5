// The rows of the usage: what each peer used in all and day by day, and the budgets set on it.
import { limits } from '../../../schemas/limits.js';
import type { BudgetRow } from '../../../schemas/usage.js';
import { copyOf, count, emptyTally, type Tally, tokensOf, toUsd, type Use } from './usage-tally.js';

/** In ms. */
const DAY = 86_400_000;

export interface PeerUse {
  peer: string;
  circle: string;
  /** All it ever used. */
  total: Tally;
  /** By day, counted from 1970 in UTC; the newest `limits.usage_days_rows` days of the mesh. */
  days: Map<number, Tally>;
}

/** Of a peer, or of everyone in a circle. */
export interface Budget {
  peer?: string | undefined;
  circle: string;
  tokens_per_day?: number | undefined;
  cost_micros_per_day?: number | undefined;
}

/** What was let go: a day of a peer, or without one all that was known of it. */
export interface Dropped {
  peer: string;
  day?: number | undefined;
}

export interface UsageSnapshot {
  day: number;
  peers: (Omit<PeerUse, 'days'> & { days: [number, Tally][] })[];
  circles: [string, Tally][];
  budgets: Budget[];
}

/**
 * Days are of UTC, by log time, and bounded by `limits.usage_days_rows`; a circle's sum is that of
 * the newest day alone, which its budget needs.
 */
export class UsageRows {
  readonly peers = new Map<string, PeerUse>();
  readonly budgets = new Map<string, Budget>();
  /** The newest day anything was used on, and what each circle used on it. */
  #day = 0;
  readonly #circles = new Map<string, Tally>();

  /** Adds what a turn used. */
  add(peer: string, circle: string, use: Use, time: number): PeerUse {
    let row = this.peers.get(peer);
    if (row === undefined) {
      row = { peer, circle, total: emptyTally(), days: new Map() };
      this.peers.set(peer, row);
    }
    count(row.total, use, time);
    count(tallyOf(row.days, dayOf(time)), use, time);
    count(tallyOf(this.#circles, circle), use, time);
    return row;
  }

  /** Begins a day: lets go of the days too old, and of who has none left and has retired. */
  turnTo(day: number, isRetired: (peer: string) => boolean): Dropped[] {
    if (day <= this.#day) return [];
    this.#day = day;
    this.#circles.clear();
    const dropped: Dropped[] = [];
    for (const { peer, days } of this.peers.values()) {
      for (const old of days.keys()) {
        if (old > day - limits.usage_days_rows) continue;
        days.delete(old);
        dropped.push({ peer, day: old });
      }
      if (days.size > 0 || !isRetired(peer)) continue;
      this.peers.delete(peer);
      dropped.push({ peer });
    }
    return dropped;
  }

  /** What counts against a budget at a time in ms UTC. */
  usedToday({ peer, circle }: Budget, time: number): Tally {
    const day = dayOf(time);
    const inCircle = day === this.#day ? this.#circles.get(circle) : undefined;
    const tally = peer === undefined ? inCircle : this.peers.get(peer)?.days.get(day);
    return tally ?? emptyTally();
  }

  toSnapshot(): UsageSnapshot {
    return {
      day: this.#day,
      peers: [...this.peers.values()].map(({ total, days, ...row }) => ({
        ...row,
        total: copyOf(total),
        days: copied(days),
      })),
      circles: copied(this.#circles),
      budgets: [...this.budgets.values()],
    };
  }

  static fromSnapshot({ day, peers, circles, budgets }: UsageSnapshot): UsageRows {
    const usage = new UsageRows();
    usage.#day = day;
    for (const { total, days, ...row } of peers) {
      const tallies = { total: copyOf(total), days: new Map(copied(days)) };
      usage.peers.set(row.peer, { ...row, ...tallies });
    }
    for (const [circle, tally] of copied(circles)) usage.#circles.set(circle, tally);
    for (const budget of budgets) usage.budgets.set(budgetKey(budget), budget);
    return usage;
  }
}

/** Tallies are added to in place. */
function copied<Key>(tallies: Iterable<[Key, Tally]>): [Key, Tally][] {
  return [...tallies].map(([key, tally]) => [key, copyOf(tally)]);
}

/** The key of a budget; no name of a circle holds a slash. */
export function budgetKey({ peer, circle }: Pick<Budget, 'peer' | 'circle'>): string {
  return peer === undefined ? `circle/${circle}` : `peer/${peer}`;
}

/** The day of a time in ms UTC, counted from 1970. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY);
}

/** When a day begins, in ms UTC. */
export function startOf(day: number): number {
  return day * DAY;
}

/** The day as ISO 8601 writes it (2026-03-09), in UTC. */
export function dateOf(day: number): string {
  return new Date(startOf(day)).toISOString().slice(0, 10);
}

/**
 * What a budget allows, what of it is used on the UTC day of a time in ms UTC, and whether that is
 * all; costs in dollars.
 */
export function budgetRow(usage: UsageRows, budget: Budget, time: number): BudgetRow {
  const { peer, circle, tokens_per_day, cost_micros_per_day } = budget;
  const used = usage.usedToday(budget, time);
  const tokens_today = tokensOf(used);
  const cost_usd_today = toUsd(used.cost_micros);
  const spent = isSpent(budget, used);
  const row: BudgetRow = { circle, tokens_today, cost_usd_today, spent };
  if (peer !== undefined) row.peer = peer;
  if (tokens_per_day !== undefined) row.tokens_per_day = tokens_per_day;
  if (cost_micros_per_day !== undefined) row.cost_usd_per_day = toUsd(cost_micros_per_day);
  return row;
}

/** True once either bound is reached, not only passed; a bound that is not set is never reached. */
export function isSpent({ tokens_per_day, cost_micros_per_day }: Budget, used: Tally): boolean {
  return (
    tokensOf(used) >= (tokens_per_day ?? Number.POSITIVE_INFINITY) ||
    used.cost_micros >= (cost_micros_per_day ?? Number.POSITIVE_INFINITY)
  );
}

function tallyOf<Key>(tallies: Map<Key, Tally>, key: Key): Tally {
  const known = tallies.get(key);
  if (known !== undefined) return known;
  const tally = emptyTally();
  tallies.set(key, tally);
  return tally;
}
