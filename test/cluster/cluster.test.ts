// A cluster whose leader is killed under load: nothing lost, doubled or out of order, anywhere.
import { type Test, test } from 'tap';
import { openJetStream } from '../../broker/log/jetstream.js';
import { systemClock } from '../../broker/system/clock.js';
import { moreAnswers } from '../chaos/worker.js';
import { connect } from '../dsl/live-broker.js';
import { openWorld, STREAM, servedAfter } from './world.js';

const SOME = 25;

test('the log is kept three times, and outlives its leader without a trace', async t => {
  const { cluster, brokers, yard, settle } = await openWorld(t, 2);
  t.strictSame(
    brokers.map(({ ready }) => ready.durability),
    ['replicated 3', 'replicated 3'],
  );
  const guest = await connect(t, brokers[0]!);
  t.match(await guest.call('mesh.info'), { durability: 'replicated 3' });
  guest.hangUp();
  await raises(t, cluster.url);
  await moreAnswers(yard, SOME);
  const leader = await cluster.leaderOf(STREAM);
  const from = performance.now();
  await leader.end('SIGKILL');
  t.comment(`served again after ${await servedAfter(t, brokers[0]!, from)} ms`);
  await moreAnswers(yard, SOME);
  await leader.start();
  await settle();
});

/** A stream of a server that became a cluster: one replica until a broker comes. */
async function raises(t: Test, url: string): Promise<void> {
  const lines: string[] = [];
  const onNotice = (line: string) => lines.push(line);
  const common = { url, mesh: 'older', maxBytes: 2 ** 20, clock: systemClock, onNotice };
  const former = await openJetStream({ ...common, replicas: 1 });
  t.equal(former.replicas(), 1);
  const log = await openJetStream({ ...common, replicas: 3 });
  t.strictSame([log.replicas(), lines.length], [3, 1]);
  t.match(lines[0], /SIGNALBOX_older had 1 replica and has 3 now/);
  await Promise.all([former.close(), log.close()]);
}
