// Jobs whose time has come, whose lease has run out, and whose deadline has passed.
import type { Job } from '../rows/jobs.js';
import type { Table } from '../rows/table.js';
import { nextFire, ruleProblem } from '../schedules/recurrence.js';
import type { Timed, TimedEvent } from '../shared/timed.js';
import { overlapOf } from './rules.js';

export const timedJobs: Timed = {
  next({ jobs }) {
    const times = [jobs.due.next(), jobs.leases.next(), jobs.deadlines.next()];
    const first = Math.min(...times.map(at => at ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(first) ? first : undefined;
  },
  due(table, now, max) {
    const { jobs } = table;
    const open = (job: string) => jobs.open.get(job) ?? [];
    const leases = jobs.leases.due(now, max).flatMap(open).map(lapsed);
    const deadlines = jobs.deadlines.due(now, max).flatMap(open).map(expired);
    const due = jobs.due.due(now, max).flatMap(open);
    return [...leases, ...deadlines, ...due.flatMap(job => begun(table, job, now))].slice(0, max);
  },
};

function lapsed({ job, circle, attempt }: Job): TimedEvent {
  return { type: 'job.lapsed', circle, job, attempt };
}

function expired({ job, circle }: Job): TimedEvent {
  return { type: 'job.expired', circle, job };
}

/** However many times were missed, one run makes up for them, and the next is the next from now. */
function begun(table: Table, row: Job, now: number): TimedEvent[] {
  const { job, circle, due_at = 0, recurrence } = row;
  const event = { type: 'job.due' as const, circle, job, due_at };
  if (recurrence === undefined) return [event];
  // A broker that does not know the zone leaves it to those that do.
  if (ruleProblem(recurrence.cron, recurrence.zone) !== undefined) return [];
  const next_at = nextFire(recurrence, Math.max(now, due_at));
  const skipped = overlapOf(table, row);
  return [{ ...event, ...(next_at && { next_at }), ...(skipped && { skipped }) }];
}
