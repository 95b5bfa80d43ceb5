// Transitions of a job: the job as it is after an event, or why it may not be so after all.

import type { Attachment } from '../../../schemas/attachment.js';
import { compact } from '../../../schemas/codec.js';
import { hasKnownWords } from '../../../schemas/event.js';
import type { Attempt } from '../../../schemas/job.js';
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { isHeld, type Job } from '../rows/jobs.js';
import type { Fact, VoidReason } from '../shared/view.js';

/** The job as it is after an event, or what stands against that. */
export type Step = Job | Refusal | VoidReason;

/** Where in the log something happens, and when (log time). */
interface Moment {
  position: number;
  time: number;
}

/** A peer that leaves the mesh for good. */
export interface Departure extends Moment {
  name: string;
}

/**
 * A new attempt with a lease of `lease_s` seconds of log time; its number, one higher each time, is
 * the fencing token of all that its worker says.
 * https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 */
export function claim(job: Job, { event, position, time }: Fact<'job.claimed'>): Step {
  const number = job.attempt + 1;
  const { by } = event;
  const entry: Attempt = { attempt: number, by, state: 'running', claimed_at: time, position };
  return {
    ...job,
    state: 'claimed',
    worker: by,
    attempt: number,
    attempts: [...job.attempts.slice(1 - limits.job_attempts_max_items), entry],
    lease_until: leaseEnd(job, time),
    phase: undefined,
    progress: undefined,
    note: undefined,
    changed_at: time,
    position,
  };
}

/**
 * Renews the lease in full, unless the job is to stop. `invalid` for an unknown state, or a
 * progress that is not from 0 to 1. https://en.wikipedia.org/wiki/Lease_(computer_science)
 */
export function renew(job: Job, { event, position, time }: Fact<'job.updated'>): Step {
  const state = event.state ?? (job.state === 'claimed' ? 'running' : job.state);
  if (!hasKnownWords(event)) {
    return refuse('invalid', 'state must be running, awaiting_input or blocked.');
  }
  const { phase = job.phase, progress = job.progress, note = job.note } = event;
  if (progress !== undefined && !(progress >= 0 && progress <= 1)) {
    return refuse('invalid', 'progress must be from 0 to 1.');
  }
  return {
    ...job,
    state,
    phase,
    progress,
    note,
    attempts: noted(job.attempts, { phase, progress, note: event.note }),
    // Once it is to stop, the end of the lease it has is the end.
    lease_until: job.cancel === undefined ? leaseEnd(job, time) : job.lease_until,
    changed_at: time,
    position,
  };
}

/**
 * Ends the job by its worker's word: `cancelled` once it was asked to stop, whatever the outcome it
 * names. `invalid` for an outcome that is none.
 */
export function finish(job: Job, { event, position, time }: Fact<'job.finished'>): Step {
  const { outcome, summary, error } = event;
  if (!hasKnownWords(event)) {
    return refuse('invalid', 'outcome must be completed or failed.');
  }
  const state = job.cancel === undefined ? outcome : 'cancelled';
  const reason = error ?? job.cancel?.reason;
  return {
    ...ended(job, state, { position, time }, reason),
    summary,
    result: event.result ?? event.result_text,
    artifacts: event.artifacts as Attachment[] | undefined,
    error,
  };
}

/** A job that nobody holds ends at once, without asking a worker. */
export function withdraw(job: Job, { event, ...at }: Fact<'job.cancelled'>): Step {
  const { by, reason } = event;
  return { ...ended(job, 'cancelled', at), cancel: { by, reason } };
}

/**
 * The worker is asked to stop; the job ends with its finish, or with its lease. `job_state` when it
 * was asked already.
 */
export function stop(job: Job, { event, position, time }: Fact<'job.cancelled'>): Step {
  if (job.cancel !== undefined) {
    const end = 'it ends when its worker stops or the lease runs out';
    return refuse('job_state', `${job.job} has been asked to stop already; ${end}.`, {
      state: job.state,
    });
  }
  const { by, reason } = event;
  return { ...job, cancel: { by, reason }, changed_at: time, position };
}

/**
 * What has ended goes on, with as many attempts as at first; they are numbered on, so no old worker
 * passes for a new one. A one-shot's deadline that has passed is dropped.
 */
export function retry(job: Job, { position, time }: Fact<'job.retried'>): Step {
  const isRecurring = job.recurrence !== undefined;
  const isPast = !isRecurring && job.deadline_at !== undefined && job.deadline_at <= time;
  return {
    ...job,
    state: isRecurring ? 'scheduled' : 'queued',
    attempts_max: job.attempt + job.tries,
    deadline_at: isPast ? undefined : job.deadline_at,
    worker: undefined,
    cancel: undefined,
    summary: undefined,
    error: undefined,
    result: undefined,
    artifacts: undefined,
    ended_at: undefined,
    changed_at: time,
    position,
  };
}

/**
 * A job's time has come: it waits to be claimed; a recurring one goes on to its next time. `stale`
 * when it waits for another time by now, `early` before its time.
 */
