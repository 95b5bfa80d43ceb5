// The noun schedule: words to be said later, once or again and again, each time once.
import { z } from 'zod';
import * as c from './common.js';
import { catchUps, overlaps, scheduleKinds } from './events/schedule.js';
import { cause, scheduleId } from './id.js';
import { limits } from './limits.js';

const kind = z.enum(scheduleKinds);
const catchUp = z.enum(catchUps);
const overlap = z.enum(overlaps);

const how = {
  kind: kind.default('notify').describe('Whether an answer is wanted; an ask opens a thread.'),
  catch_up: catchUp
    .default('last')
    .describe(
      'Which times without a broker are made up for: the newest, ' +
        `the newest ${limits.schedule_catch_up_items}, or none.`,
    ),
  overlap: overlap
    .default('skip')
    .describe('Whether an ask is skipped while the one before is open.'),
};

export const schedulePast = z.object({
  nominal_at: c.time,
  outcome: z.enum(['fired', 'skipped']),
  /** A reason of a skip event; or `paused`, `cancelled`, `creator_retired`. */
  reason: z.string().optional(),
  /** How many nominal times a skip covers, the last of them at `to_at`. */
  count: z.number().int().optional(),
  to_at: c.time.optional(),
  ref: z.string().optional(),
  position: c.position,
  time: c.time,
});
export type SchedulePast = z.infer<typeof schedulePast>;

export const scheduleRow = z.object({
  schedule: z.string(),
  state: z.enum(['active', 'paused', 'done', 'cancelled']),
  by: z.string().describe('Who made it; asks come from this peer.'),
  by_name: c.peerName,
  to: z.string(),
  to_name: c.peerName,
  circle: z.string(),
  text: z.string(),
  kind,
  cron: z.string().optional(),
  zone: z.string().optional(),
  fire_at: c.time.optional(),
  until: c.time.optional(),
  catch_up: catchUp,
  overlap,
  next_at: c.time.optional(),
  last: schedulePast.pick({ nominal_at: true, outcome: true, reason: true }).optional(),
  fired: z.number().int(),
  skipped: z.number().int(),
  revision: z.number().int().describe('Counts its pauses and resumes; each fire names it.'),
  handed_from: c.handedFrom,
  handed_from_name: c.peerName,
  created_at: c.time,
  position: c.position,
});
export type ScheduleRow = z.infer<typeof scheduleRow>;

const made = z.object({ ...c.verdict, schedule: z.string(), next_at: c.time.optional() });
const until = c.moment('After which the rule never fires. Left out: no end.').optional();
const scheduleOf = scheduleId.describe('Which schedule, sched_<uuid>.');
const one = z.strictObject({ ...c.command, schedule: scheduleOf });
const said = { who: 'peer', verb: 'speak' } as const;

export const scheduleMethods = {
  'schedule.create': c.method({
    params: z.strictObject({
      ...c.command,
      to: c.to,
      circle: c.circleOfName,
      text: c.text,
      fire_at: c.moment('When; must be ahead.'),
      ...how,
      caused_by: cause.optional(),
    }),
    result: made,
    ...said,
    help: 'Send a message or an ask once, later.',
  }),
  'schedule.cron': c.method({
    params: z.strictObject({
      ...c.command,
      to: c.to,
      circle: c.circleOfName,
      text: c.text,
      cron: c.cron,
      zone: c.zone.default('UTC'),
      ...how,
      until,
      caused_by: cause.optional(),
    }),
    result: made,
    ...said,
    help: 'Send a message or an ask again and again, by a rule of five fields in a time zone.',
  }),
  'schedule.self': c.method({
    params: z
      .strictObject({
        ...c.command,
        text: c.text,
        fire_at: c.moment('When; must be ahead. Left out: by cron.').optional(),
        cron: c.cron.optional().describe(`${c.RULE} Left out: once, at fire_at.`),
        zone: c.zone.default('UTC'),
        catch_up: how.catch_up,
        overlap: how.overlap,
        until,
        caused_by: cause.optional(),
      })
      .refine(p => (p.fire_at === undefined) !== (p.cron === undefined), 'give fire_at or cron')
      .refine(p => p.until === undefined || p.cron !== undefined, 'until belongs to a cron'),
    result: made,
    ...said,
    help: 'Send oneself a message later, once or by a rule.',
  }),
  'schedule.list': c.method({
    params: z.strictObject({
      mine: z.boolean().default(true).describe('Only those made by or for this peer.'),
      state: z
        .enum(['active', 'paused', 'done', 'cancelled'])
        .optional()
        .describe('Only schedules in this state. Left out: in any.'),
      ...c.pageAfter(scheduleId),
    }),
    result: c.rows(scheduleRow),
    who: 'token',
    verb: 'any',
    help: 'Schedules made by or for this peer; with mine=false every visible one.',
  }),
  'schedule.get': c.method({
    params: z.strictObject({ schedule: scheduleOf }),
    result: scheduleRow.extend({
      upcoming: z.array(c.time),
      history: z.array(schedulePast),
    }),
    who: 'token',
    verb: 'any',
    help: 'One schedule, its next times, and what became of the past ones and why.',
  }),
  'schedule.pause': c.method({
    params: one,
    result: c.applied,
    ...said,
    help: 'Skip its times until it is resumed.',
  }),
  'schedule.resume': c.method({
    params: one,
    result: made,
    ...said,
    help: 'Go on from now; what passed meanwhile is not made up for.',
  }),
  'schedule.cancel': c.method({
    params: one,
    result: c.applied,
    ...said,
    help: 'End a schedule for good.',
  }),
};
