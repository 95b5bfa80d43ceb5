// A store that hangs: commands end in an answer, a refusal or "unavailable"; the id settles them.
import { test } from 'tap';
import { connect, join, openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { type Fields, Refused, uuid } from '../dsl/raw-client.js';
import { until } from '../dsl/until.js';
import { readLog } from '../dsl/watch.js';
import { startBareNats } from '../log/bare-nats.js';
import { brokenPromises } from './checker.js';
import { natsPid, spawnBroker, standStill } from './hosts.js';
import { IN_FLIGHT, moreAnswers, openYard, Worker } from './worker.js';

const SHORT_MS = 3_000;

test('a store that pauses for seconds loses nothing, and the commands go on', async t => {
  const dataDir = await tempDir(t);
  const broker = await spawnBroker(t, dataDir);
  const yard = openYard(t, () => broker);
  const workers: Worker[] = await Promise.all(
    ['ann', 'bob'].map(
      async (name, i) =>
        new Worker(await join(undefined, broker, name), yard, () => workers[1 - i]!),
    ),
  );
  const works = workers.map(worker => worker.run());
  for (let n = 0; n < 2; n++) {
    await moreAnswers(yard, 30);
    await standStill(natsPid(dataDir), SHORT_MS);
    await moreAnswers(yard, 2 * IN_FLIGHT + 1);
  }
  // Never continued: its keeper has to notice, and start another.
  process.kill(natsPid(dataDir), 'SIGSTOP');
  await moreAnswers(yard, 2 * IN_FLIGHT + 1);
  yard.phase = 'draining';
  await Promise.all(works);
  const lines = await readLog(await connect(t, broker));
  const said = workers.flatMap(worker => worker.said);
  t.strictSame(brokenPromises(lines, said), [], `${said.length} commands kept every promise`);
});

test('a broker that cannot hear its log says so, and the same id settles later', async t => {
  const nats = await startBareNats(t);
  const house = await openBroker(t, { natsUrl: nats.url });
  const ann = await join(t, house, 'ann');
  const bob = await join(t, house, 'bob');
  nats.signal('SIGSTOP');

  const early = { id: uuid(), to: 'bob', text: 'said while it hung' };
  const unknown = ann.guest.call('notify.send', early).catch((error: unknown) => error);
  const readiness = async () => (await fetch(`${house.ready.url}/readyz`)).status;
  await until(async () => (await readiness()) === 503, {
    what: 'the broker to notice the silence',
  });
  const isAway = { code: -32007, data: { refusal: 'unavailable', retry: true } };
  t.match(await unknown, isAway, 'a command on its way ends as unknown');
  const late = { id: uuid(), to: 'bob', text: 'said in the silence' };
  await t.rejects(ann.guest.call('notify.send', late), isAway, 'a new one is refused at once');
  await t.rejects(ann.guest.call('peer.list'), isAway, 'so is a read: the table may be old');
  t.equal(await readiness(), 503);

  nats.signal('SIGCONT');
  const settle = (params: Fields) =>
    until(() =>
      ann.guest.call('notify.send', params).catch((error: unknown) => {
        if (!(error instanceof Refused && error.data.retry)) throw error;
        return undefined;
      }),
    );
  t.match(await settle(early), { verdict: 'applied' });
  t.match(await settle(late), { verdict: 'applied' });
  const { items } = await bob.guest.call<{ items: Fields[] }>('inbox.read', {});
  t.strictSame(
    items.map(({ text }) => text),
    [early.text, late.text],
    'each once',
  );
});
