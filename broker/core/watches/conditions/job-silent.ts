// The condition job.silent: no word of a job's worker for so long; each silence is one cause.
import type { WatchRow } from '../../../../schemas/watch.js';
import { isHeld, type Job } from '../../rows/jobs.js';
import type { Topics, WatchCause } from '../../rows/watches.js';
import { type Condition, keyIn, maySee, msOf, nameOf, span } from './condition.js';

/**
 * A claim and each update begin a silence anew. It outlasts the lease: it goes on while the job
 * waits for another worker, until one claims it.
 */
export const jobSilent: Condition = {
  topics: ({ job, kind, owner, in_circle }): Topics => {
    if (job !== undefined) return [['job', job]];
    if (kind !== undefined) return [['jobs_in', keyIn(in_circle, kind)]];
    return [['jobs_of', owner ?? '']];
  },
  subjects: (table, watch) => {
    if (watch.job !== undefined) return [watch.job];
    return [...table.jobs.open.values()].filter(job => isMeant(watch, job)).map(({ job }) => job);
  },
  causeOf: look => {
    const { table, watch, subject, before, type } = look;
    const job = table.jobs.open.get(subject);
    if (job === undefined || !isMeant(watch, job)) return undefined;
    const since = silentSince(job);
    if (since === undefined) return undefined;
    const { attempt } = job;
    // A lapsed lease or an order to stop is no word of its worker.
    if (before?.attempt === attempt && type !== 'job.updated') return before;
    if (before?.attempt === attempt && before.since === since) return before;
    if (before === undefined && !maySee(look, job)) return undefined;
    const cause: WatchCause = { subject, since, due_at: since + msOf(watch.for_s), attempt };
    return cause;
  },
  isOver: (table, { job }) => job !== undefined && !table.jobs.open.has(job),
  tell: (table, _, { subject, since, attempt }, time) => {
    const job = table.jobs.open.get(subject);
    const by = nameOf(table, job?.attempts.at(-1)?.by);
    const lost = job !== undefined && !isHeld(job.state) ? ', its lease ran out' : '';
    const what = `job ${job?.number ?? ''} (${subject})`;
    return `${what}: no word of ${by} for ${span(time - since)}, attempt ${attempt}${lost}`;
  },
};

/** Log time of the last word of its newest worker; undefined while nobody has claimed it. */
function silentSince(job: Job): number | undefined {
  if (isHeld(job.state)) return job.changed_at;
  const last = job.attempts.at(-1);
  return job.state === 'queued' && last?.state === 'lapsed' ? last.ended_at : undefined;
}

function isMeant({ job, kind, owner, in_circle }: WatchRow, row: Job): boolean {
  if (job !== undefined) return row.job === job;
  if (kind !== undefined) return row.kind === kind && row.circle === in_circle;
  return (row.owner ?? row.from) === owner;
}
