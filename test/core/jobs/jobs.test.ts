// The rules of the jobs: who may make, claim, carry on, finish, cancel and retry one.
import t from 'tap';
import { claimAnswer } from '../../../broker/core/jobs/answers.js';
import { pack, unpack } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import { api, db, far, joins, leaves, orch, T0, uuid, web } from '../../dsl/events.js';
import * as j from '../../dsl/events-jobs.js';
import { jobNo } from '../../dsl/events-jobs.js';
import { given, later } from '../../dsl/given.js';

const three = [joins(web), joins(api), joins(db)];

t.test('a job waits until somebody of its circle claims it, updates and finishes it', async t => {
  given(t, ...three)
    .when(web, 'job.create', { id: uuid(1), title: 'fix it', body: 'the login' })
    .thenAnswer({ job: jobNo(1) })
    .thenJob(1, { state: 'queued', number: 1, from: web.peer, kind: 'general', attempt: 0 })
    .thenInbox(api)
    .and(later(1_000))
    .when(api, 'job.claim', {})
    .thenAnswer({ job: jobNo(1), attempt: 1, lease_until: T0 + 301_000, handoff: undefined })
    .thenJob(1, { state: 'claimed', worker: api.peer })
    .and(later(10_000))
    .when(api, 'job.update', { job: jobNo(1), attempt: 1, phase: 'tests', progress: 0.5 })
    .thenAnswer({ lease_until: T0 + 311_000, cancel: undefined })
    .thenJob(1, { state: 'running', phase: 'tests', progress: 0.5 })
    .when(api, 'job.finish', {
      job: jobNo(1),
      attempt: 1,
      outcome: 'completed',
      summary: 'it was a typo',
      result: { lines: 3 },
      artifacts: [{ name: 'a.patch', path: '/tmp/a.patch' }],
    })
    .thenEvent({ result: { lines: 3 } })
    .thenJob(1, { state: 'completed', summary: 'it was a typo', result: { lines: 3 } })
    .thenJob(1, { ended_at: T0 + 11_000, lease_until: undefined })
    .thenInbox(web, { kind: 'job', ref: jobNo(1), from: api.peer, outcome: 'completed' })
    .thenInbox(web, { text: 'completed: fix it\nit was a typo' });
});

t.test('no key of a changed row is undefined, so that it packs as plain values', async t => {
  const { mesh } = given(t, ...three);
  const drafts = [
    j.assigns(1, web, api),
    j.claims(api, 1),
    j.updates(api, 1, 1, { note: 'a' }),
    j.updates(api, 1, 1, { note: 'b' }),
    j.finishes(api, 1, 1, { outcome: 'failed' }),
    j.retries(web, 1),
    leaves(api),
  ];
  for (const draft of drafts) {
    const { changes, void: reason } = mesh.one(draft);
    t.equal(reason, undefined);
    for (const { row } of changes.filter(({ view }) => view !== 'peers')) {
      t.strictSame(unpack(pack(row)), row, draft.type);
    }
  }
});

t.test('a text is a result too', async t => {
  const done = { job: jobNo(1), attempt: 1, outcome: 'completed', summary: 's' } as const;
  given(t, ...three, j.makesJob(1, web), j.claims(api, 1))
    .when(api, 'job.finish', { ...done, result: 'as words' })
    .thenEvent({ result_text: 'as words', result: undefined })
    .thenJob(1, { result: 'as words' });
});

t.test('a job for one peer is in its inbox, and is claimed by it alone', async t => {
  const attachments = [{ name: 'log', text: 'boom' }];
  given(t, ...three)
    .when(web, 'job.create', { id: uuid(1), title: 'fix', body: 'now', to: 'api', attachments })
    .thenEvent({ to: api.peer, circle: 'default' })
    .thenInbox(api, { kind: 'job', ref: jobNo(1), from: web.peer, text: 'fix\nnow', attachments })
    .when(db, 'job.claim', { job: jobNo(1) })
    .thenRefused('not_yours')
    .when(db, 'job.claim', {})
    .thenRefused('job_unknown')
    .and(j.claims(db, 1))
    .thenVoid('not_yours')
    .when(api, 'job.claim', { job: jobNo(1) })
    .thenAnswer({ attempt: 1 })
    .thenInbox(api);
});

t.test('the circle of a job is its doer’s, else the one named, else its maker’s', async t => {
  const world = given(t, ...three, joins(far), joins(orch));
  world.when(web, 'job.create', { title: 'x', to: far.peer }).thenEvent({ circle: 'elsewhere' });
  world.when(web, 'job.create', { title: 'x', circle: 'red' }).thenEvent({ circle: 'red' });
  world.when(web, 'job.create', { title: 'x' }).thenEvent({ circle: 'default' });
  world
    .when(web, 'job.create', { title: 'x', to: 'far', circle: 'elsewhere' })
    .thenEvent({ to: far.peer });
  world.when(web, 'job.create', { title: 'x', to: 'far' }).thenRefused('peer_unknown');
  world.when(web, 'job.create', { title: 'x', owner: 'orch' }).thenEvent({ owner: orch.peer });
  world.when(web, 'job.create', { title: 'x', owner: 'nobody' }).thenRefused('peer_unknown');
});

t.test('nobody who has left is given work or told of it', async t => {
  const world = given(t, ...three, leaves(db));
  world.when(web, 'job.create', { title: 'x', to: db.peer }).thenRefused('peer_retired');
  world.when(web, 'job.create', { title: 'x', owner: db.peer }).thenRefused('peer_retired');
  world.and(j.assigns(1, web, db)).thenVoid('peer_retired');
});

