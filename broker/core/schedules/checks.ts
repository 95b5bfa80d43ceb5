// Validation of the events of a schedule: words that make no sense, a time that is not due.
import { hasKnownWords } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import { isCommandId, named } from '../../../schemas/uuid.js';
import { handedObjection } from '../handovers/handed.js';
import { covers, rights } from '../rows/rights.js';
import type { ScheduleEntry } from '../rows/schedules.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection } from '../shared/view.js';
import { doesStand, endings, isObstacle, obstacleTo } from './obstacles.js';

/**
 * `malformed`, `invalid` for an id that is taken or an ask of oneself, `peer_unknown`,
 * `peer_retired`, or `inbox_full` for too many live schedules.
 */
export function createdObjection(table: Table, { event }: Fact<'schedule.created'>): Objection {
  if (!isWellMade(event)) return 'malformed';
  if (table.schedules.get(event.schedule) !== undefined) {
    return refuse('invalid', `There is a ${event.schedule} already; make a new uuid v7.`);
  }
  const recipient = table.peers.rows.get(event.to);
  if (recipient === undefined) {
    return refuse('peer_unknown', `There is no ${event.to}; see peer.list.`);
  }
  if (recipient.retired !== undefined) {
    const message = `${recipient.name} has left; see peer.list for who is here.`;
    return refuse('peer_retired', message);
  }
  if (event.kind === 'ask' && event.by === event.to) {
    return refuse('invalid', 'A peer cannot ask itself; use schedule.self, or kind "notify".');
  }
  if (!table.schedules.isFull(event.by, event.text.length)) return undefined;
  return refuse('inbox_full', 'You have too many live schedules; cancel some first.', {
    retry_after_s: 60,
  });
}

function isWellMade(event: Fact<'schedule.created'>['event']): boolean {
  const { cron, zone, fire_at, until, next_at } = event;
  if (!hasKnownWords(event) || !isTime(next_at)) return false;
  if (cron === undefined) return fire_at === next_at && zone === undefined && until === undefined;
  if (zone === undefined || fire_at !== undefined) return false;
  return until === undefined || (isTime(until) && next_at <= until);
}

/**
 * `schedule_unknown` for one that is not there or has ended; `not_yours` unless the peer made it,
 * or is an orchestrator or a human whose token reaches its circle.
 */
export function changeObjection(
  table: Table,
  { event, time }: Fact<'schedule.paused' | 'schedule.resumed' | 'schedule.cancelled'>,
): Objection {
  const { schedule, by, token = '' } = event;
  const entry = table.schedules.get(schedule);
  if (entry === undefined) {
    const message = `There is no ${schedule} you may see; see schedule.list.`;
    return refuse('schedule_unknown', message);
  }
  const { row } = entry;
  const handed =
    by === row.by ? undefined : handedObjection(table, by, row, [row.by], 'This schedule');
  if (handed !== undefined) return handed;
  const held = rights(table, token, time);
  const isOverseer = overseers.includes(table.peers.rows.get(by)?.role ?? '');
  if (by !== row.by && !(isOverseer && held !== undefined && covers(held, row.circle))) {
    return refuse('not_yours', 'Only who made this schedule, an orchestrator or a human may.');
  }
  return row.state === 'active' || row.state === 'paused'
    ? undefined
    : refuse('schedule_unknown', `This schedule has ended (${row.state}); make another.`, {
        state: row.state,
      });
}

const overseers = ['orchestrator', 'human'];

/** What `changeObjection` says, and `invalid` for one that is paused already. */
export function pausedObjection(table: Table, fact: Fact<'schedule.paused'>): Objection {
  const objection = changeObjection(table, fact);
  if (objection !== undefined) return objection;
  return table.schedules.get(fact.event.schedule)?.row.state === 'active'
    ? undefined
    : refuse('invalid', 'This schedule is paused already; resume it with schedule.resume.');
}

/**
 * What `changeObjection` says, `invalid` for one that is not paused, and `malformed` when its times
 * do not go on from the first that was held back.
 */
export function resumedObjection(table: Table, fact: Fact<'schedule.resumed'>): Objection {
  const objection = changeObjection(table, fact);
  if (objection !== undefined) return objection;
  const { event } = fact;
  const entry = table.schedules.get(event.schedule);
  if (entry?.row.state !== 'paused') {
    return refuse('invalid', 'This schedule is not paused; there is nothing to resume.');
  }
  const { next_at, skipped_to } = event;
  if (!arePassed(entry.held_at, event)) return 'malformed';
  // All that was left of it may have passed.
  if (next_at === undefined) return skipped_to === undefined ? 'malformed' : undefined;
  if (!isNext(entry, next_at)) return 'malformed';
  if (skipped_to === undefined) return next_at === entry.held_at ? undefined : 'malformed';
  return next_at > skipped_to ? undefined : 'malformed';
}

