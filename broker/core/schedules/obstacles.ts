// Why a schedule whose time has come cannot say its words: found and verified by the same rules.

import type { SkipReason } from '../../../schemas/events/schedule.js';
import { limits } from '../../../schemas/limits.js';
import { covers, rights } from '../rows/rights.js';
import type { ScheduleEntry } from '../rows/schedules.js';
import type { Table } from '../rows/table.js';
import { budgetObjection } from '../usage/rules.js';

export type Obstacle = Exclude<SkipReason, 'missed'>;
type Stands = (table: Table, entry: ScheduleEntry, time: number) => boolean;

/** The first that stands is the reason that is given. */
const obstacles: Readonly<Record<Obstacle, Stands>> = {
  unauthorized: (table, { row }, time) => {
    const creator = table.peers.rows.get(row.by);
    const held = creator === undefined ? undefined : rights(table, creator.token, time);
    return held === undefined || !held.verbs.includes('speak') || !covers(held, row.circle);
  },
  recipient_retired: (table, { row }) => {
    const recipient = table.peers.rows.get(row.to);
    return recipient === undefined || recipient.retired !== undefined;
  },
  overlap: (table, { row, ask }) =>
    row.overlap === 'skip' && ask !== undefined && table.asks.open.has(ask),
  inbox_full: (table, { row }) =>
    table.inbox.isFull(row.to, row.text.length) || (row.kind === 'ask' && isCrowded(table, row.by)),
  budget_spent: (table, { row }, time) => budgetObjection(table, row.by, time) !== undefined,
};

const names = Object.keys(obstacles) as Obstacle[];

/** After these no later time of the schedule can be said either. */
export const endings: ReadonlySet<string> = new Set<Obstacle>([
  'unauthorized',
  'recipient_retired',
]);

/** What keeps the schedule from speaking at a time in ms UTC; undefined when nothing does. */
export function obstacleTo(table: Table, entry: ScheduleEntry, time: number): Obstacle | undefined {
  return names.find(name => obstacles[name](table, entry, time));
}

/** True when the reason that somebody gave stands at a time in ms UTC. */
export function doesStand(
  table: Table,
  entry: ScheduleEntry,
  reason: string,
  time: number,
): boolean {
  return isObstacle(reason) && obstacles[reason](table, entry, time);
}

/**
 * True for a reason that the table itself can confirm: any but `missed`, which time alone decides.
 */
export function isObstacle(reason: string): reason is Obstacle {
  return Object.hasOwn(obstacles, reason);
}

/** Each open ask may bring a reply, so it needs room at the asker's too. */
function isCrowded(table: Table, asker: string): boolean {
  return table.inbox.isFull(asker, 0) || table.asks.openCount(asker) >= limits.asks_open_rows;
}
