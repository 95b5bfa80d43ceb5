// Jobs while workers, brokers and the store die in the middle of them: none stuck, none done twice.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { connect, type House, join, openBroker, type Person } from '../dsl/live-broker.js';
import { startTestNats, tempDir } from '../dsl/nats.js';
import { type Fields, Refused } from '../dsl/raw-client.js';
import { until } from '../dsl/until.js';
import { type Line, readLog, Watch } from '../dsl/watch.js';
import { type BrokerProcess, natsPid, spawnBroker } from './hosts.js';
import { Labourer } from './labourer.js';

const JOBS = 30;
/** Long enough to say a word in it on a slow machine. */
const LEASE_S = 3;
const workerScript = fileURLToPath(new URL('job-host.js', import.meta.url));

async function make(who: Person, params: Fields = {}): Promise<string> {
  return String((await who.guest.command('job.create', { title: 'a job', ...params })).job);
}

function finish(who: Person, job: string, attempt: number): Promise<Fields> {
  const done = { job, attempt, outcome: 'completed', summary: `by ${who.name}` };
  return who.guest.command('job.finish', done);
}

/** Whoever finished a job with effect, attempt by attempt, as the log has it. */
function finishesOf(lines: readonly Line[], job: string): Fields[] {
  return lines
    .filter(([, , event, reason]) => event.type === 'job.finished' && reason === undefined)
    .map(([, , event]) => event)
    .filter(event => event.job === job);
}

/** A process that has claimed a job and updated it once. */
async function spawnWorker(t: Test, { ready }: House, { credential }: Person) {
  const child = spawn(process.execPath, [workerScript, ready.ws, credential], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  const [job] = await once(createInterface(child.stdout), 'line');
  return { child, gone, job: String(job) };
}

test('a worker killed in the middle of a job leaves it to the next', async t => {
  const house = await openBroker(t);
  const boss = await join(t, house, 'boss');
  await boss.takeInbox();
  const made = await make(boss, { lease_s: LEASE_S });
  const { child, gone, job } = await spawnWorker(t, house, await join(t, house, 'victim'));
  t.equal(job, made);
  const watch = new Watch();
  await watch.follow(await connect(t, house), 'start', { kinds: ['job'] });
  child.kill('SIGKILL');
  await gone;
  await watch.line(event => event.type === 'job.lapsed' && event.job === job);
  const next = await join(t, house, 'next');
  const claimed = await next.guest.command('job.claim');
  t.match(claimed, { job, attempt: 2, handoff: { text: /in the middle of it/ } });
  await finish(next, job, 2);
  t.match(await boss.item(job), { outcome: 'completed', from: next.peer });
  t.equal(finishesOf(await readLog(await connect(t, house)), job).length, 1);
});

test('a broker that sleeps through a lease wakes to find its worker’s attempt over', async t => {
  const nats = await startTestNats(t);
  const natsUrl = nats.url.replace('//', `//${nats.user}:${nats.password}@`);
  const sleeper = await spawnBroker(t, await tempDir(t), { natsUrl });
  const other = await openBroker(t, { natsUrl });
  const boss = await join(t, other, 'boss');
  const slow = await join(t, sleeper, 'slow');
  const quick = await join(t, other, 'quick');
  const job = await make(boss, { lease_s: LEASE_S });
  await slow.guest.call('job.get', { job });
  t.match(await slow.guest.command('job.claim', { job }), { attempt: 1 });
  const watch = new Watch();
  await watch.follow(await connect(t, other), 'start', { kinds: ['job'] });
  await sleeper.kill('SIGSTOP');
  const late = finish(slow, job, 1).catch((error: unknown) => error);
  await watch.line(event => event.type === 'job.lapsed' && event.job === job);
  t.match(await quick.guest.command('job.claim', { job }), { attempt: 2 });
  await sleeper.kill('SIGCONT');
  const told = await late;
  const isStale =
    told instanceof Refused
      ? told.refusal === 'lease_stale'
      : (told as Fields).reason === 'lease_stale';
  t.ok(isStale, JSON.stringify(told));
  t.match(await finish(quick, job, 2), { verdict: 'applied' });
  const finishes = finishesOf(await readLog(await connect(t, other)), job);
  t.match(finishes, [{ by: quick.peer, attempt: 2 }]);
  t.equal(finishes.length, 1);
});

test('jobs are each done once while store and broker are killed under their workers', async t => {
  const dataDir = await tempDir(t);
  let broker: BrokerProcess = await spawnBroker(t, dataDir);
  const boss = await join(undefined, broker, 'boss');
  const names = ['ann', 'bob', 'cid'];
  const workers = await Promise.all(
    names.map(async name => new Labourer(await join(undefined, broker, name), () => broker)),
  );
  const jobs = await Promise.all(
    Array.from({ length: JOBS }, (_, n) =>
      make(boss, { title: `job ${n}`, lease_s: 2, attempts_max: 20 }),
    ),
  );
  boss.guest.hangUp();
  const told = () => workers.reduce((sum, { finished }) => sum + finished.length, 0);
  let isOver = false;
  t.teardown(() => {
    isOver = true;
  });
  const works = workers.map(worker => worker.run(() => isOver));
  for (const victim of ['store', 'broker', 'both'] as const) {
    const goal = told() + JOBS / 6;
    await until(() => told() >= goal);
    if (victim !== 'broker') process.kill(natsPid(dataDir), 'SIGKILL');
    if (victim === 'store') continue;
    await broker.kill('SIGKILL');
    broker = await spawnBroker(t, dataDir);
  }
  const lines = await allEnded(t, () => broker, boss, jobs.length);
  isOver = true;
  await Promise.all(works);
  for (const job of jobs) {
    const count = finishesOf(lines, job).length;
    if (count !== 1) t.fail(`${job} was finished ${count} times`);
  }
  const refusals = new Set(workers.flatMap(worker => [...worker.refusals]));
  t.comment(`refused on the way: ${[...refusals].join(' ')}`);
  t.ok(told() <= jobs.length, 'nobody was told twice of one job');
});

/** The log once every job is completed, whatever is away in between. */
async function allEnded(t: Test, house: () => House, boss: Person, count: number): Promise<Line[]> {
  return until(async () => {
    const credential = boss.credential;
    const guest = await connect(t, house(), { credential }).catch(() => undefined);
    const params = { state: 'completed', max: 1_000 };
    const answer = await guest?.call('job.list', params).catch(() => undefined);
    const isAll = (answer?.rows as unknown[] | undefined)?.length === count;
    const lines = isAll && guest ? await readLog(guest).catch(() => undefined) : undefined;
    guest?.hangUp();
    return lines;
  });
}