t.test('times of a job must be ahead, its deadline after it is due', async t => {
  const world = given(t, ...three);
  world.when(web, 'job.create', { title: 'x', due_at: T0 - 1 }).thenRefused('invalid');
  world.when(web, 'job.create', { title: 'x', deadline_at: T0 }).thenRefused('invalid');
  world.when(web, 'job.create', { title: 'x', due_at: 'soon' }).thenRefused('invalid');
  const both = { title: 'x', due_at: '10m', deadline_at: '10m' };
  world.when(web, 'job.create', both).thenRefused('invalid');
  world
    .when(web, 'job.create', { id: uuid(1), title: 'x', due_at: '10m', deadline_at: '11m' })
    .thenEvent({ due_at: T0 + 600_000, deadline_at: T0 + 660_000 })
    .thenJob(1, { state: 'scheduled' });
});

t.test('terms that no door lets through are void in a log', async t => {
  for (const more of [{ attempts_max: 0 }, { lease_s: -1 }, { lease_s: 1e300 }, { cron: 'x' }]) {
    given(t, ...three, j.makesJob(1, web, more)).thenVoid('invalid');
  }
  given(t, ...three, j.makesJob(1, web), { ...j.makesJob(1, db), id: uuid(2) }).thenVoid('invalid');
  const claimed = given(t, ...three, j.makesJob(1, web), j.claims(api, 1));
  claimed.and(j.updates(api, 1, 1, { progress: 7 })).thenVoid('invalid');
});

t.test('a claim takes what is assigned first, then the oldest, of a kind if named', async t => {
  const world = given(
    t,
    ...three,
    joins(far),
    j.makesJob(1, web, { kind: 'lint' }),
    j.makesJob(2, web),
    j.makesJob(3, web, { kind: 'lint' }),
    j.assigns(4, web, api),
    j.makesJob(5, far),
  );
  world.when(api, 'job.claim', { kind: 'lint' }).thenAnswer({ job: jobNo(1) });
  world.when(api, 'job.claim', {}).thenAnswer({ job: jobNo(4) });
  world.when(api, 'job.claim', {}).thenAnswer({ job: jobNo(2) });
  world.when(db, 'job.claim', {}).thenEvent({ job: jobNo(3), kind: 'lint' });
  world.when(db, 'job.claim', {}).thenRefused('job_unknown');
  world.when(db, 'job.claim', { kind: 'lint' }).thenRefused('job_unknown');
  world.when(db, 'job.claim', { job: jobNo(9) }).thenRefused('job_unknown');
});

t.test('a job that comes back stands in line by its age', async t => {
  given(t, ...three, j.makesJob(1, web), j.makesJob(2, web), j.claims(api, 1), leaves(api))
    .when(db, 'job.claim', {})
    .thenAnswer({ job: jobNo(1), attempt: 2 });
});

t.test('a repeated claim is told of the same attempt, and nothing of a later one', async t => {
  const world = given(t, ...three, j.makesJob(1, web), later(1_000));
  const { position, receipt } = world.mesh.one(j.claims(api, 1));
  const answer = () => claimAnswer(world.mesh.table, { position, receipt });
  const first = answer();
  t.match(first, { job: jobNo(1), attempt: 1, lease_until: T0 + 301_000 });
  t.match(first.row, { state: 'claimed', worker: api.peer });
  world.and(j.updates(api, 1), later(300_000), j.lapses(1), j.claims(db, 1), j.updates(db, 1, 2));
  const { row: _, ...same } = first;
  t.strictSame(answer(), same);
});

t.test('who makes too many live jobs must wait for their end', async t => {
  const world = given(t, ...three, j.makesJob(1, web));
  const { jobs } = world.mesh.table;
  const row = jobs.get(jobNo(1))!;
  for (let n = 2; n <= limits.jobs_open_rows; n++) {
    jobs.put({ ...row, job: `job_${n}`, number: n });
  }
  world
    .when(web, 'job.create', { title: 'x' })
    .thenRefused('inbox_full', { retry_after_s: 60 })
    .when(api, 'job.create', { title: 'x' })
    .thenAnswer({});
  world.and(j.makesJob(60_000, web)).thenVoid('inbox_full');
  world.when(db, 'job.claim', {}).thenAnswer({ job: jobNo(1) });
});

t.test('a chain of causes ends at a job too', async t => {
  const world = given(t, ...three, p.tells(1, web, api, 'go', { hops: limits.hops }));
  const params = { title: 'x', caused_by: p.msgNo(1) };
  world.when(api, 'job.create', params).thenRefused('hop_limit');
  world.when(api, 'job.create', { ...params, to: 'db' }).thenRefused('hop_limit');
  world.and(j.makesJob(2, api, { hops: limits.hops + 1 })).thenVoid('hop_limit');
});

t.test('a result has its bound', async t => {
  const world = given(t, ...three, j.makesJob(1, web), j.claims(api, 1));
  const done = { job: jobNo(1), attempt: 1, outcome: 'completed', summary: 's' } as const;
  const big = 'x'.repeat(limits.job_result_bytes + 1);
  world.when(api, 'job.finish', { ...done, result: big }).thenRefused('too_large');
  world.when(api, 'job.finish', { ...done, result: { big } }).thenRefused('too_large');
});
