// How jobs end, or come back: lost leases, leaving peers, cancels, retries, deadlines; who is told.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import { api, db, far, joins, leaves, orch, person, T0, web } from '../../dsl/events.js';
import * as j from '../../dsl/events-jobs.js';
import { jobNo } from '../../dsl/events-jobs.js';
import { type Given, given, later } from '../../dsl/given.js';

const three = [joins(web), joins(api), joins(db)];
const working = [...three, j.makesJob(1, web), j.claims(api, 1)];

t.test(
  'the attempt is told stale before anything else, then whose it is, then its state',
  async t => {
    const world = given(t, ...working, later(300_000), j.lapses(1));
    const done = { job: jobNo(1), outcome: 'completed', summary: 's' } as const;
    world.when(api, 'job.finish', { ...done, attempt: 1 }).thenRefused('lease_stale');
    world.and(j.claims(db, 1));
    world.when(api, 'job.finish', { ...done, attempt: 1 }).thenRefused('lease_stale');
    world.when(api, 'job.update', { job: jobNo(1), attempt: 1 }).thenRefused('lease_stale');
    world.when(api, 'job.finish', { ...done, attempt: 2 }).thenRefused('not_yours');
    world.when(db, 'job.finish', { ...done, attempt: 3 }).thenRefused('lease_stale');
    world.and(j.finishes(db, 1, 2));
    world.when(api, 'job.finish', { ...done, attempt: 1 }).thenRefused('lease_stale');
    world.when(web, 'job.finish', { ...done, attempt: 2 }).thenRefused('not_yours');
    world.when(db, 'job.finish', { ...done, attempt: 2 }).thenRefused('job_state');
    world.when(db, 'job.finish', { ...done, job: jobNo(9), attempt: 2 }).thenRefused('job_unknown');
  },
);

t.test('every update renews the lease, until the worker is to stop', async t => {
  given(t, ...working, later(200_000), j.updates(api, 1))
    .thenJob(1, { lease_until: T0 + 500_000 })
    .and(j.cancels(web, 1), later(100_000))
    .when(api, 'job.update', { job: jobNo(1), attempt: 1, note: 'stopping' })
    .thenAnswer({ lease_until: T0 + 500_000, cancel: { by: web.peer, reason: 'no longer wanted' } })
    .and(later(200_000), j.lapses(1))
    .thenJob(1, { state: 'cancelled', ended_at: T0 + 500_000 });
});

t.test('a job whose every attempt lapses has failed, and says so', async t => {
  const world = given(t, ...three, j.makesJob(1, web, { attempts_max: 2 }));
  world.and(j.claims(api, 1), later(300_000), j.lapses(1)).thenJob(1, { state: 'queued' });
  world.thenJob(1, { worker: undefined, lease_until: undefined, attempt: 1 });
  world.and(j.claims(db, 1), later(300_000), j.lapses(1, 2)).thenJob(1, {
    state: 'failed',
    error: 'Attempt 2 of 2 was the last, and its lease ran out.',
  });
  world.thenInbox(web, { kind: 'job', from: db.peer, text: /^failed: job 1\nAttempt 2 of 2/ });
  const attempts = world.mesh.table.jobs.get(jobNo(1))?.attempts;
  t.match(attempts, [
    { attempt: 1, by: api.peer, state: 'lapsed', ended_at: T0 + 300_000 },
    { attempt: 2, by: db.peer, state: 'lapsed', reason: 'its lease ran out' },
  ]);
});

t.test('what a leaving peer works on is queued for anybody; what waits for it fails', async t => {
  for (const bye of [leaves(api), p.kills(api)]) {
    given(
      t,
      ...working,
      j.assigns(2, web, api),
      j.assigns(3, web, api, { due_at: T0 + 9_000 }),
      j.assigns(4, web, api),
      j.claims(api, 4),
      j.makesJob(5, web, { attempts_max: 1 }),
      j.claims(api, 5),
      bye,
    )
      .thenJob(1, { state: 'queued', worker: undefined })
      .thenJob(2, { state: 'failed', error: 'api has left; it was to do this.' })
      .thenJob(3, { state: 'failed' })
      .thenJob(4, { state: 'queued', to: undefined, worker: undefined })
      .thenJob(5, { state: 'failed', error: 'Attempt 1 of 1 was the last, and api has left.' })
      .thenInbox(api)
      .thenInbox(web, ...[2, 3, 5].map(n => ({ kind: 'job', ref: jobNo(n), text: /has left/ })))
      .when(web, 'job.retry', { job: jobNo(2) })
      .thenRefused('peer_retired')
      .when(db, 'job.claim', { job: jobNo(4) })
      .thenAnswer({ job: jobNo(4), attempt: 2 });
  }
});

t.test('a peer that is gone for a month lets go of its work too', async t => {
  given(t, ...working, p.disconnects(api), later(limits.peer_gone_ms))
    .and(p.broker('peer.retired', { peer: api.peer, circle: 'default' }))
    .thenApplied()
    .thenJob(1, { state: 'queued' });
});

t.test('whoever made, owns or watches over a job may cancel and retry it, nobody else', async t => {
  const boss = person('boss', { role: 'human' });
  const all = [...three, joins(orch), joins(boss), j.makesJob(1, web, { owner: db.peer })];
  for (const who of [web, db, orch, boss]) {
    given(t, ...all)
      .when(who, 'job.cancel', { job: jobNo(1), reason: 'no' })
      .thenEvent({})
      .thenJob(1, { state: 'cancelled', cancel: { by: who.peer, reason: 'no' } })
      .when(who, 'job.retry', { job: jobNo(1) })
      .thenEvent({})
      .thenJob(1, { state: 'queued', cancel: undefined });
  }
  const world = given(t, ...all);
  world.when(api, 'job.cancel', { job: jobNo(1), reason: 'no' }).thenRefused('not_yours');
  world.when(api, 'job.retry', { job: jobNo(1) }).thenRefused('not_yours');
  world.and(j.cancels(api, 1)).thenVoid('not_yours');
});