export function fallDue(job: Job, { event, position, time }: Fact<'job.due'>): Step {
  const { due_at, next_at, skipped } = event;
  if (job.due_at !== due_at) return 'stale';
  if (time < due_at) return 'early';
  if (job.recurrence === undefined) {
    if (next_at !== undefined || skipped !== undefined) return 'stale';
    return { ...job, state: 'queued', changed_at: time, position };
  }
  const run = skipped === undefined ? named('job', event.id) : job.run;
  if (next_at === undefined) return { ...ended(job, 'completed', { position, time }), run };
  if (next_at <= due_at) return 'stale';
  const deadline_at = job.deadline_at && job.deadline_at + next_at - due_at;
  return { ...job, due_at: next_at, deadline_at, run, changed_at: time, position };
}

/**
 * The lease has run out: queued again, `failed` at the last attempt, `cancelled` when it was to
 * stop. `stale` for another attempt than the newest, `early` while the lease holds.
 */
export function lapse(job: Job, { event, position, time }: Fact<'job.lapsed'>): Step {
  if (event.attempt !== job.attempt || job.lease_until === undefined) return 'stale';
  if (time < job.lease_until) return 'early';
  return lose(job, { position, time }, 'its lease ran out');
}

/**
 * Ends the job, also one that is worked on, at its deadline; `stale` for one without, `early`
 * before it. The deadline of a recurring job bounds its runs alone.
 */
export function expire(job: Job, { position, time }: Fact<'job.expired'>): Step {
  if (job.deadline_at === undefined || job.recurrence !== undefined) return 'stale';
  if (time < job.deadline_at) return 'early';
  return ended(job, 'expired', { position, time }, 'its deadline has passed');
}

/** The worker has left for good: its lease ends with it, and anybody may go on with the job. */
export function abandon(job: Job, { name, ...at }: Departure): Step {
  const lost = lose(job, at, `${name} has left`);
  return lost.state === 'queued' ? { ...lost, to: undefined } : lost;
}

/**
 * Who was to do it has left for good before it was claimed: it fails, as nobody else may claim it.
 */
export function orphan(job: Job, { name, ...at }: Departure): Step {
  return { ...ended(job, 'failed', at), error: `${name} has left; it was to do this.` };
}

/** Whatever took the worker: somebody else may try, unless it was to stop or was the last try. */
function lose(job: Job, at: Moment, why: string): Job {
  if (job.cancel !== undefined) return ended(job, 'cancelled', at, job.cancel.reason);
  const { attempt, attempts_max } = job;
  if (attempt >= attempts_max) {
    const error = `Attempt ${attempt} of ${attempts_max} was the last, and ${why}.`;
    return { ...ended(job, 'failed', at, why, 'lapsed'), error };
  }
  return {
    ...job,
    state: 'queued',
    worker: undefined,
    lease_until: undefined,
    attempts: closed(job.attempts, 'lapsed', at, why),
    changed_at: at.time,
    position: at.position,
  };
}

type EndState = 'completed' | 'failed' | 'cancelled' | 'expired';

function ended(
  job: Job,
  state: EndState,
  at: Moment,
  reason?: string,
  attempt: Attempt['state'] = state,
): Job {
  return {
    ...job,
    state,
    attempts: isHeld(job.state) ? closed(job.attempts, attempt, at, reason) : job.attempts,
    lease_until: undefined,
    ended_at: at.time,
    changed_at: at.time,
    position: at.position,
  };
}

function closed(
  attempts: readonly Attempt[],
  state: Attempt['state'],
  { time }: Moment,
  reason: string | undefined,
): Attempt[] {
  const last = attempts.at(-1);
  if (last === undefined) return [];
  return [...attempts.slice(0, -1), compact({ ...last, state, ended_at: time, reason })];
}

/** The newest attempt with what its worker says now; of all notes the newest are kept. */
function noted(attempts: readonly Attempt[], news: Partial<Attempt>): Attempt[] {
  const last = attempts.at(-1);
  if (last === undefined) return [];
  const { phase = last.phase, progress = last.progress, note = last.note } = news;
  const isOld = news.note !== undefined && last.note !== undefined;
  const notes = isOld ? [...(last.notes ?? []), last.note!] : last.notes;
  const next = [...attempts.slice(0, -1), compact({ ...last, phase, progress, note, notes })];
  return isOld ? trimmed(next) : next;
}

/** Without the oldest note of the oldest attempt that has some, once there are too many. */
function trimmed(attempts: Attempt[]): Attempt[] {
  const count = attempts.reduce((sum, { notes = [] }) => sum + notes.length, 0);
  if (count <= limits.job_notes_items) return attempts;
  const oldest = attempts.findIndex(({ notes = [] }) => notes.length > 0);
  return attempts.map((each, i) => {
    if (i !== oldest) return each;
    const notes = each.notes?.slice(1) ?? [];
    return compact({ ...each, notes: notes.length > 0 ? notes : undefined });
  });
}

function leaseEnd({ lease_s }: Job, time: number): number {
  return time + lease_s * 1_000;
}
