// A watch over a kill -9: what fell due while no broker ran is told once, and never again.
import { test } from 'tap';
import { connect, join } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import type { Fields } from '../dsl/raw-client.js';
import { readLog } from '../dsl/watch.js';
import { type BrokerProcess, spawnBroker } from './hosts.js';

const firesIn = async (broker: BrokerProcess) =>
  (await readLog(await connect(undefined, broker))).filter(
    ([, , event, reason]) => event.type === 'watch.fired' && reason === undefined,
  );

test('what fell due while every broker was dead is told once, by the next one', async t => {
  const dataDir = await tempDir(t);
  let broker = await spawnBroker(t, dataDir);
  const ann = await join(undefined, broker, 'ann');
  await join(undefined, broker, 'bob');
  const made = await ann.guest.command('watch.create', {
    ...{ when: 'ask.older_than', age_s: 1, text: 'still waiting' },
  });
  const ask = await ann.ask('bob', 'well?');
  await broker.kill('SIGKILL');

  for (const life of ['the next', 'another']) {
    broker = await spawnBroker(t, dataDir);
    const back = await join(undefined, broker, 'ann', { peer: ann.peer, secret: ann.secret });
    const { items } = await back.guest.call('inbox.read', { wait_s: 60, claim_s: 0 });
    const [item, ...others] = items as Fields[];
    t.match(item, { kind: 'notify', watch: made.watch, from: ann.peer }, life);
    t.match(item?.text, `still waiting\n${ask} is still open: ann asked bob`);
    t.same(others, []);
    const fires = await firesIn(broker);
    t.match(fires, [[Number, Number, { watch: made.watch, number: 1, about: [ask] }]]);
    t.equal(fires.length, 1, 'once');
    await broker.kill('SIGKILL');
  }
});