/** What `changeObjection` says, and `malformed` for passed times that cannot be. */
export function cancelledObjection(table: Table, fact: Fact<'schedule.cancelled'>): Objection {
  const objection = changeObjection(table, fact);
  if (objection !== undefined) return objection;
  const entry = table.schedules.get(fact.event.schedule);
  return arePassed(entry?.held_at ?? entry?.row.next_at, fact.event) ? undefined : 'malformed';
}

/** Nothing, or a number of times from the first that is not accounted for. */
function arePassed(
  since = 0,
  { skipped, skipped_to }: { skipped?: number | undefined; skipped_to?: number | undefined },
): boolean {
  if (skipped === undefined || skipped_to === undefined) return skipped === skipped_to;
  return (
    isCount(skipped, limits.schedule_passed_items) && isTime(skipped_to) && skipped_to >= since
  );
}

/**
 * `stale` unless it is the very time and revision the schedule waits for (its fence), or when
 * something stands in the way; `early`, `malformed` or `duplicate`.
 * https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 */
export function firedObjection(table: Table, { event, time }: Fact<'schedule.fired'>): Objection {
  const entry = table.schedules.live.get(event.schedule);
  if (entry === undefined || !isAwaited(entry, event)) return 'stale';
  if (time < event.nominal_at) return 'early';
  if (!isCommandId(event.id) || !mayFollow(entry, event.nominal_at, event.next_at)) {
    return 'malformed';
  }
  const { asks, messages } = table;
  const isSaid =
    asks.get(named('ask', event.id)) !== undefined ||
    messages.get(named('msg', event.id)) !== undefined;
  if (isSaid) return 'duplicate';
  return obstacleTo(table, entry, time) === undefined ? undefined : 'stale';
}

/**
 * Fenced like a fire. `stale` when the reason does not hold, `early` when a time has not come or is
 * not late enough to be missed, `malformed` for a range or reason that cannot be.
 */
export function skippedObjection(table: Table, fact: Fact<'schedule.skipped'>): Objection {
  const { event, time } = fact;
  const entry = table.schedules.live.get(event.schedule);
  if (entry === undefined || !isAwaited(entry, event)) return 'stale';
  if (!isRange(event) || !isReason(event)) return 'malformed';
  if (time < event.to_at) return 'early';
  if (endings.has(event.reason)) {
    if (event.next_at !== undefined) return 'malformed';
  } else if (!mayFollow(entry, event.to_at, event.next_at)) return 'malformed';
  if (event.reason !== 'missed') {
    return doesStand(table, entry, event.reason, time) ? undefined : 'stale';
  }
  // Once the first is late, `last` gives up all but the newest that has come.
  const known = entry.row.catch_up === 'last' ? event.nominal_at : event.to_at;
  if (!isLate(known, time)) return 'early';
  return mayMiss(entry, event.next_at, time) ? undefined : 'stale';
}

/**
 * True when a nominal time is over `limits.schedule_late_ms` ago, so that only what catch-up allows
 * is made up for.
 */
export function isLate(nominal_at: number, time: number): boolean {
  return time - nominal_at > limits.schedule_late_ms;
}

/** Where times are made up for, the newest one is not among those that are skipped. */
function mayMiss({ row }: ScheduleEntry, next_at: number | undefined, time: number): boolean {
  if (row.catch_up === 'skip') return true;
  if (next_at === undefined) return false;
  return row.catch_up === 'last' ? next_at <= time : isLate(next_at, time);
}

/** The fence: the very time that the schedule waits for, as it stands since its last change. */
function isAwaited(
  { row }: ScheduleEntry,
  event: { revision: number; nominal_at: number },
): boolean {
  const isSame = event.revision === row.revision && event.nominal_at === row.next_at;
  return row.state === 'active' && isSame;
}

function isRange({ nominal_at, to_at, count }: Fact<'schedule.skipped'>['event']): boolean {
  if (!isTime(to_at) || !isCount(count, limits.schedule_skip_items)) return false;
  return count === 1 ? to_at === nominal_at : to_at > nominal_at;
}

/** What stands in the way now says nothing of more than one time. */
function isReason({ reason, count }: Fact<'schedule.skipped'>['event']): boolean {
  return reason === 'missed' || (isObstacle(reason) && count === 1);
}

function mayFollow(entry: ScheduleEntry, at: number, next_at: number | undefined): boolean {
  if (next_at === undefined) return true;
  return entry.row.cron !== undefined && next_at > at && isNext(entry, next_at);
}

function isNext({ row }: ScheduleEntry, next_at: number): boolean {
  return isTime(next_at) && next_at <= (row.until ?? Number.POSITIVE_INFINITY);
}

function isTime(at: number): boolean {
  return Number.isSafeInteger(at) && at >= 0;
}

function isCount(count: number, max: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= max;
}
