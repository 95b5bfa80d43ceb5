// Recurring jobs over hand-turned time: each time due a run, none twice, none beside a live one.
import t from 'tap';
import { dueEvents } from '../../../broker/core/due.js';
import * as p from '../../dsl/events.js';
import { api, BOOT, db, joins, leaves, T0, web } from '../../dsl/events.js';
import * as j from '../../dsl/events-jobs.js';
import { jobNo } from '../../dsl/events-jobs.js';
import { type Given, given, later } from '../../dsl/given.js';

const HOUR = 3_600_000;
const hourly = { cron: '0 * * * *', zone: 'UTC' };
const three = [joins(web), joins(api), joins(db)];

/** Every broker that is up proposes what is due, until nothing is; returns how much that was. */
function ticks(world: Given): number {
  let count = 0;
  for (;;) {
    const events = dueEvents(world.mesh.table, world.mesh.now);
    if (events.length === 0) return count;
    for (const event of events) world.and({ ...event, by: BOOT } as p.Draft).thenApplied();
    count += events.length;
  }
}

function runsOf(world: Given) {
  const { open, ended } = world.mesh.table.jobs;
  const runs = [...open.values(), ...ended.values()].filter(row => row.recurs === jobNo(1));
  return runs.sort((a, b) => a.number - b.number);
}

const make = { id: p.uuid(1), title: 'sweep', recurrence: hourly };

t.test('a rule that is none, or never fires, makes no job', async t => {
  const world = given(t, ...three);
  const bad = (cron: string, zone?: string) =>
    world.when(web, 'job.create', { title: 'x', recurrence: { cron, zone } });
  bad('every noon').thenRefused('invalid');
  bad('* * * * * *').thenRefused('invalid');
  bad('0 9 * * *', 'Mars/Base').thenRefused('invalid');
  bad('0 0 30 2 *').thenRefused('schedule_never_fires');
});

t.test('its first time is the next of its rule, or the first from due_at on', async t => {
  const world = given(t, ...three, later(60_000));
  world
    .when(web, 'job.create', make)
    .thenEvent({ due_at: T0 + HOUR, cron: '0 * * * *', zone: 'UTC' })
    .thenJob(1, { state: 'scheduled', recurrence: hourly });
  const from = (due_at: number) =>
    world.when(web, 'job.create', { title: 'x', recurrence: hourly, due_at });
  from(T0 + 3 * HOUR).thenEvent({ due_at: T0 + 3 * HOUR });
  from(T0 + 3 * HOUR + 1).thenEvent({ due_at: T0 + 4 * HOUR });
  world
    .when(web, 'job.create', { title: 'x', recurrence: hourly, deadline_at: T0 + HOUR })
    .thenRefused('invalid');
});

t.test('each time it is due a run is queued, and the job itself waits for the next', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', { ...make, to: 'api', kind: 'sweep' }).thenEvent({});
  t.equal(ticks(world), 0, 'nothing is due yet');
  world.thenInbox(api).and(later(HOUR));
  t.equal(ticks(world), 1);
  const [run] = runsOf(world);
  t.match(run, { state: 'queued', title: 'sweep', kind: 'sweep', to: api.peer, due_at: T0 + HOUR });
  t.match(run, { number: 2, from: web.peer, recurrence: undefined });
  world
    .thenJob(1, { state: 'scheduled', due_at: T0 + 2 * HOUR, run: run?.job })
    .thenInbox(api, { kind: 'job', ref: run?.job, from: web.peer })
    .and(j.claims(api, run!.job), j.finishes(api, run!.job))
    .thenInbox(web, { ref: run?.job, outcome: 'completed' })
    .and(later(HOUR));
  t.equal(ticks(world), 1);
  t.equal(runsOf(world).length, 2);
});

t.test('while a run is not over the next is skipped, with its reason in the log', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', make).thenEvent({}).and(later(HOUR));
  ticks(world);
  world.and(later(HOUR));
  const [due] = dueEvents(world.mesh.table, world.mesh.now);
  t.match(due, { type: 'job.due', skipped: 'overlap', next_at: T0 + 3 * HOUR });
  world.and(j.fallsDue(1, T0 + 2 * HOUR, { next_at: T0 + 3 * HOUR })).thenVoid('stale');
  ticks(world);
  t.equal(runsOf(world).length, 1);
  world.thenJob(1, { due_at: T0 + 3 * HOUR });
  const [run] = runsOf(world);
  world.and(j.cancels(web, run!.job), later(HOUR));
  world
    .and(j.fallsDue(1, T0 + 3 * HOUR, { next_at: T0 + 4 * HOUR, skipped: 'overlap' }))
    .thenVoid('stale');
  ticks(world);
  t.equal(runsOf(world).length, 2);
});

