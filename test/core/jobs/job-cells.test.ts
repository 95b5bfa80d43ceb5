// Every cell of the jobs' states and events: what each event does in each state, one test a cell.
import t from 'tap';
import type { JobInput } from '../../../broker/core/jobs/states.js';
import { type JobState, jobState } from '../../../schemas/job.js';
import { api, type Draft, db, joins, leaves, T0, web } from '../../dsl/events.js';
import * as j from '../../dsl/events-jobs.js';
import { type Given, given, later } from '../../dsl/given.js';

type Step = Draft | { later: number };

const DUE = T0 + 60_000;
const DEADLINE = T0 + 3_600_000;
const terms = { deadline_at: DEADLINE };

/** Held jobs are for anybody; waiting ones for api, so that it matters to them when api leaves. */
const open = [joins(web), joins(api), joins(db), j.makesJob(1, web, terms)];
const claimed = [...open, j.claims(api, 1)];
const ways: Record<JobState, Step[]> = {
  scheduled: [...open.slice(0, 3), j.assigns(1, web, api, { ...terms, due_at: DUE })],
  queued: [...open.slice(0, 3), j.assigns(1, web, api, terms)],
  claimed,
  running: [...claimed, j.updates(api, 1)],
  awaiting_input: [...claimed, j.updates(api, 1, 1, { state: 'awaiting_input' })],
  blocked: [...claimed, j.updates(api, 1, 1, { state: 'blocked' })],
  completed: [...claimed, j.finishes(api, 1)],
  failed: [...claimed, j.finishes(api, 1, 1, { outcome: 'failed' })],
  cancelled: [...open, j.cancels(web, 1)],
  expired: [...claimed, later(DEADLINE - T0), j.expires(1)],
};

const inputs: Record<JobInput, Step[]> = {
  claim: [j.claims(api, 1)],
  update: [j.updates(api, 1)],
  finish: [j.finishes(api, 1)],
  cancel: [j.cancels(web, 1)],
  retry: [j.retries(web, 1)],
  due: [later(DUE - T0), j.fallsDue(1, DUE)],
  lapse: [later(300_000), j.lapses(1)],
  expire: [later(DEADLINE - T0), j.expires(1)],
  gone: [leaves(api)],
};
const kinds = Object.keys(inputs) as JobInput[];

/** The state it leads to; else why the event is void, after a `!`. */
type Cells = Record<JobInput, JobState | `!${string}`>;

const over: Cells = {
  claim: '!job_state',
  update: '!job_state',
  finish: '!job_state',
  cancel: '!job_state',
  retry: 'queued',
  due: '!stale',
  lapse: '!stale',
  expire: '!stale',
  gone: 'failed',
};

const held: Cells = {
  claim: '!job_state',
  update: 'running',
  finish: 'completed',
  cancel: 'running',
  retry: '!job_state',
  due: '!stale',
  lapse: 'queued',
  expire: 'expired',
  gone: 'queued',
};

const waiting: Cells = {
  claim: 'claimed',
  update: '!lease_stale',
  finish: '!lease_stale',
  cancel: 'cancelled',
  retry: '!job_state',
  due: '!stale',
  lapse: '!stale',
  expire: 'expired',
  gone: 'failed',
};

const cells: Record<JobState, Cells> = {
  scheduled: { ...waiting, claim: '!job_state', due: 'queued' },
  queued: waiting,
  claimed: { ...held, cancel: 'claimed' },
  running: held,
  awaiting_input: { ...held, update: 'awaiting_input', cancel: 'awaiting_input' },
  blocked: { ...held, update: 'blocked', cancel: 'blocked' },
  completed: { ...over, retry: '!job_state', gone: 'completed' },
  failed: over,
  cancelled: { ...over, update: '!lease_stale', finish: '!lease_stale', gone: 'cancelled' },
  expired: { ...over, gone: 'expired' },
};

function meets(world: Given, from: JobState, wanted: JobState | `!${string}`): void {
  const reason = wanted.startsWith('!') ? wanted.slice(1) : undefined;
  if (reason === undefined) world.thenApplied().thenJob(1, { state: wanted });
  else world.thenVoid(reason).thenJob(1, { state: from });
}

for (const state of jobState.options) {
  for (const kind of kinds) {
    const wanted = cells[state][kind];
    t.test(`${state} × ${kind}: ${wanted}`, async t => {
      const world = given(t, ...ways[state]).thenJob(1, { state });
      meets(world.and(...inputs[kind]), state, wanted);
    });
  }
}

/** Once its worker is asked to stop, a held job ends, whatever else comes. */
const stopping: Cells = {
  ...held,
  finish: 'cancelled',
  cancel: '!job_state',
  lapse: 'cancelled',
  gone: 'cancelled',
};

for (const state of ['claimed', 'running', 'awaiting_input', 'blocked'] as const) {
  for (const kind of kinds) {
    const wanted = kind === 'update' ? cells[state].update : stopping[kind];
    t.test(`${state}, asked to stop, × ${kind}: ${wanted}`, async t => {
      const world = given(t, ...ways[state], j.cancels(web, 1)).thenJob(1, { state });
      meets(world.and(...inputs[kind]), state, wanted);
    });
  }
}

t.test(
  'what time asks for is void before its time, and when it speaks of another time',
  async t => {
    given(t, ...ways.scheduled, later(59_999), j.fallsDue(1, DUE)).thenVoid('early');
    given(t, ...ways.scheduled, later(60_000), j.fallsDue(1, DUE - 1)).thenVoid('stale');
    given(t, ...ways.scheduled, later(60_000), j.fallsDue(1, DUE, { next_at: DUE + 1 })).thenVoid(
      'stale',
    );
    given(t, ...ways.running, later(299_999), j.lapses(1)).thenVoid('early');
    given(t, ...ways.running, later(300_000), j.lapses(1, 2)).thenVoid('stale');
    given(t, ...ways.running, later(3_599_999), j.expires(1)).thenVoid('early');
    given(t, ...open.slice(0, 3), j.makesJob(1, web), later(9e9), j.expires(1)).thenVoid('stale');
  },
);

t.test('an event about a job of another circle is about no job', async t => {
  const circle = 'elsewhere';
  given(t, ...ways.running, j.finishes(api, 1, 1, { circle })).thenVoid('job_unknown');
  given(t, ...ways.running, later(9e6), j.lapses(1, 1, { circle })).thenVoid('stale');
});
