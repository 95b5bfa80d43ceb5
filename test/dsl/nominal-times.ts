// The promise of the schedules, checked on a log: each time once or a reason why not, never early.
import { firesBetween } from '../../broker/core/schedules/recurrence.js';
import type { EventOf, SignalEvent } from '../../schemas/event.js';

/** An event that took effect. */
export interface Effect {
  time: number;
  event: SignalEvent;
}

/** The nominal times of one schedule, and how many of them are settled. */
interface Course {
  times: number[];
  settled: number;
}

const MOST = 1_000_000;

/** Every promise that the effects break, in words; `upTo` is the last time that must be settled. */
export function brokenTimes(effects: readonly Effect[], upTo: number): string[] {
  const broken: string[] = [];
  const courses = new Map<string, Course>();
  for (const { time, event } of effects) {
    if (event.type === 'schedule.created') {
      courses.set(event.schedule, { times: timesOf(event, upTo), settled: 0 });
    }
    if (event.type !== 'schedule.fired' && event.type !== 'schedule.skipped') continue;
    const course = courses.get(event.schedule) ?? { times: [], settled: 0 };
    const complain = (words: string) => broken.push(`${event.nominal_at}: ${event.type} ${words}`);
    const awaited = course.times[course.settled];
    if (event.nominal_at !== awaited) complain(`while ${awaited} was awaited`);
    if (time < event.nominal_at) complain(`${event.nominal_at - time} ms early`);
    if (event.type === 'schedule.fired') course.settled++;
    else {
      const before = course.settled;
      while ((course.times[course.settled] ?? upTo + 1) <= event.to_at) course.settled++;
      if (course.settled - before !== event.count) complain(`counts ${event.count}`);
      if (!event.reason) complain('gives no reason');
    }
  }
  for (const [schedule, { times, settled }] of courses) {
    if (settled < times.length) broken.push(`${schedule}: nothing became of ${times[settled]}`);
  }
  return broken;
}

function timesOf(event: EventOf<'schedule.created'>, upTo: number): number[] {
  const { cron, zone, next_at } = event;
  if (cron !== undefined && zone !== undefined) {
    return firesBetween({ cron, zone }, next_at - 1, upTo, MOST);
  }
  return next_at <= upTo ? [next_at] : [];
}
