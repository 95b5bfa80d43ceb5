// Proposals of the noun job.
import { fitsBytes } from '../../../schemas/common.js';
import { limits } from '../../../schemas/limits.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { type Job, takesPart } from '../rows/jobs.js';
import type { PeerState } from '../rows/peers.js';
import { covers } from '../rows/rights.js';
import { recurrenceRefusal } from '../schedules/cron.js';
import { nextFire } from '../schedules/recurrence.js';
import {
  addresseeOf,
  type Commands,
  type Context,
  chainAfter,
  future,
  type Propose,
  recipientOf,
  self,
} from '../shared/command-context.js';
import { unknownJob } from './rules.js';

const proposeJob: Propose<'job.create', 'job.created'> = (context, params) => {
  const { id, title, kind, body, attempts_max, lease_s, correlation, attachments } = params;
  const who = partners(context, params);
  if (isRefusal(who)) return who;
  const times = timesOf(context, params);
  if (isRefusal(times)) return times;
  return {
    circle: who.to?.circle ?? params.circle ?? self(context).circle,
    job: named('job', id),
    title,
    kind,
    body,
    to: who.to?.peer,
    owner: who.owner?.peer,
    ...times,
    attempts_max,
    lease_s,
    cron: params.recurrence?.cron,
    zone: params.recurrence?.zone,
    correlation,
    attachments,
    caused_by: params.caused_by,
    ...chainAfter(context, { caused_by: params.caused_by }),
  };
};

const proposeClaim: Propose<'job.claim', 'job.claimed'> = (context, { job, kind }) => {
  if (job !== undefined) {
    const row = visibleJob(context, job);
    return row === undefined ? unknownJob(job) : { circle: row.circle, job };
  }
  const next = nextFor(context, kind);
  if (next !== undefined) return { circle: next.circle, job: next.job, kind: next.kind };
  const what = kind === undefined ? 'No job' : `No job of kind "${kind}"`;
  return refuse('job_unknown', `${what} waits for you; claim again later.`);
};

const proposeUpdate: Propose<'job.update', 'job.updated'> = (context, params) => {
  const { id: _, ...news } = params;
  return about(context, params.job, news);
};

const proposeFinish: Propose<'job.finish', 'job.finished'> = (context, params) => {
  const { id: _, result, ...news } = params;
  const text = typeof result === 'string' ? result : JSON.stringify(result ?? '');
  if (!fitsBytes(text, limits.job_result_bytes)) {
    const advice = 'keep it in a file and name that in artifacts';
    return refuse('too_large', `result is over ${limits.job_result_bytes} bytes; ${advice}.`);
  }
  const told = typeof result === 'string' ? { result_text: result } : { result };
  return about(context, params.job, { ...news, ...told });
};

const proposeCancel: Propose<'job.cancel', 'job.cancelled'> = (context, { job, reason }) =>
  about(context, job, { job, reason });

const proposeRetry: Propose<'job.retry', 'job.retried'> = (context, { job }) =>
  about(context, job, { job });

/** The job, when the peer that speaks takes part in it or its token reaches there. */
function visibleJob({ table, author, held }: Context, job: string): Job | undefined {
  const row = table.jobs.get(job);
  const isSeen = row !== undefined && (takesPart(row, author.peer) || covers(held, row.circle));
  return isSeen ? row : undefined;
}

function about<D extends object>(context: Context, job: string, data: D) {
  const row = visibleJob(context, job);
  return row === undefined ? unknownJob(job) : { circle: row.circle, ...data };
}

interface Partners {
  to?: PeerState | undefined;
  owner?: PeerState | undefined;
}

function partners(
  context: Context,
  { to, circle, owner }: { to?: string; circle?: string; owner?: string },
): Partners | Refusal {
  if (circle !== undefined && !covers(context.held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  const doer = to === undefined ? undefined : addresseeOf(context, to, circle);
  if (doer !== undefined && isRefusal(doer)) return doer;
  const keeper = owner === undefined ? undefined : recipientOf(context, owner);
  if (keeper !== undefined && isRefusal(keeper)) return keeper;
  return { to: doer, owner: keeper };
}

interface Times {
  due_at?: number | string;
  deadline_at?: number | string;
  recurrence?: { cron: string; zone: string };
}

/** When it is due first and at last, in ms UTC: with a rule, its first fire from `due_at` on. */
function timesOf({ now }: Context, params: Times) {
  const { recurrence } = params;
  const start = future('due_at', params.due_at, now);
  if (isRefusal(start)) return start;
  const end = future('deadline_at', params.deadline_at, now);
  if (isRefusal(end)) return end;
  if (recurrence === undefined) return { due_at: start.at, deadline_at: end.at };
  const refusal = recurrenceRefusal(recurrence);
  if (refusal !== undefined) return refusal;
  const due_at = nextFire(recurrence, start.at === undefined ? now : start.at - 1);
  if (due_at === undefined) {
    return refuse('schedule_never_fires', 'This rule never fires; give another.');
  }
  return { due_at, deadline_at: end.at };
}

/** What the peer that speaks should do next: what is its own to do, else the oldest around it. */
function nextFor(context: Context, kind: string | undefined): Job | undefined {
  const { table, held } = context;
  const me = self(context);
  const fits = (job: string) => {
    const row = table.jobs.open.get(job);
    return row !== undefined && covers(held, row.circle) && !context.isBeingClaimed(job);
  };
  const { queue } = table.jobs;
  const next = queue.first({ to: me.peer }, kind, fits) ?? queue.first(me, kind, fits);
  return table.jobs.open.get(next ?? '');
}

export const jobCommands = {
  'job.create': proposeJob,
  'job.claim': proposeClaim,
  'job.update': proposeUpdate,
  'job.finish': proposeFinish,
  'job.cancel': proposeCancel,
  'job.retry': proposeRetry,
} satisfies Commands;
