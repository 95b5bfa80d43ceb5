// The whole of the cluster tests, as a program: `npm run cluster`; KILLS is how often, default 20.
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Test, test } from 'tap';
import { moreAnswers } from '../chaos/worker.js';
import { chanceFrom, seedOf } from '../dsl/chance.js';
import type { House } from '../dsl/live-broker.js';
import { until } from '../dsl/until.js';
import { type ClusterNode, infoOf } from './nodes.js';
import { openWorld, STREAM, servedAfter } from './world.js';

const only = process.argv[2] ?? '';
const KILLS = Number(process.env.KILLS ?? 20);
const SOME = 60;
/** Longer than a silent log is believed, and than a boot may be silent. */
const SILENCE_MS = 15_000;
const LEASE_MS = 40_000;

/** All of them, or those whose title holds the word that was given. */
function scenario(title: string, run: (t: Test) => Promise<void>): void {
  if (title.includes(only)) test(title, run);
}

scenario('the leader is killed again and again', async t => {
  const { cluster, brokers, yard, settle } = await openWorld(t, 2);
  const times: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await cluster.whole(STREAM);
    await moreAnswers(yard, SOME);
    // By turns the leader of the log and that of the cluster, which may be the same.
    const victim = kill % 4 === 3 ? cluster.metaLeader() : cluster.leaderOf(STREAM);
    const leader = await victim;
    const from = performance.now();
    await leader.end('SIGKILL');
    times.push(await servedAfter(t, brokers[kill % 2]!, from));
    await leader.start();
  }
  const sorted = times.sort((a, b) => a - b);
  t.comment(`served again after, in ms: ${sorted.join(' ')}`);
  const within = sorted.filter(ms => ms <= 5_000).length;
  t.comment(`median ${sorted[Math.floor(sorted.length / 2)]}, within 5 s: ${within} of ${KILLS}`);
  await settle();
});

scenario('every node is restarted in turn, twice', async t => {
  const { cluster, yard, settle } = await openWorld(t, 2);
  for (const node of [...cluster.nodes, ...cluster.nodes]) {
    await cluster.whole(STREAM);
    await node.end('SIGTERM');
    await moreAnswers(yard, SOME);
    await node.start();
  }
  await settle();
});

scenario('a node whose disk is new copies the log, and stands in for the others', async t => {
  const { cluster, yard, settle } = await openWorld(t, 2);
  await moreAnswers(yard, SOME);
  const lost = await cluster.leaderOf(STREAM);
  await lost.end('SIGKILL');
  await rm(lost.store, { recursive: true });
  await moreAnswers(yard, SOME);
  await lost.start();
  await cluster.whole(STREAM);
  // A majority of the other two, each with the new one alone.
  for (const node of cluster.nodes.filter(each => each !== lost)) {
    await node.end('SIGKILL');
    await moreAnswers(yard, SOME);
    await node.start();
    await cluster.whole(STREAM);
  }
  await settle();
});

scenario('a leader that is cut off from the others is replaced, and follows again', async t => {
  const { cluster, yard, settle } = await openWorld(t, 3);
  for (const link of ['silent', 'cut', 'hears', 'speaks'] as const) {
    const leader = await cluster.leaderOf(STREAM);
    cluster.isolate(leader, link);
    const others = cluster.nodes.filter(node => node !== leader);
    const heir = await until(async () => leaderAmong(others), { what: 'another leader' });
    t.not(heir, leader.name, `${leader.name}, ${link}, was replaced by ${heir}`);
    await moreAnswers(yard, 4 * SOME);
    await pause(SILENCE_MS);
    await moreAnswers(yard, 4 * SOME);
    cluster.isolate(leader, 'open');
    await cluster.whole(STREAM);
  }
  await settle();
});

/** Whom these nodes hold for the leader of the log, if it is one of them. */
async function leaderAmong(nodes: ClusterNode[]): Promise<string | undefined> {
  const name = (await infoOf(nodes, STREAM))?.cluster?.leader;
  return nodes.find(node => node.name === name)?.name;
}

scenario('a node that stands still is lived without', async t => {
  const { cluster, yard, settle } = await openWorld(t, 2);
  for (const node of cluster.nodes) {
    node.signal('SIGSTOP');
    await moreAnswers(yard, 2 * SOME);
    node.signal('SIGCONT');
    await cluster.whole(STREAM);
  }
  await settle();
});

scenario('a broker that is cut off says so, and heals', async t => {
  const { cluster, brokers, yard, spoken, settle } = await openWorld(t, 2);
  const [lost] = brokers;
  const status = async ({ ready }: House) => (await fetch(`${ready.url}/readyz`)).status;
  for (const link of ['silent', 'cut'] as const) {
    for (const { clientProxy } of cluster.nodes) clientProxy.set(` ${lost!.ready.pid}`, link);
    await until(async () => (await status(lost!)) === 503, { what: 'it to notice' });
    await moreAnswers(yard, SOME);
    const heard = spoken.length;
    await until(() => spoken.length > heard + SOME, { what: 'the SDK to go elsewhere' });
    for (const { clientProxy } of cluster.nodes) clientProxy.set(` ${lost!.ready.pid}`, 'open');
    await until(async () => (await status(lost!)) === 200, { what: 'it to heal' });
    t.pass(`it was ${link}`);
  }
  await settle();
});

scenario('brokers come, go, are killed and stand still under load', async t => {
  const chance = chanceFrom(seedOf(t));
  const { brokers, yard, enter, exit, settle } = await openWorld(t, 2);
  for (let round = 0; round < 4; round++) {
    await enter();
    await moreAnswers(yard, SOME);
    // The first stays: who was told only of the first two must find one of them.
    const goer = brokers[1 + Math.floor(chance() * (brokers.length - 1))]!;
    await exit(goer, round % 2 === 0 ? 'killed' : 'closed');
    await moreAnswers(yard, SOME);
  }
  const sleeper = brokers[0]!;
  await sleeper.kill('SIGSTOP');
  await pause(LEASE_MS);
  await sleeper.kill('SIGCONT');
  await moreAnswers(yard, 2 * SOME);
  await settle();
});
