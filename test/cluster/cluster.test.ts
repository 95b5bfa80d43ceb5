// A cluster whose leader is killed under load: nothing lost, doubled or out of order, anywhere.
import { type Test, test } from 'tap';
import { openJetStream } from '../../broker/log/jetstream.js';
import { systemClock } from '../../broker/system/clock.js';
import { limits } from '../../schemas/limits.js';
import { moreAnswers } from '../chaos/worker.js';
import { connect } from '../dsl/live-broker.js';
import { until } from '../dsl/until.js';
import { callNats } from '../log/bare-nats.js';
import type { ClusterNode, NatsCluster } from './nodes.js';
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
  await readsOn(t, cluster);
  await cluster.whole(STREAM);
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
  t.teardown(() => former.close());
  const log = await openJetStream({ ...common, replicas: 3 });
  t.teardown(() => log.close());
  t.strictSame([log.replicas(), lines.length], [3, 1]);
  t.match(lines[0], /SIGNALBOX_older had 1 replica and has 3 now/);
}

/** Who reads old commits while the server dies that carries the consumer reads on elsewhere. */
async function readsOn(t: Test, cluster: NatsCluster): Promise<void> {
  const [mesh, count] = ['read', 48];
  const common = { url: cluster.url, mesh, maxBytes: 2 ** 25, clock: systemClock, onNotice() {} };
  const log = await openJetStream({ ...common, replicas: 3 });
  t.teardown(() => log.close());
  // Three of them fill a batch, so that most are asked for after the kill.
  const bytes = new Uint8Array(limits.read_batch_bytes / 3);
  for (let n = 1; n <= count; n++) await log.append(`commit ${n}`, bytes);
  await cluster.whole(`SIGNALBOX_${mesh}`);
  const got: number[] = [];
  let [from, waited] = [0, 0];
  let restart = async () => {};
  for await (const { sequence } of log.read(1)) {
    if (got.length === 0) {
      const carrier = await carrierOf(cluster, `SIGNALBOX_${mesh}`);
      await carrier.end('SIGKILL');
      restart = () => carrier.start();
      from = performance.now();
    }
    waited = Math.max(waited, performance.now() - from);
    from = performance.now();
    got.push(sequence);
  }
  t.comment(`the reader waited at most ${Math.round(waited)} ms`);
  t.strictSame(
    got,
    Array.from({ length: count }, (_, n) => n + 1),
    'each commit once, in order',
  );
  await restart();
}

/** The node that carries the consumer that delivers; one made by a call that was lost is idle. */
async function carrierOf({ nodes, url }: NatsCluster, stream: string): Promise<ClusterNode> {
  const path = `CONSUMER.LIST.${stream}`;
  return until(
    async () => {
      const { consumers } = await callNats<ConsumerList>(url.split(',')[0]!, path);
      const busy = consumers.find(({ delivered }) => delivered.consumer_seq > 0);
      return nodes.find(({ name }) => name === busy?.cluster.leader);
    },
    { what: `the node that delivers ${stream}` },
  );
}

interface ConsumerList {
  consumers: { cluster: { leader: string }; delivered: { consumer_seq: number } }[];
}
