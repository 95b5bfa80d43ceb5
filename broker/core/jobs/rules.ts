// The rules of the jobs: who may do what to one, and the fencing of leases that were lost.

import type { Attachment } from '../../../schemas/attachment.js';
import { compact } from '../../../schemas/codec.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import type { Change } from '../change.js';
import { handedObjection } from '../handovers/handed.js';
import type { Job } from '../rows/jobs.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection, View } from '../shared/view.js';
import { budgetObjection } from '../usage/rules.js';
import { createObjection } from './creation.js';
import { handJobs } from './handover.js';
import type { Step } from './moves.js';
import { type JobInput, type JobInputs, lost, stepOf } from './states.js';

export const jobsView = {
  check: {
    'job.created': createObjection,
    'job.claimed': (table, fact) =>
      objection(table, 'claim', fact, job => claimGuard(table, job, fact.event.by)) ??
      budgetObjection(table, fact.event.by, fact.time),
    'job.updated': (table, fact) =>
      objection(table, 'update', fact, job => fence(job, fact.event.by, fact.event.attempt)),
    'job.finished': (table, fact) =>
      objection(table, 'finish', fact, job => fence(job, fact.event.by, fact.event.attempt)),
    'job.cancelled': (table, fact) =>
      objection(table, 'cancel', fact, job => manageGuard(table, job, fact.event.by)),
    'job.retried': (table, fact) =>
      objection(table, 'retry', fact, job => manageGuard(table, job, fact.event.by)) ??
      assigneeObjection(table, fact.event.job),
    'job.due': (table, fact) => unlessStale(table, 'due', fact) ?? runObjection(table, fact),
    'job.lapsed': (table, fact) => unlessStale(table, 'lapse', fact),
    'job.expired': (table, fact) => unlessStale(table, 'expire', fact),
  },
  apply: {
    'job.created': (table, fact, changes) => put(table, created(table, fact), changes),
    'job.claimed': (table, fact, changes) => step(table, 'claim', fact, changes),
    'job.updated': (table, fact, changes) => step(table, 'update', fact, changes),
    'job.finished': (table, fact, changes) => step(table, 'finish', fact, changes),
    'job.cancelled': (table, fact, changes) => step(table, 'cancel', fact, changes),
    'job.retried': (table, fact, changes) => step(table, 'retry', fact, changes),
    'job.due': (table, fact, changes) => {
      const before = table.jobs.get(fact.event.job);
      step(table, 'due', fact, changes);
      const isRun = before?.recurrence !== undefined && fact.event.skipped === undefined;
      if (isRun) put(table, runOf(table, before, fact), changes);
    },
    'job.lapsed': (table, fact, changes) => step(table, 'lapse', fact, changes),
    'job.expired': (table, fact, changes) => step(table, 'expire', fact, changes),
    'orchestrator.handed_over': handJobs,
    'peer.left': (table, fact, changes) => depart(table, fact.event.by, fact, changes),
    'peer.killed': (table, fact, changes) => depart(table, fact.event.peer, fact, changes),
    'peer.retired': (table, fact, changes) => depart(table, fact.event.peer, fact, changes),
  },
  receipts: {
    'job.claimed': (table, { event }) => {
      const job = table.jobs.get(event.job);
      return job && { kind: 'job', n: job.number };
    },
  },
} satisfies View;

/** The events about one job that is there, by what they are to it. */
type JobFact<K extends JobInput> = JobInputs[K] & { event: { job: string; circle: string } };

/** The job an event is about. What an event of another circle says is not there for it. */
function subject(table: Table, event: { job: string; circle: string }): Job | undefined {
  const job = table.jobs.get(event.job);
  return job?.circle === event.circle ? job : undefined;
}

/** The guard first, then what the state allows: a lost lease is told before anything else. */
function objection<K extends JobInput>(
  table: Table,
  kind: K,
  fact: JobFact<K>,
  guard: (job: Job) => Objection,
): Objection {
  const job = subject(table, fact.event);
  if (job === undefined) return unknownJob(fact.event.job);
  return guard(job) ?? against(stepOf(job, kind, fact));
}

function unlessStale<K extends JobInput>(table: Table, kind: K, fact: JobFact<K>): Objection {
  const job = subject(table, fact.event);
  return job === undefined ? 'stale' : against(stepOf(job, kind, fact));
}

function against(next: Step): Objection {
  return typeof next === 'string' || 'refusal' in next ? next : undefined;
}

/**
 * `job_unknown`, alike for a job that is nowhere and one the caller may not see: so nobody learns
 * of others' jobs.
 */
export function unknownJob(job: string): Refusal {
  return refuse('job_unknown', `There is no ${job} you may see; see job.list.`);
}

/**
 * `not_yours` when the job is assigned to another peer; without an assignee anybody may whose token
 * reaches its circle.
 */