t.test('the worker of a cancelled job is told to stop, and its finish is the end', async t => {
  const world = given(t, ...working);
  world
    .when(web, 'job.cancel', { job: jobNo(1), reason: 'too late' })
    .thenEvent({})
    .thenInbox(api, {
      kind: 'system',
      ref: jobNo(1),
      text: 'Stop: job 1\ntoo late',
      from: web.peer,
    });
  world.when(web, 'job.cancel', { job: jobNo(1), reason: 'really' }).thenRefused('job_state');
  world
    .and(j.finishes(api, 1, 1, { summary: 'half', result_text: 'a half' }))
    .thenJob(1, { state: 'cancelled', summary: 'half', result: 'a half' })
    .thenInbox(api)
    .thenInbox(web, {
      kind: 'job',
      outcome: 'cancelled',
      text: 'cancelled: job 1\nhalf\ntoo late',
    });
});

t.test('of finish and cancel the first in the log wins', async t => {
  given(t, ...working, j.finishes(api, 1), j.cancels(web, 1))
    .thenVoid('job_state')
    .thenJob(1, { state: 'completed', cancel: undefined });
  given(t, ...working, j.cancels(web, 1), j.finishes(api, 1))
    .thenApplied()
    .thenJob(1, { state: 'cancelled' })
    .and(j.finishes(api, 1))
    .thenVoid('job_state');
  given(t, ...working, later(300_000), j.lapses(1), j.finishes(api, 1)).thenVoid('lease_stale');
  given(t, ...working, later(300_000), j.finishes(api, 1), j.lapses(1))
    .thenVoid('stale')
    .thenJob(1, { state: 'completed' });
});

t.test('a retry gives as many attempts again, and forgets how it ended', async t => {
  const world = given(t, ...three, j.makesJob(1, web, { attempts_max: 1, deadline_at: T0 + 500 }));
  world.and(j.claims(api, 1), later(500), j.expires(1)).thenJob(1, { state: 'expired' });
  world.thenInbox(api, { kind: 'system', text: /^Stop: job 1\nThe deadline/ });
  world
    .and(j.retries(web, 1))
    .thenJob(1, { state: 'queued', attempts_max: 2, attempt: 1, deadline_at: undefined })
    .thenJob(1, { ended_at: undefined, error: undefined, worker: undefined })
    .and(j.finishes(api, 1))
    .thenVoid('lease_stale')
    .when(db, 'job.claim', {})
    .thenAnswer({ job: jobNo(1), attempt: 2 })
    .and(j.finishes(db, 1, 2))
    .thenJob(1, { state: 'completed' });
  const failed = given(t, ...working, j.finishes(api, 1, 1, { outcome: 'failed', error: 'no' }));
  failed.thenJob(1, { error: 'no', state: 'failed' });
  failed.and(j.retries(web, 1), j.assigns(2, web, api), j.cancels(web, 2), j.retries(web, 2));
  failed.thenInbox(api, { kind: 'job', ref: jobNo(2) });
});

/** Job 1 of web, owned by db, done by api while these have left. */
function doneWithout(...gone: p.Person[]): (given: Given) => Given {
  return world =>
    world.and(j.makesJob(1, web, { owner: db.peer }), ...gone.map(leaves)).and(j.claims(api, 1));
}

t.test('the owner is told, else who made it, else an orchestrator that is there', async t => {
  const away = person('a-boss', { role: 'orchestrator' });
  const other = person('z-boss', { role: 'orchestrator', circle: 'elsewhere' });
  const all = [...three, p.joinsAway(away), joins(orch), joins(other)];
  const told = { kind: 'job', ref: jobNo(1), outcome: 'completed' };
  const end = (...gone: p.Person[]) =>
    doneWithout(...gone)(given(t, ...all)).and(j.finishes(api, 1));
  end().thenInbox(db, told).thenInbox(web);
  end(db).thenInbox(web, told).thenInbox(orch);
  end(db, web).thenInbox(orch, told).thenInbox(away);
  end(db, web, orch).thenInbox(away, told);
  end(db, web, orch, away).thenInbox(other).thenApplied();
});

t.test('a job made elsewhere comes back to its maker', async t => {
  given(t, ...three, joins(far), j.assigns(1, web, far), j.claims(far, 1, { circle: 'elsewhere' }))
    .and(j.finishes(far, 1, 1, { circle: 'elsewhere' }))
    .thenApplied()
    .thenInbox(web, { kind: 'job', from: far.peer });
});

t.test('a worker’s lost lease leaves its order to stop; its own finish takes it away', async t => {
  given(t, ...working, j.cancels(web, 1), later(300_000), j.lapses(1))
    .thenInbox(api, { kind: 'system', ref: jobNo(1) })
    .thenInbox(web, { kind: 'job', outcome: 'cancelled' });
});

t.test('a notice has its bound', async t => {
  const summary = 'y'.repeat(limits.job_notice_chars * 2);
  const world = given(t, ...working, j.finishes(api, 1, 1, { summary }));
  const [item] = world.mesh.table.inbox.boxes.get(web.peer)?.items.values() ?? [];
  t.equal(item?.text.length, limits.job_notice_chars);
});
