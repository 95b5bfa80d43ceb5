// Proposals of the noun schedule: the next time is worked out here, once, and written down.
import { limits } from '../../../schemas/limits.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { covers } from '../rows/rights.js';
import { ruleOf, type ScheduleEntry } from '../rows/schedules.js';
import {
  addresseeOf,
  type Commands,
  type Context,
  chainAfter,
  type Data,
  type Propose,
  self,
} from '../shared/command-context.js';
import { recurrenceRefusal } from './cron.js';
import { firesBetween, lastFires, nextFire, type Rule } from './recurrence.js';

type Created = Data<'schedule.created'>;
type Times = Pick<Created, 'cron' | 'zone' | 'fire_at' | 'until' | 'next_at'>;

const proposeOnce: Propose<'schedule.create', 'schedule.created'> = (context, params) => {
  const { id, text, kind, catch_up, overlap } = params;
  const recipient = addresseeOf(context, params.to, params.circle);
  if (isRefusal(recipient)) return recipient;
  const times = once(params.fire_at, context.now);
  if (isRefusal(times)) return times;
  const { circle, peer: to } = recipient;
  const what = { to, text, kind, catch_up, overlap };
  return { circle, schedule: named('sched', id), ...what, ...times, ...causeOf(context, params) };
};

const proposeCron: Propose<'schedule.cron', 'schedule.created'> = (context, params) => {
  const { id, text, kind, catch_up, overlap, cron, zone, until } = params;
  const recipient = addresseeOf(context, params.to, params.circle);
  if (isRefusal(recipient)) return recipient;
  const times = recurring({ cron, zone }, until, context.now);
  if (isRefusal(times)) return times;
  const { circle, peer: to } = recipient;
  const what = { to, text, kind, catch_up, overlap };
  return { circle, schedule: named('sched', id), ...what, ...times, ...causeOf(context, params) };
};

const proposeSelf: Propose<'schedule.self', 'schedule.created'> = (context, params) => {
  const { id, text, fire_at, cron, zone, catch_up, until } = params;
  const times =
    cron === undefined
      ? once(fire_at ?? '', context.now)
      : recurring({ cron, zone }, until, context.now);
  if (isRefusal(times)) return times;
  const { circle, peer: to } = self(context);
  const how = { kind: 'notify', catch_up, overlap: 'skip' } as const;
  const what = { to, text, ...how };
  return { circle, schedule: named('sched', id), ...what, ...times, ...causeOf(context, params) };
};

const proposePause: Propose<'schedule.pause', 'schedule.paused'> = (context, params) => {
  const entry = visibleSchedule(context, params.schedule);
  return entry === undefined
    ? unknownSchedule(params.schedule)
    : { circle: entry.row.circle, schedule: params.schedule };
};

const proposeResume: Propose<'schedule.resume', 'schedule.resumed'> = (context, params) => {
  const { schedule } = params;
  const entry = visibleSchedule(context, schedule);
  if (entry === undefined) return unknownSchedule(schedule);
  const { circle, until } = entry.row;
  const { held_at = 0 } = entry;
  const { now } = context;
  // Of one that is not paused the check says so.
  if (entry.row.state !== 'paused' || held_at > now) return { circle, schedule, next_at: held_at };
  const rule = ruleOf(entry.row);
  const next_at = rule === undefined ? undefined : nextFire(rule, now, until);
  return { circle, schedule, next_at, ...passed(entry, held_at, now) };
};

const proposeCancelSchedule: Propose<'schedule.cancel', 'schedule.cancelled'> = (
  context,
  { schedule },
) => {
  const entry = visibleSchedule(context, schedule);
  if (entry === undefined) return unknownSchedule(schedule);
  const { circle, next_at } = entry.row;
  return { circle, schedule, ...passed(entry, entry.held_at ?? next_at, context.now) };
};

function causeOf(context: Context, { caused_by }: { caused_by?: string | undefined }) {
  return { caused_by, ...chainAfter(context, { caused_by }) };
}

function once(fire_at: number | string, now: number): Times | Refusal {
  const at = resolveMoment(fire_at, now);
  if (at === undefined) return notMoment('fire_at');
  if (at <= now) {
    return refuse('schedule_never_fires', 'fire_at has passed already; give a later time.');
  }
  return { fire_at: at, next_at: at };
}

function recurring(
  { cron, zone }: Rule,
  last: number | string | undefined,
  now: number,
): Times | Refusal {
  const refusal = recurrenceRefusal({ cron, zone });
  if (refusal !== undefined) return refusal;
  const until = last === undefined ? undefined : resolveMoment(last, now);
  if (last !== undefined && until === undefined) return notMoment('until');
  const next_at = nextFire({ cron, zone }, now, until);
  if (next_at !== undefined) return { cron, zone, until, next_at };
  const when = until === undefined ? '' : ' until then';
  return refuse('schedule_never_fires', `This rule never fires${when}; give another.`);
}

function notMoment(name: string): Refusal {
  return refuse('invalid', `${name} must be ISO 8601, epoch ms, or like 90s, 10m, 2h, 3d.`);
}

/** How many times from `since` on have come by now, and the last of them; nothing when none has. */
function passed(
  entry: ScheduleEntry,
  since: number | undefined,
  now: number,
): { skipped?: number; skipped_to?: number } {
  if (since === undefined || since > now) return {};
  const rule = ruleOf(entry.row);
  if (rule === undefined) return { skipped: 1, skipped_to: since };
  const upTo = Math.min(now, entry.row.until ?? now);
  const later = firesBetween(rule, since, upTo, limits.schedule_passed_items - 1);
  const [newest = since] = lastFires(rule, upTo, 1, since);
  return { skipped: 1 + later.length, skipped_to: newest };
}

/** The schedule, when the peer that speaks made or hears it or its token reaches there. */
function visibleSchedule(context: Context, schedule: string): ScheduleEntry | undefined {
  const { table, author, held } = context;
  const entry = table.schedules.get(schedule);
  if (entry === undefined) return undefined;
  const { by, to, circle } = entry.row;
  const isMine = by === author.peer || to === author.peer;
  return isMine || covers(held, circle) ? entry : undefined;
}

function unknownSchedule(schedule: string): Refusal {
  return refuse('schedule_unknown', `There is no ${schedule} you may see; see schedule.list.`);
}

export const scheduleCommands = {
  'schedule.create': proposeOnce,
  'schedule.cron': proposeCron,
  'schedule.self': proposeSelf,
  'schedule.pause': proposePause,
  'schedule.resume': proposeResume,
  'schedule.cancel': proposeCancelSchedule,
} satisfies Commands;
