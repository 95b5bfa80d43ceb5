// The rows of the jobs: every live one with its indexes, and a bounded tail of those that ended.
import type { Attachment } from '../../../schemas/attachment.js';
import type { Attempt, JobRow, JobState } from '../../../schemas/job.js';
import { limits } from '../../../schemas/limits.js';
import { JobQueue } from './job-queue.js';
import { TimerQueue } from './timer-queue.js';

/** Never changed in place: each change makes a new row, so a row that was handed out stands. */
export interface Job extends JobRow {
  /** Oldest first; the newest `limits.job_attempts_max_items` of them. */
  attempts: readonly Attempt[];
  /** How many attempts it was given at first, and is given again by a retry. */
  tries: number;
  result?: Record<string, unknown> | string | undefined;
  artifacts?: Attachment[] | undefined;
}

export interface JobsSnapshot {
  count: number;
  dropped: { jobs: number; newest: number };
  open: Job[];
  ended: Job[];
}

/**
 * Live jobs, and of those that ended the newest, by `limits.jobs_ended_rows` and
 * `limits.jobs_ended_chars`. Rows are copied on write: `put` takes a new one.
 * https://en.wikipedia.org/wiki/Copy-on-write
 */
export class JobRows {
  readonly open = new Map<string, Job>();
  /** Those that ended first come first; what falls off is read back from the log. */
  readonly ended = new Map<string, Job>();
  readonly queue = new JobQueue();
  /** When scheduled jobs are due, leases end, and deadlines come. */
  readonly due = new TimerQueue();
  readonly leases = new TimerQueue();
  readonly deadlines = new TimerQueue();
  /** How many jobs and runs there ever were: the newest one's number. */
  count = 0;
  /** How many have fallen off the tail, and the highest number among them. */
  dropped = { jobs: 0, newest: 0 };
  #endedChars = 0;
  readonly #numbers = new Map<number, string>();
  readonly #madeBy = new Map<string, Set<string>>();
  readonly #heldBy = new Map<string, Set<string>>();
  readonly #ownedBy = new Map<string, Set<string>>();

  get(job: string): Job | undefined {
    return this.open.get(job) ?? this.ended.get(job);
  }

