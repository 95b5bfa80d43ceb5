// A world for cluster tests: brokers in processes of their own, people who talk on, and a ledger.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Test } from 'tap';
import { type Client, connect as connectSdk } from '../../client/index.js';
import { brokenPromises } from '../chaos/checker.js';
import { type BrokerProcess, spawnBroker } from '../chaos/hosts.js';
import { openYard, type Said, Worker, type Yard } from '../chaos/worker.js';
import { keepWatching } from '../dsl/keep-watching.js';
import { connect, type House, join } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import type { Fields } from '../dsl/raw-client.js';
import { breath, until } from '../dsl/until.js';
import { type Line, readLog, Watch } from '../dsl/watch.js';
import { type NatsCluster, startCluster } from './nodes.js';

export const STREAM = 'SIGNALBOX_default';

export interface ClusterWorld {
  cluster: NatsCluster;
  /** Those that serve now; clients go from one to the next. */
  brokers: BrokerProcess[];
  yard: Yard;
  /** What was said by the SDK, which goes from broker to broker by itself. */
  spoken: readonly string[];
  /** Starts one more broker, on a directory of its own or on one that was left. */
  enter(dataDir?: string): Promise<BrokerProcess>;
  /** Takes it from the list, and ends it. */
  exit(broker: BrokerProcess, how: 'closed' | 'killed'): Promise<void>;
  /** Ends the talk, and checks that nothing was lost, doubled or out of order anywhere. */
  settle(): Promise<void>;
}

/** A cluster of three, brokers on it, and workers who talk through whichever broker they reach. */
export async function openWorld(t: Test, count: number): Promise<ClusterWorld> {
  const cluster = await startCluster(t);
  const brokers: BrokerProcess[] = [];
  const enter = async (dataDir?: string) => {
    const broker = await spawnBroker(t, dataDir ?? (await tempDir(t)), { natsUrl: cluster.url });
    brokers.push(broker);
    return broker;
  };
  await Promise.all(Array.from({ length: count }, () => enter()));
  let turn = 0;
  const next = (): House => brokers[turn++ % brokers.length]!;
  const yard = openYard(t, next);
  const workers: Worker[] = await Promise.all(
    ['ann', 'bob', 'cid', 'dot'].map(async (name, i) => {
      const person = await join(undefined, brokers[i % count]!, name);
      return new Worker(person, yard, () => workers[i ^ 1]!);
    }),
  );
  const works = workers.map(worker => worker.run());
  const watch = new Watch();
  const watching = keepWatching(watch, next, () => yard.phase === 'closed');
  const caller = await openCaller(t, brokers, yard);

  return {
    cluster,
    brokers,
    yard,
    spoken: caller.texts,
    enter,
    async exit(broker, how) {
      brokers.splice(brokers.indexOf(broker), 1);
      if (how === 'killed') return broker.kill('SIGKILL');
      const gone = once(broker.child, 'exit');
      broker.child.stdin!.end();
      await gone;
    },
    async settle() {
      yard.phase = 'draining';
      await Promise.all([...works, caller.work]);
      await cluster.whole(STREAM);
      const said = workers.flatMap(worker => worker.said);
      const lines = await agreed(t, brokers);
      t.strictSame(brokenPromises(lines, said), [], `${said.length} commands kept every promise`);
      t.strictSame(textsOf(lines), caller.texts, `${caller.texts.length} by the SDK, once each`);
      await watch.until(() => watch.lines.length >= lines.length);
      t.equal(digestOf(watch.lines.slice(0, lines.length)), digestOf(lines), 'observed: each once');
      t.comment(`${said.filter(isResent).length} of ${said.length} were sent again`);
      yard.phase = 'closed';
      await Promise.all(brokers.map(broker => broker.kill('SIGKILL')));
      await watching;
    },
  };
}

const isResent = ({ isResent }: Said) => isResent;

/** What every broker tells of the log, once all tell the same. */
async function agreed(t: Test, brokers: readonly BrokerProcess[]): Promise<Line[]> {
  const heads = () =>
    Promise.all(
      brokers.map(async broker => {
        const guest = await connect(t, broker);
        const { head } = await guest.call('mesh.info');
        guest.hangUp();
        return String(head);
      }),
    );
  // The short digest of all commits before stands in a cursor.
  await until(async () => new Set(await heads()).size === 1, { what: 'one head' });
  const [lines = [], ...others] = await Promise.all(brokers.map(readWhole));
  for (const other of others) {
    t.equal(digestOf(other.slice(0, lines.length)), digestOf(lines), 'brokers tell one history');
  }
  return lines;
}

/** Whatever is away comes back: tries until a connection has lasted to the head. */
function readWhole(house: House): Promise<Line[]> {
  return until(async () => {
    const guest = await connect(undefined, house).catch(() => undefined);
    const lines = await (guest && readLog(guest).catch(() => undefined));
    guest?.hangUp();
    return lines;
  });
}

function digestOf(lines: readonly Line[]): string {
  return createHash('sha256').update(JSON.stringify(lines)).digest('hex');
}

/** One who talks by the SDK, which goes from broker to broker by itself. */
async function openCaller(t: Test, brokers: readonly BrokerProcess[], yard: Yard) {
  const made = await connect(t, brokers[0]!);
  const { secret } = await made.command('token.create', {
    name: 'everywhere',
    circles: ['*'],
    roles: ['agent'],
    verbs: ['observe', 'speak'],
  });
  made.hangUp();
  const client: Client = await connectSdk({
    url: brokers.map(({ ready }) => ready.url),
    credential: String(secret),
    join: { name: 'eve' },
  });
  t.teardown(() => client.close());
  const texts: string[] = [];
  const talk = async () => {
    while (yard.phase === 'talking') {
      const text = `${SDK}${texts.length}`;
      const wait_ms = Number.POSITIVE_INFINITY;
      await client.call('notify.send', { to: 'ann', text }, { wait_ms });
      texts.push(text);
      await breath();
    }
  };
  return { texts, work: talk() };
}

const SDK = 'by the SDK: ';

function textsOf(lines: readonly Line[]): string[] {
  return lines
    .filter(([, , event, reason]) => String(event.text).startsWith(SDK) && reason !== 'duplicate')
    .map(([, , event]) => String(event.text));
}

/** One command after another by one broker until one is applied; how long that took, in ms. */
export async function servedAfter(t: Test, broker: House, from: number): Promise<number> {
  const guest = await connect(t, broker);
  for (;;) {
    const done = await guest
      .command<Fields>('token.create', {
        name: 'probe',
        circles: ['default'],
        roles: ['agent'],
        verbs: ['observe'],
      })
      .catch(() => undefined);
    if (done !== undefined) {
      guest.hangUp();
      return Math.round(performance.now() - from);
    }
    await breath();
  }
}
