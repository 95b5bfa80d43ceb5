// The promise of the schedules, checked on a log: each nominal time once, for a reason, never early.
import { firesBetween, type Rule } from '../../broker/recurrence.js';
import type { SignalEvent } from '../../schemas/event.js';

/** An event that took effect. */
export interface Effect {
  time: number;
  event: SignalEvent;
}

interface Settled {
  times: number[];
  skipped: number;
  /** The last nominal time that is accounted for. */
  upTo: number;
}

const MOST = 1_000_000;

/** Every promise that the effects break, in words; `upTo` is the last time that must be settled. */
export function brokenTimes(effects: readonly Effect[], upTo: number): string[] {
  const broken: string[] = [];
  const made = new Map<string, SignalEvent & { type: 'schedule.created' }>();
  const settled = new Map<string, Settled>();
  for (const { time, event } of effects) {
    if (event.type === 'schedule.created') {
      made.set(event.schedule, event);
      settled.set(event.schedule, { times: [], skipped: 0, upTo: event.next_at - 1 });
    }
    if (event.type !== 'schedule.fired' && event.type !== 'schedule.skipped') continue;
    const so = settled.get(event.schedule);
    const words = `${event.type} of ${event.nominal_at}`;
    if (so === undefined) {
      broken.push(`${words}: nobody made ${event.schedule}`);
      continue;
    }
    if (event.nominal_at <= so.upTo) broken.push(`${words}: it was settled before`);
    if (time < event.nominal_at) broken.push(`${words}: ${event.nominal_at - time} ms early`);
    so.upTo = event.type === 'schedule.fired' ? event.nominal_at : event.to_at;
    if (event.type === 'schedule.fired') so.times.push(event.nominal_at);
    else {
      if (event.reason === '') broken.push(`${words}: no reason`);
      const range = timesOf(made.get(event.schedule)!, event.nominal_at, event.to_at);
      if (range.length !== event.count) broken.push(`${words}: ${event.count} of ${range.length}`);
      so.times.push(...range);
    }
  }
  for (const [schedule, { times }] of settled) {
    const event = made.get(schedule)!;
    const wanted = timesOf(event, event.next_at, upTo);
    const known = new Set(times);
    const missing = wanted.find(at => !known.has(at));
    if (String(times) !== String(wanted)) {
      broken.push(`${schedule}: ${times.length} of ${wanted.length} times, lacks ${missing}`);
    }
  }
  return broken;
}

function timesOf(
  { cron, zone, next_at }: SignalEvent & { type: 'schedule.created' },
  from: number,
  to: number,
): number[] {
  if (cron === undefined || zone === undefined) return next_at <= to ? [next_at] : [];
  const rule: Rule = { cron, zone };
  return firesBetween(rule, from - 1, to, MOST);
}
