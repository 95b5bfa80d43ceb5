// Real brokers whose wall clocks are wrong, on stores whose clocks are right.
import t from 'tap';
import { connect as connectClient } from '../../client/index.js';
import { makeUuid } from '../../schemas/uuid.js';
import { join, type Person } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import type { Fields } from '../dsl/raw-client.js';
import { spawnBroker } from './hosts.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Says something in a second, and a claimed job goes back when its worker is silent. */
async function comesInTime(boss: Person, worker: Person, text: string): Promise<void> {
  const to = worker.peer;
  const { job } = await boss.guest.command('job.create', { title: text, to, lease_s: 1 });
  await worker.guest.command('job.claim', { job });
  await boss.guest.command('schedule.create', { to, text, fire_at: '1s' });
  await worker.guest.hear('inbox.item', item => item.text === text);
  // Nobody is told of a lapse, so it is looked for.
  const isFree = async () => (await boss.guest.call('job.get', { job })).state === 'queued';
  while (!(await isFree())) await boss.guest.call('inbox.read', { wait_s: 0.1 });
}

const timeAt = async ({ guest }: Person) => Number((await guest.call('mesh.info')).time);

/** Log time, which outlives the process: mesh time between two commits does not. */
async function logTimeOf(person: Person): Promise<number> {
  const { message } = await person.notify(person.peer, 'what time is it?');
  const { stages } = await person.guest.call('message.trace', { ref: message });
  return Number((stages as Fields[])[0]?.time);
}

for (const wrong of [10 * MINUTE, -10 * MINUTE]) {
  t.test(`a broker ${wrong} ms from its store says so, and voids nothing`, async t => {
    const house = await spawnBroker(t, await tempDir(t), { wrong });
    t.ok(Math.abs(Number(house.ready.clock_skew_s) * 1_000 - wrong) < MINUTE);
    const headers = { authorization: `Bearer ${house.token}` };
    const look = async (path: string) =>
      (await fetch(`${house.ready.url}${path}`, { headers })).text();
    t.match(JSON.parse(await look('/readyz?verbose')), {
      ready: true,
      checks: { clock: { ok: false } },
    });
    t.match(await look('/metrics'), /^signalbox_clock_skew_seconds -?[56]\d\d/m);

    const worker = await join(t, house, 'worker');
    const boss = await join(t, house, 'boss');
    await worker.takeInbox();
    for (const time of [Date.now(), Date.now() + wrong]) {
      const id = makeUuid(time, crypto.getRandomValues(new Uint8Array(10)));
      t.match(await boss.notify(worker.peer, 'hello', { id }), { verdict: 'applied' });
    }
    const options = { url: house.ready.url, credential: house.token, join: { name: 'bot' } };
    const client = await connectClient(options);
    t.teardown(() => client.close());
    t.match(await client.peer.notify(worker.peer, 'hello'), { verdict: 'applied' });
    await comesInTime(boss, worker, 'tick');
  });
}

t.test('set back by an hour while it runs, and started anew so, it goes on', async t => {
  const dataDir = await tempDir(t);
  const house = await spawnBroker(t, dataDir);
  t.notOk('clock_skew_s' in house.ready, 'clocks that agree are not spoken of');
  const worker = await join(t, house, 'worker');
  const boss = await join(t, house, 'boss');
  await worker.takeInbox();
  const before = await timeAt(boss);
  await house.setClock(-HOUR);
  await comesInTime(boss, worker, 'tick');
  const running = await logTimeOf(boss);
  t.ok(running > before && running - before < HOUR / 2, 'log time went on');

  await house.kill('SIGKILL');
  const again = await spawnBroker(t, dataDir, { wrong: -HOUR });
  const back = async (person: Person): Promise<Person> => {
    const known: Fields = { peer: person.peer, secret: person.secret };
    return join(t, again, person.name, known);
  };
  const [second, third] = [await back(worker), await back(boss)];
  await second.takeInbox();
  t.ok((await timeAt(third)) >= running, 'and was not lost with the process');
  await comesInTime(third, second, 'tock');
});
