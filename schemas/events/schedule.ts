// The events of the noun schedule.
import { oneOf } from '../shape.js';
import { named } from '../uuid.js';
import { event } from './row.js';

export const scheduleKinds = ['notify', 'ask'] as const;
/** Which of the missed times are made up for. */
export const catchUps = ['last', 'all', 'skip'] as const;
/** Whether to ask while the ask before is open. */
export const overlaps = ['skip', 'allow'] as const;
/** Why a nominal time passed without a word; the log tells which. */
export const skipReasons = [
  'missed',
  'overlap',
  'inbox_full',
  'budget_spent',
  'recipient_retired',
  'unauthorized',
] as const;
export type SkipReason = (typeof skipReasons)[number];

const schedule = { schedule: 'string' } as const;
const refs = (e: { schedule: string }) => [e.schedule];

export const scheduleEvents = {
  'schedule.created': event({
    since: 2,
    by: 'speak',
    methods: ['schedule.create', 'schedule.cron', 'schedule.self'],
    fields: {
      ...schedule,
      to: 'string',
      text: 'string',
      kind: oneOf(scheduleKinds),
      cron: 'string?',
      zone: 'string?',
      fire_at: 'number?',
      until: 'number?',
      catch_up: oneOf(catchUps),
      overlap: oneOf(overlaps),
      next_at: 'number',
      caused_by: 'string?',
      hops: 'number?',
      replies: 'number?',
    },
    refs,
    makes: { sched: refs },
  }),
  'schedule.paused': event({
    since: 2,
    by: 'speak',
    methods: ['schedule.pause'],
    fields: schedule,
    refs,
  }),
  // `skipped_to` is the last nominal time that passed and was not yet accounted for; `skipped`
  // counts them, up to `limits.schedule_passed_items`.
  'schedule.resumed': event({
    since: 2,
    by: 'speak',
    methods: ['schedule.resume'],
    fields: { ...schedule, next_at: 'number?', skipped: 'number?', skipped_to: 'number?' },
    refs,
  }),
  'schedule.cancelled': event({
    since: 2,
    by: 'speak',
    methods: ['schedule.cancel'],
    fields: { ...schedule, skipped: 'number?', skipped_to: 'number?' },
    refs,
  }),
  // What is said bears the id of the event: `msg_<id>` or `ask_<id>`.
  'schedule.fired': event({
    since: 2,
    by: 'broker',
    timed: true,
    fields: { ...schedule, revision: 'number', nominal_at: 'number', next_at: 'number?' },
    refs: e => [e.schedule, named('msg', e.id), named('ask', e.id)],
    makes: { msg: e => [named('msg', e.id)], ask: e => [named('ask', e.id)] },
  }),
  'schedule.skipped': event({
    since: 2,
    by: 'broker',
    timed: true,
    fields: {
      ...schedule,
      revision: 'number',
      nominal_at: 'number',
      to_at: 'number',
      count: 'number',
      reason: oneOf(skipReasons),
      next_at: 'number?',
    },
    refs,
  }),
};
