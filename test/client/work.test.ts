// Tries jobs through the SDK against a real broker: claiming, keeping, finishing, losing, working.
import t from 'tap';
import { type ClaimedJob, ClientError, type JobHandler } from '../../client/index.js';
import { startWorker } from '../../client/sdk/worker.js';
import { refused } from '../dsl/refused.js';
import { town } from './people.js';

t.test('a job is claimed with its brief, told of, and finished with a result', async t => {
  const { peer } = await town(t);
  const [web, api] = await Promise.all(['web', 'api'].map(peer));
  t.equal(await api!.claim(), undefined, 'there is none yet');
  const { job } = await web!.createJob('Fix the login', { kind: 'fix', body: 'It is broken.' });
  const claimed = (await api!.claim({ kind: 'fix' })) as ClaimedJob;
  t.match(claimed, { attempt: 1, row: { job, title: 'Fix the login', body: 'It is broken.' } });
  t.match(await claimed.update({ progress: 0.5, note: 'half' }), { verdict: 'applied' });
  await claimed.finish('mended', { result: { tests: 12 } });
  t.match(await web!.client.call('job.get', { job }), {
    state: 'completed',
    summary: 'mended',
    result: { tests: 12 },
    attempts: [{ attempt: 1, note: 'half', state: 'completed' }],
  });
  t.equal(await api!.claim({ kind: 'fix' }), undefined);
  await t.rejects(api!.claim({ job }), refused('job_state'));
});

t.test('a job is kept alive beyond its lease, until it is finished', async t => {
  const { peer, watch } = await town(t);
  const [web, api] = await Promise.all(['web', 'api'].map(peer));
  const { job } = await web!.createJob('Long', { lease_s: 3 });
  const claimed = (await api!.claim({ job })) as ClaimedJob;
  const start = Date.now();
  const isLater = ({ time }: { time: number }) => time > start + 4_000;
  const renewed = await watch('job.updated', isLater);
  claimed.keepAlive();
  await renewed.came;
  await claimed.finish('done at last');
  t.match(await api!.client.call('job.get', { job }), { state: 'completed', attempt: 1 });
});

t.test('who falls silent loses the job, hears of it, and leaves a handoff', async t => {
  const { peer, watch } = await town(t);
  const [web, api, db] = await Promise.all(['web', 'api', 'db'].map(peer));
  const { job } = await web!.createJob('Long', { lease_s: 3 });
  const lapsed = await watch('job.lapsed');
  const first = (await api!.claim({ job })) as ClaimedJob;
  await first.update({ note: 'the key is under the mat' });
  await lapsed.came;
  const second = (await db!.claim()) as ClaimedJob;
  t.match(second, { attempt: 2, handoff: { text: /under the mat/ } });
  await t.rejects(first.update(), refused('lease_stale'));
  t.ok(first.signal.aborted);
  t.match(first.signal.reason, { refusal: 'lease_stale' });
  await second.fail('could not', { error: 'é'.repeat(4_096) });
  t.match(await web!.client.call('job.get', { job }), { state: 'failed', error: /^é+.?$/ });
});

t.test('a worker does what comes, and what it throws has failed', async t => {
  const { peer } = await town(t);
  const [web, api] = await Promise.all(['web', 'api'].map(peer));
  const errors: string[] = [];
  const handler: JobHandler = async ({ row }) => {
    if (row.title === 'bad') throw new Error('no way');
    return row.title === 'plain' ? 'done' : { summary: 'done', result: 'text' };
  };
  const options = { every_ms: 10, onError: ({ message }: Error) => errors.push(message) };
  const worker = api!.work('fix', handler, options);
  const inbox = web!.inbox();
  for (const [title, state, summary] of [
    ['plain', 'completed', 'done'],
    ['bad', 'failed', 'no way'],
    ['rich', 'completed', 'done'],
  ] as const) {
    const { job } = await web!.createJob(title, { kind: 'fix' });
    const { value } = await inbox.next();
    t.match(value, { kind: 'job', ref: job });
    t.match(await web!.client.call('job.get', { job }), { state, summary });
    await value.ack();
  }
  t.same(errors, ['no way']);
  await worker.stop();
  const { job } = await web!.createJob('after', { kind: 'fix' });
  t.match(await web!.client.call('job.get', { job }), { state: 'queued' });
});

t.test('what cannot be sent, or is no summary, has failed, and the worker goes on', async t => {
  const { peer } = await town(t);
  const [web, api] = await Promise.all(['web', 'api'].map(peer));
  const circle: Record<string, unknown> = {};
  circle.again = circle;
  const outcomes = {
    nothing: undefined,
    null: null,
    number: 7,
    circle: { summary: '', result: circle },
  };
  const handler = (async ({ row }) => outcomes[row.title as 'circle']) as JobHandler;
  const worker = api!.work('odd', handler, { every_ms: 10 });
  const inbox = web!.inbox();
  for (const title of Object.keys(outcomes)) {
    const { job } = await web!.createJob(title, { kind: 'odd' });
    const { value } = await inbox.next();
    t.match(value, { kind: 'job', ref: job }, title);
    t.match(await web!.client.call('job.get', { job }), { state: 'failed' }, title);
    await value.ack();
  }
  await worker.stop();
});

t.test('an outcome is said again, as the same command, until a broker has heard it', async t => {
  for (const ends of ['finish', 'fail'] as const) {
    const ids: unknown[] = [];
    const heard = new Promise<void>(resolve => {
      const end = async (_: string, { id }: { id?: string } = {}) => {
        ids.push(id);
        if (ids.length === 1) throw new ClientError('timeout', 'not answered', 'id-1');
        if (ids.length === 2) throw new ClientError('timeout', 'not sent');
        resolve();
      };
      const job = { keepAlive: () => () => {}, signal: new AbortController().signal, [ends]: end };
      const jobs = [job as unknown as ClaimedJob];
      const handler: JobHandler = async () => {
        if (ends === 'finish') return 'done';
        throw new Error('no way');
      };
      const worker = startWorker(async () => jobs.shift(), handler, { every_ms: 10 });
      t.teardown(() => worker.stop());
    });
    await heard;
    t.same(ids, [undefined, 'id-1', 'id-1'], ends);
  }
});

t.test('a worker hears that its job should stop', async t => {
  const { peer, watch } = await town(t);
  const [web, api] = await Promise.all(['web', 'api'].map(peer));
  const { job } = await web!.createJob('Long', { kind: 'fix', lease_s: 3 });
  const claimed = await watch('job.claimed');
  const worker = api!.work('fix', untilStopped);
  await claimed.came;
  const finished = await watch('job.finished');
  await web!.client.call('job.cancel', { job, reason: 'no longer needed' });
  t.match((await finished.came).event, { summary: 'the job should be stopped: no longer needed' });
  await worker.stop();
  t.match(await web!.client.call('job.get', { job }), { state: 'cancelled' });
});

const untilStopped: JobHandler = ({ signal }) =>
  new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(signal.reason.message));
  });

t.test('a worker ends when its client does', async t => {
  const { peer } = await town(t);
  const api = await peer('api');
  const worker = api.work('fix', async () => 'never', { every_ms: 10 });
  await api.client.close();
  await t.rejects(worker.done, { code: 'closed' });
});