export function claimGuard(table: Table, job: Job, by: string): Objection {
  if (job.to === undefined || job.to === by) return undefined;
  const handed = handedObjection(table, by, job, [job.to], 'This job');
  if (handed !== undefined) return handed;
  return refuse('not_yours', `${job.job} is for another peer to do; claim another.`);
}

/**
 * `lease_stale` for any attempt but the newest, also of the same worker; `not_yours` when another
 * peer holds that one. https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html
 */
export function fence(job: Job, by: string, attempt: number): Objection {
  if (attempt !== job.attempt) return lost(job);
  if (job.worker === undefined || job.worker === by) return undefined;
  return refuse('not_yours', `Another peer works on ${job.job}; only it may say how that goes.`);
}

/**
 * `not_yours` unless the peer made or owns the job, or is an orchestrator or a human; and for who
 * had it before somebody took over.
 */
export function manageGuard(table: Table, job: Job, by: string): Objection {
  if (by === job.from || by === job.owner) return undefined;
  const { owner, from, to } = job;
  const handed = handedObjection(table, by, job, [owner, from, to], 'This job');
  if (handed !== undefined) return handed;
  const role = table.peers.rows.get(by)?.role;
  if (role === 'orchestrator' || role === 'human') return undefined;
  const who = 'who made or owns it, an orchestrator or a human';
  return refuse('not_yours', `Only ${who} may do this to ${job.job}.`);
}

function assigneeObjection(table: Table, job: string): Objection {
  const row = table.peers.rows.get(table.jobs.get(job)?.to ?? '');
  if (row?.retired === undefined) return undefined;
  return refuse('peer_retired', `${row.name} was to do this and has left; create a new job.`);
}

/** A run begins exactly when the one before it has ended, under a name that is new. */
function runObjection(table: Table, { event }: Fact<'job.due'>): Objection {
  const job = table.jobs.get(event.job);
  if (job?.recurrence === undefined) return undefined;
  if (event.skipped !== overlapOf(table, job)) return 'stale';
  return table.jobs.get(named('job', event.id)) === undefined ? undefined : 'duplicate';
}

/** Why a recurring job due now would begin no run; undefined when it would. */
export function overlapOf(table: Table, { run }: Job): 'overlap' | undefined {
  return table.jobs.open.has(run ?? '') ? 'overlap' : undefined;
}

function step<K extends JobInput>(
  table: Table,
  kind: K,
  fact: JobFact<K>,
  changes: Change[],
): void {
  const job = table.jobs.get(fact.event.job);
  if (job !== undefined) go(table, stepOf(job, kind, fact), changes);
}

function go(table: Table, next: Step, changes: Change[]): void {
  if (typeof next !== 'string' && !('refusal' in next)) put(table, next, changes);
}

/** No key of a row is undefined, so that it packs as it stands. */
function put(table: Table, job: Job, changes: Change[]): void {
  const row = compact(job);
  table.jobs.put(row);
  changes.push({ view: 'jobs', key: row.job, row });
}

/** What a leaving peer works on is free again; what only it was to do has failed. */
function depart(table: Table, peer: string, { position, time }: Fact, changes: Change[]): void {
  const name = table.peers.rows.get(peer)?.name ?? peer;
  for (const job of table.jobs.heldOf(peer)) {
    go(table, stepOf(job, 'gone', { name, position, time }), changes);
  }
}

function created(table: Table, { event, position, time }: Fact<'job.created'>): Job {
  const { by, cron, zone = 'UTC', due_at, attempts_max } = event;
  return {
    job: event.job,
    number: ++table.jobs.count,
    title: event.title,
    kind: event.kind,
    body: event.body,
    state: due_at === undefined ? 'queued' : 'scheduled',
    circle: event.circle,
    from: by,
    to: event.to,
    owner: event.owner,
    attempt: 0,
    attempts: [],
    attempts_max,
    tries: attempts_max,
    lease_s: event.lease_s,
    due_at,
    deadline_at: event.deadline_at,
    recurrence: cron === undefined ? undefined : { cron, zone },
    correlation: event.correlation,
    attachments: event.attachments as Attachment[] | undefined,
    created_at: time,
    changed_at: time,
    position,
  };
}

/** A run has as long as the first one had, counted from when it is queued. */
function runOf(table: Table, job: Job, { event, position, time }: Fact<'job.due'>): Job {
  const { due_at, deadline_at } = job;
  const patience = deadline_at === undefined ? undefined : deadline_at - (due_at ?? deadline_at);
  return {
    ...job,
    job: named('job', event.id),
    number: ++table.jobs.count,
    state: 'queued',
    deadline_at: patience === undefined ? undefined : time + patience,
    recurrence: undefined,
    run: undefined,
    recurs: job.job,
    created_at: time,
    changed_at: time,
    position,
  };
}
