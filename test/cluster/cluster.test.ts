// A cluster whose leader is killed under load: nothing lost, doubled or out of order, anywhere.
import { test } from 'tap';
import { moreAnswers } from '../chaos/worker.js';
import { connect } from '../dsl/live-broker.js';
import { openWorld, STREAM, servedAfter } from './world.js';

const SOME = 40;

test('the log is kept three times, and outlives its leader without a trace', async t => {
  const { cluster, brokers, yard, settle } = await openWorld(t, 2);
  t.strictSame(
    brokers.map(({ ready }) => ready.durability),
    ['replicated 3', 'replicated 3'],
  );
  const guest = await connect(t, brokers[0]!);
  t.match(await guest.call('mesh.info'), { durability: 'replicated 3' });
  guest.hangUp();
  await moreAnswers(yard, SOME);
  const leader = await cluster.leaderOf(STREAM);
  const from = performance.now();
  await leader.end('SIGKILL');
  t.comment(`served again after ${await servedAfter(t, brokers[0]!, from)} ms`);
  await moreAnswers(yard, SOME);
  await leader.start();
  await settle();
});
