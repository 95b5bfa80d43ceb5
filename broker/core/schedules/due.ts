// What is due of the schedules: for each the one event that settles the time it waits for.
import type { SkipReason } from '../../../schemas/events/schedule.js';
import { limits } from '../../../schemas/limits.js';
import { ruleOf, type ScheduleEntry } from '../rows/schedules.js';
import type { Table } from '../rows/table.js';
import type { Timed, TimedEvent } from '../shared/timed.js';
import { isLate } from './checks.js';
import { endings, obstacleTo } from './obstacles.js';
import { firesBetween, lastFires, nextFire } from './recurrence.js';

export const timedSchedules: Timed = {
  next: ({ schedules }) => schedules.times.next(),
  due: (table, now, max) => {
    const events: TimedEvent[] = [];
    // A long sleep makes each of many schedules costly: the rest comes in the next turns.
    let left: number = limits.schedule_turn_items;
    for (const schedule of table.schedules.times.due(now, max)) {
      const entry = table.schedules.live.get(schedule);
      const nominal_at = entry?.row.next_at;
      if (entry === undefined || nominal_at === undefined) continue;
      const event = eventFor(table, entry, nominal_at, now);
      events.push(event);
      left -= event.type === 'schedule.skipped' ? event.count : 1;
      if (left <= 0) break;
    }
    return events;
  },
};

function eventFor(table: Table, entry: ScheduleEntry, at: number, now: number): TimedEvent {
  const { row } = entry;
  const obstacle = obstacleTo(table, entry, now);
  if (obstacle !== undefined && endings.has(obstacle)) return skip(entry, [at], obstacle);
  if (isLate(at, now)) {
    const missed = missedBefore(entry, at, now);
    if (missed.length > 0) return skip(entry, missed, 'missed');
  }
  if (obstacle !== undefined) return skip(entry, [at], obstacle);
  const { schedule, circle, revision } = row;
  const next_at = nextAfter(entry, at);
  const fired = { type: 'schedule.fired' as const, circle, schedule, revision, nominal_at: at };
  return next_at === undefined ? fired : { ...fired, next_at };
}

/** The times from `at` on that are not made up for, as many as one event may cover. */
function missedBefore({ row }: ScheduleEntry, at: number, now: number): number[] {
  const rule = ruleOf(row);
  if (rule === undefined) return row.catch_up === 'skip' ? [at] : [];
  const until = row.until ?? Number.POSITIVE_INFINITY;
  // Of what has passed `last` says only the newest, be that late or not.
  const newest = row.catch_up === 'last' ? now : now - limits.schedule_late_ms - 1;
  const lateUpTo = Math.min(until, newest);
  const [kept] = lastFires(rule, lateUpTo, madeUpFor[row.catch_up], at - 1);
  // Data of zones may differ between brokers: what is awaited stands, whatever the rule says here.
  if (row.catch_up !== 'skip' && (kept ?? at) <= at) return [];
  const upTo = kept === undefined ? lateUpTo : kept - 1;
  return [at, ...firesBetween(rule, at, upTo, limits.schedule_skip_items - 1)];
}

/** How many of these times are said after all, the newest ones. */
const madeUpFor = { skip: 0, last: 1, all: limits.schedule_catch_up_items } as const;

function skip(entry: ScheduleEntry, times: readonly number[], reason: SkipReason): TimedEvent {
  const { schedule, circle, revision } = entry.row;
  const [nominal_at = 0] = times;
  const to_at = times.at(-1) ?? nominal_at;
  const next_at = endings.has(reason) ? undefined : nextAfter(entry, to_at);
  const skipped = {
    type: 'schedule.skipped' as const,
    circle,
    schedule,
    revision,
    nominal_at,
    to_at,
    count: times.length,
    reason,
  };
  return next_at === undefined ? skipped : { ...skipped, next_at };
}

function nextAfter({ row }: ScheduleEntry, at: number): number | undefined {
  const rule = ruleOf(row);
  return rule === undefined ? undefined : nextFire(rule, at, row.until);
}
