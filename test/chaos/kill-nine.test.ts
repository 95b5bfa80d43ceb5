// Kill -9 of the broker, of its nats-server and of both, under load, twenty times.
import { type Test, test } from 'tap';
import { chanceFrom, seedOf, shuffled } from '../dsl/chance.js';
import { keepWatching } from '../dsl/keep-watching.js';
import { connect, type House, join } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import type { Fields } from '../dsl/raw-client.js';
import { until } from '../dsl/until.js';
import { type Line, readLog, Watch } from '../dsl/watch.js';
import { brokenPromises } from './checker.js';
import { type BrokerProcess, natsPid, spawnBroker } from './hosts.js';
import { IN_FLIGHT, moreAnswers, openYard, type Said, Worker } from './worker.js';

const victims = ['broker', 'nats-server', 'both'] as const;
const KILLS = 20;
const names = ['ann', 'bob', 'cid', 'dot'];
const WORKERS = names.length;
const REPEATS = 60;

test('twenty kills lose nothing acknowledged, double nothing, and keep the order', async t => {
  const chance = chanceFrom(seedOf(t));
  const dataDir = await tempDir(t);
  let broker: BrokerProcess = await spawnBroker(t, dataDir);
  const yard = openYard(t, () => broker);
  const workers: Worker[] = await Promise.all(
    names.map(async (name, i) => {
      const person = await join(undefined, broker, name);
      return new Worker(person, yard, () => workers[i ^ 1]!);
    }),
  );
  const works = workers.map(worker => worker.run());
  const watch = new Watch();
  const watching = keepWatching(
    watch,
    () => broker,
    () => yard.phase === 'closed',
  );

  let earlier = await readWhole(broker);
  const list = Array.from({ length: KILLS }, (_, i) => victims[i % victims.length]!);
  for (const victim of shuffled(list, chance)) {
    await moreAnswers(yard, WORKERS * IN_FLIGHT + 1 + Math.floor(chance() * 60));
    if (victim !== 'broker') process.kill(natsPid(dataDir), 'SIGKILL');
    if (victim === 'nats-server') continue;
    await broker.kill('SIGKILL');
    broker = await spawnBroker(t, dataDir);
    const now = await readWhole(broker);
    t.strictSame(now.slice(0, earlier.length), earlier, `after the death of ${victim}: a prefix`);
    earlier = now;
  }
  await moreAnswers(yard, 40);
  yard.phase = 'draining';
  await Promise.all(works);

  const said = workers.flatMap(worker => worker.said);
  const lines = await readWhole(broker);
  t.strictSame(brokenPromises(lines, said), [], `${said.length} commands kept every promise`);
  await watch.until(() => watch.lines.length >= lines.length);
  t.strictSame(watch.lines.slice(0, lines.length), lines, 'the observer saw each record once');
  t.comment(`${said.filter(one => one.isResent).length} of ${said.length} were sent again`);
  for (const worker of workers) {
    const sample = shuffled(worker.said, chance).slice(0, REPEATS / workers.length);
    await sameAnswers(t, broker, worker.credential, sample);
  }
  yard.phase = 'closed';
  await broker.kill('SIGKILL');
  await watching;
});

/** Whatever is away comes back: tries until a connection has lasted to the head. */
async function readWhole(house: House): Promise<Line[]> {
  return until(async () => {
    const guest = await connect(undefined, house).catch(() => undefined);
    const lines = await (guest && readLog(guest).catch(() => undefined));
    guest?.hangUp();
    return lines;
  });
}

async function sameAnswers(t: Test, house: House, credential: string, sample: Said[]) {
  const guest = await connect(t, house, { credential });
  const again: Fields[] = [];
  for (const { id, method, params } of sample)
    again.push(await guest.call(method, { id, ...params }));
  t.strictSame(
    again,
    sample.map(({ answer }) => answer),
    'a repeated id gives the first answer',
  );
}