  numbered(number: number): Job | undefined {
    return this.get(this.#numbers.get(number) ?? '');
  }

  /** How many live jobs a peer has made. */
  openCount(peer: string): number {
    return this.#madeBy.get(peer)?.size ?? 0;
  }

  /** The live jobs that a peer works on or is to do, the oldest first. */
  heldOf(peer: string): Job[] {
    const jobs = [...(this.#heldBy.get(peer) ?? [])].map(job => this.open.get(job)!);
    return jobs.sort((a, b) => a.number - b.number);
  }

  /** The live jobs that a peer made, owns or is to do, the oldest first; not what it works on. */
  dutiesOf(peer: string): Job[] {
    const found = new Set<Job>();
    for (const index of [this.#madeBy, this.#ownedBy, this.#heldBy]) {
      for (const job of index.get(peer) ?? []) found.add(this.open.get(job)!);
    }
    const duties = [...found].filter(job => [job.from, job.owner, job.to].includes(peer));
    return duties.sort((a, b) => a.number - b.number);
  }

  /** Puts a row in place of the one before it, and brings every index up to it. */
  put(job: Job): void {
    const before = this.get(job.job);
    this.#numbers.set(job.number, job.job);
    this.#index(before, job);
    if (before !== undefined && isEnded(before)) this.#takeEnded(before);
    if (!isEnded(job)) {
      this.open.set(job.job, job);
      return;
    }
    this.open.delete(job.job);
    this.ended.set(job.job, job);
    this.#endedChars += charsOf(job);
    while (this.ended.size > limits.jobs_ended_rows || this.#endedChars > TAIL_CHARS) {
      this.#dropOldest();
    }
  }

  toSnapshot(): JobsSnapshot {
    const open = [...this.open.values()].sort((a, b) => a.number - b.number);
    return { count: this.count, dropped: this.dropped, open, ended: [...this.ended.values()] };
  }

  static fromSnapshot({ count, dropped, open, ended }: JobsSnapshot): JobRows {
    const rows = new JobRows();
    rows.count = count;
    rows.dropped = dropped;
    for (const job of ended) rows.put(job);
    for (const job of open) rows.put(job);
    return rows;
  }

  #index(before: Job | undefined, job: Job): void {
    aim(this.due, job.job, job.state === 'scheduled' ? job.due_at : undefined);
    aim(this.leases, job.job, isHeld(job.state) ? job.lease_until : undefined);
    // A recurring job has no end of its own; its deadline is that of its runs.
    const isBound = !isEnded(job) && job.recurrence === undefined;
    aim(this.deadlines, job.job, isBound ? job.deadline_at : undefined);
    const wasQueued = before?.state === 'queued';
    const isQueued = job.state === 'queued';
    const isKept = wasQueued && isQueued && before.to === job.to;
    if (wasQueued && !isKept) this.queue.delete(before);
    if (isQueued && !isKept) this.queue.add(job);
    swap(this.#madeBy, job.job, before && makersOf(before), makersOf(job));
    swap(this.#heldBy, job.job, before && holdersOf(before), holdersOf(job));
    swap(this.#ownedBy, job.job, before && ownersOf(before), ownersOf(job));
  }

  #takeEnded(job: Job): void {
    this.ended.delete(job.job);
    this.#endedChars -= charsOf(job);
  }

  #dropOldest(): void {
    for (const old of this.ended.values()) {
      this.#takeEnded(old);
      this.#numbers.delete(old.number);
      const newest = Math.max(this.dropped.newest, old.number);
      this.dropped = { jobs: this.dropped.jobs + 1, newest };
      return;
    }
  }
}

const TAIL_CHARS = limits.jobs_ended_chars;

const heldStates: ReadonlySet<JobState> = new Set<JobState>([
  'claimed',
  'running',
  'awaiting_input',
  'blocked',
]);
export const endStates: ReadonlySet<JobState> = new Set<JobState>([
  'completed',
  'failed',
  'cancelled',
  'expired',
]);

/** True while a worker holds a lease, whatever it says that it waits for. */
export function isHeld(state: JobState): boolean {
  return heldStates.has(state);
}

/** True once nothing but a retry can change it; `completed` not even by that. */
export function isEnded({ state }: Job): boolean {
  return endStates.has(state);
}

/** True for who made, owns, is to do or works on the job. */
export function takesPart(job: Job, peer: string | undefined): boolean {
  if (peer === undefined) return false;
  return job.from === peer || job.owner === peer || job.to === peer || job.worker === peer;
}

/**
 * The row as it goes over the wire in a list: without attempts, result and artifacts, which may be
 * large.
 */
export function shownJob(job: Job): JobRow {
  const { attempts: _, tries: __, result: ___, artifacts: ____, ...row } = job;
  return row;
}

function makersOf(job: Job): string[] {
  return isEnded(job) ? [] : [job.from];
}

const NOBODY: readonly string[] = [];

function ownersOf(job: Job): readonly string[] {
  return job.owner === undefined || isEnded(job) ? NOBODY : [job.owner];
}

function holdersOf(job: Job): string[] {
  if (isEnded(job)) return [];
  return [job.to, job.worker].filter(peer => peer !== undefined);
}

function aim(queue: TimerQueue, job: string, at: number | undefined): void {
  if (at === undefined) queue.delete(job);
  else queue.set(job, at);
}

function swap(
  index: Map<string, Set<string>>,
  job: string,
  before: readonly string[] = [],
  after: readonly string[],
): void {
  for (const peer of before) {
    if (after.includes(peer)) continue;
    const set = index.get(peer);
    set?.delete(job);
    if (set?.size === 0) index.delete(peer);
  }
  for (const peer of after) {
    const set = index.get(peer);
    if (set) set.add(job);
    else index.set(peer, new Set([job]));
  }
}

function charsOf({ title, body, summary, result, attempts }: Job): number {
  let chars = title.length + (body?.length ?? 0) + (summary?.length ?? 0);
  chars += typeof result === 'string' ? result.length : JSON.stringify(result ?? '').length;
  for (const { note, notes = [] } of attempts) {
    chars += note?.length ?? 0;
    for (const each of notes) chars += each.length;
  }
  return chars;
}
