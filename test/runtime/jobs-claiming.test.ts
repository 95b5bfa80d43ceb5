// Claims at a broker, and commands about jobs that the table has let go.
import t, { type Test } from 'tap';
import { memoryStore } from '../../broker/log/memory.js';
import { limits } from '../../schemas/limits.js';
import { HandClock, openHouse } from '../dsl/memory-brokers.js';

async function open(t: Test) {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const house = await openHouse(t, quarters, 'a');
  const [web, api, db] = [await house.join('web'), await house.join('api'), await house.join('db')];
  return { house, clock: quarters.clock, web, api, db };
}

type Said = { result: Record<string, unknown> };

t.test('claims that come at once get a job each', async t => {
  const { house, web, api } = await open(t);
  const made = await Promise.all(
    Array.from({ length: 40 }, (_, n) => house.give('job.create', { title: `job ${n}` }, web)),
  );
  const claims = Array.from({ length: 40 }, () => house.give('job.claim', {}, api));
  const claimed = (await Promise.all(claims)) as Said[];
  for (const { result } of claimed) t.match(result, { verdict: 'applied', attempt: 1 });
  const jobs = (list: unknown[]) => (list as Said[]).map(({ result }) => result.job);
  t.same(jobs(claimed), jobs(made), 'the oldest first');
  t.match(await house.give('job.claim', {}, api), { refusal: 'job_unknown' });
});

t.test('a claim repeated is answered as it first was', async t => {
  const { house, web, api } = await open(t);
  await house.give('job.create', { title: 'x' }, web);
  const id = house.newId();
  const first = (await house.give('job.claim', { id }, api)) as Said;
  t.match(first.result, { attempt: 1, row: { state: 'claimed', title: 'x' } });
  t.strictSame(await house.give('job.claim', { id }, api), first);
  const { job } = first.result;
  const update = { id: house.newId(), job, attempt: 1 };
  const told = await house.give('job.update', update, api);
  t.strictSame(await house.give('job.update', update, api), told);
});

t.test('a lease that runs out is noticed by the broker, without anybody asking', async t => {
  const { house, clock, web, api, db } = await open(t);
  const made = (await house.give('job.create', { title: 'x', lease_s: 5 }, web)) as Said;
  await house.give('job.claim', {}, api);
  clock.turn(5);
  house.broker.tick();
  await house.until(() => house.records('job.lapsed').length > 0);
  const again = (await house.give('job.claim', {}, db)) as Said;
  t.match(again.result, {
    job: made.result.job,
    attempt: 2,
    handoff: { text: /its lease ran out/ },
  });
  const done = { job: made.result.job, outcome: 'completed', summary: 's' };
  const late = await house.give('job.finish', { ...done, attempt: 1 }, api);
  t.match(late, { refusal: 'lease_stale', data: { attempt: 2 } });
  t.match(await house.give('job.finish', { ...done, attempt: 2 }, db), {
    result: { verdict: 'applied' },
  });
});

t.test('a job that left the table is over, not unknown', async t => {
  const { house, web, api, db } = await open(t);
  const title = 'x';
  const made = (await house.give('job.create', { title, to: 'api' }, web)) as Said;
  const { job } = made.result;
  await house.give('job.claim', { job }, api);
  const done = { job, attempt: 1, outcome: 'completed', summary: 's' };
  await house.give('job.finish', done, api);
  const body = 'x'.repeat(limits.text_bytes);
  while (house.fold.table.jobs.dropped.jobs === 0) {
    const other = (await house.give('job.create', { title, body }, web)) as Said;
    await house.give('job.cancel', { job: other.result.job, reason: 'no' }, web);
  }
  t.equal(house.fold.table.jobs.get(String(job)), undefined);
  const over = { refusal: 'job_state', data: { state: 'completed' } };
  t.match(await house.give('job.finish', done, api), over);
  t.match(await house.give('job.retry', { job }, web), over);
  t.match(await house.give('job.claim', { job }, api), over);
  const stale = { ...done, attempt: 2 };
  t.match(await house.give('job.finish', stale, api), { refusal: 'lease_stale' });
  t.match(await house.give('job.finish', done, db), { refusal: 'not_yours' });
  t.match(await house.give('job.claim', { job }, db), { refusal: 'not_yours' });
  t.match(await house.give('job.cancel', { job, reason: 'r' }, db), { refusal: 'not_yours' });
  const never = `job_${house.newId()}`;
  t.match(await house.give('job.cancel', { job: never, reason: 'r' }, web), {
    refusal: 'job_unknown',
  });
});

t.test('who has spent its budget claims nothing', async t => {
  const { house, web, api } = await open(t);
  await house.give('job.create', { title: 'x' }, web);
  await house.give('usage.budget', { peer: api.peer, tokens_per_day: 10 });
  const usage = { model: 'm', input_tokens: 10, output_tokens: 0 };
  await house.give('peer.turn', { state: 'idle', usage }, api);
  t.match(await house.give('job.claim', {}, api), { refusal: 'budget_spent' });
  t.match(await house.give('job.claim', {}, web), { result: { attempt: 1 } });
});
