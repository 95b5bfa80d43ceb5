// The state machine of a job: what each event does in each state; the compiler counts the cells.
//
//              due              claim            update
//   scheduled ─────▶ queued ──────────▶ ╔ claimed ────────▶ running ◀────▶ awaiting_input ╗
//      ↺ due         ▲   ▲              ║                      ▲                 ▲        ║
//   (recurring)      │   │              ║                      └───▶ blocked ◀───┘        ║
//                    │   └─ lapse, gone ╚═══════ held: a worker, an attempt, a lease ═════╝
//                    │                     │ finish        │ lapse, gone   │ all the same,
//                    │                     │               │ at the last   │ once a cancel
//                    │                     │               │ attempt       │ asks to stop
//                    │                     ▼               ▼               ▼
//                    │             completed, failed     failed        cancelled
//                    │
//                    └── retry ── failed, cancelled, expired (recurring: to scheduled)
//
//   scheduled, queued ── cancel ──▶ cancelled
//   scheduled, queued ── gone: who was to do it ──▶ failed
//   scheduled, queued, held ── expire ──▶ expired (a recurring job only bounds its runs)
//
// A recurring job is only ever scheduled or ended; each time it is due a run is queued beside it.
// What has ended never changes but by a retry.
import type { JobState } from '../../../schemas/job.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { Job } from '../rows/jobs.js';
import type { Fact } from '../shared/view.js';
import type { Step } from './moves.js';
import * as moves from './moves.js';

/** What may happen to a job that is there. */
export interface JobInputs {
  claim: Fact<'job.claimed'>;
  update: Fact<'job.updated'>;
  finish: Fact<'job.finished'>;
  cancel: Fact<'job.cancelled'>;
  retry: Fact<'job.retried'>;
  due: Fact<'job.due'>;
  lapse: Fact<'job.lapsed'>;
  expire: Fact<'job.expired'>;
  /** Its worker, or who was to do it, has left for good. */
  gone: moves.Departure;
}
export type JobInput = keyof JobInputs;

type Move<K extends JobInput> = (job: Job, input: JobInputs[K]) => Step;
type Row = { [K in JobInput]: Move<K> };

const held: Row = {
  claim: taken,
  update: moves.renew,
  finish: moves.finish,
  cancel: moves.stop,
  retry: alive,
  due: stale,
  lapse: moves.lapse,
  expire: moves.expire,
  gone: moves.abandon,
};

const ended: Row = {
  claim: over,
  update: over,
  finish: over,
  cancel: over,
  retry: moves.retry,
  due: stale,
  lapse: stale,
  expire: stale,
  gone: stale,
};

// One row a state, one cell an input.
const table: { [S in JobState]: Row } = {
  scheduled: {
    claim: notYet,
    update: lost,
    finish: lost,
    cancel: moves.withdraw,
    retry: alive,
    due: moves.fallDue,
    lapse: stale,
    expire: moves.expire,
    gone: moves.orphan,
  },
  queued: {
    claim: moves.claim,
    update: lost,
    finish: lost,
    cancel: moves.withdraw,
    retry: alive,
    due: stale,
    lapse: stale,
    expire: moves.expire,
    gone: moves.orphan,
  },
  claimed: held,
  running: held,
  awaiting_input: held,
  blocked: held,
  completed: { ...ended, retry: done },
  failed: ended,
  cancelled: ended,
  expired: ended,
};

/**
 * The job after an input, or what stands against it; the same before the append and in the fold,
 * and nothing is changed. https://en.wikipedia.org/wiki/State-transition_table
 */
export function stepOf<K extends JobInput>(job: Job, kind: K, input: JobInputs[K]): Step {
  return table[job.state][kind](job, input);
}

/** `lease_stale`, with the job's newest attempt and state: the worker that is told so must stop. */
export function lost({ job, attempt, state }: Job): Refusal {
  const advice = 'stop, and claim again to go on';
  return refuse('lease_stale', `Your attempt at ${job} is over; ${advice}.`, { attempt, state });
}

function stale(): Step {
  return 'stale';
}

function taken(job: Job): Step {
  return refused(job, `${job.job} is ${job.state} already; claim another.`);
}

function notYet(job: Job): Step {
  return refused(job, `${job.job} is not due yet; claim it once it is queued.`);
}

function over(job: Job): Step {
  return refused(job, `${job.job} is ${job.state}; see job.get for how it ended.`);
}

function alive(job: Job): Step {
  return refused(
    job,
    `${job.job} is still ${job.state}; only what failed or ended may be retried.`,
  );
}

function done(job: Job): Step {
  return refused(job, `${job.job} is completed; create a new job to do it again.`);
}

function refused({ state }: Job, message: string): Refusal {
  return refuse('job_state', message, { state });
}