for (const [missed, runs] of [
  [0, 0],
  [1, 1],
  [2, 1],
  [100_000, 1],
] as const) {
  t.test(`${missed} times missed while nobody was up make ${runs} run`, async t => {
    const world = given(t, ...three);
    world.when(web, 'job.create', make).thenEvent({});
    world.and(later(missed * HOUR + 1_000));
    ticks(world);
    t.equal(runsOf(world).length, runs);
    world.thenJob(1, { state: 'scheduled', due_at: T0 + (missed + 1) * HOUR });
  });
}

t.test('of two brokers’ proposals of one time the first begins the run', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', make).thenEvent({}).and(later(HOUR));
  const due = (id: number) => j.fallsDue(1, T0 + HOUR, { id, next_at: T0 + 2 * HOUR });
  world.and(due(50)).thenApplied().and(due(51)).thenVoid('stale');
  world.thenJob(50, { state: 'queued', recurs: jobNo(1) }).thenJob(51, undefined);
});

t.test('a run never takes the place of a job that is there', async t => {
  const world = given(t, ...three, j.makesJob(50, db));
  world.when(web, 'job.create', make).thenEvent({}).and(later(HOUR));
  world
    .and(j.fallsDue(1, T0 + HOUR, { id: 50, next_at: T0 + 2 * HOUR }))
    .thenVoid('duplicate')
    .thenJob(50, { from: db.peer });
});

t.test('a next time that is not ahead of the last is void', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', make).thenEvent({}).and(later(HOUR));
  world.and(j.fallsDue(1, T0 + HOUR, { next_at: T0 + HOUR })).thenVoid('stale');
});

t.test('a rule without a next time is over after its last run', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', make).thenEvent({}).and(later(HOUR));
  world
    .and(j.fallsDue(1, T0 + HOUR, { id: 50 }))
    .thenApplied()
    .thenJob(1, { state: 'completed', run: jobNo(50) })
    .thenJob(50, { state: 'queued' })
    .thenInbox(web, { ref: jobNo(1), outcome: 'completed' });
});

t.test('each run gets as long as the first, and the job itself never expires', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', { ...make, deadline_at: T0 + HOUR + 600_000 }).thenEvent({});
  world.and(later(5 * HOUR + 1_000));
  ticks(world);
  const [run] = runsOf(world);
  t.equal(run?.deadline_at, T0 + 5 * HOUR + 601_000);
  world.thenJob(1, { due_at: T0 + 6 * HOUR, deadline_at: T0 + 6 * HOUR + 600_000 });
  world.and(j.expires(1)).thenVoid('stale').and(later(600_000));
  ticks(world);
  world.thenJob(run!.job, { state: 'expired' }).thenJob(1, { state: 'scheduled' });
});

t.test('a cancel ends it at once, and a retry takes it up again with one run', async t => {
  const world = given(t, ...three);
  world
    .when(web, 'job.create', make)
    .thenEvent({})
    .and(j.cancels(web, 1), later(3 * HOUR));
  world.thenJob(1, { state: 'cancelled' });
  t.equal(ticks(world), 0);
  world.and(j.retries(web, 1)).thenJob(1, { state: 'scheduled' });
  ticks(world);
  t.equal(runsOf(world).length, 1);
  world.thenJob(1, { due_at: T0 + 4 * HOUR });
});

t.test('when who was to do it leaves, it has failed', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', { ...make, to: 'api' }).thenEvent({});
  world
    .and(leaves(api))
    .thenJob(1, { state: 'failed' })
    .and(later(3 * HOUR));
  t.equal(ticks(world), 0);
});

t.test('a broker that does not know the zone leaves the rule to those that do', async t => {
  const unknown = { cron: '0 * * * *', zone: 'Mars/Base', due_at: T0 + HOUR };
  const world = given(t, ...three, j.makesJob(1, web, unknown), later(HOUR));
  t.equal(ticks(world), 0);
  world.thenJob(1, { state: 'scheduled' });
});

t.test('a run’s notices end when nobody reads them', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', make).thenEvent({}).and(later(HOUR));
  ticks(world);
  const box = world.mesh.table.inbox.box(web.peer);
  box.chars = Number.MAX_SAFE_INTEGER;
  const [run] = runsOf(world);
  world.and(j.claims(api, run!.job), j.finishes(api, run!.job)).thenApplied().thenInbox(web);
});
