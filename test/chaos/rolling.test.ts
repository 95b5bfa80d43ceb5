// Clients with several URLs: the first that serves is kept, and no order is lost as brokers go.
import { type Test, test } from 'tap';
import { start } from '../../broker/main.js';
import { type Client, connect as connectSdk } from '../../client/index.js';
import { connect, houseOf, join, startConfig } from '../dsl/live-broker.js';
import { startTestNats, tempDir } from '../dsl/nats.js';
import { breath } from '../dsl/until.js';
import { type Line, Watch } from '../dsl/watch.js';
import { freePort } from '../log/bare-nats.js';

const NAMES = ['eve', 'fay', 'gus'];
/** What each says between two changes of the brokers. */
const SOME = 6;

/** A broker that leaves and joins again at the same address. */
async function seat(t: Test, natsUrl: string) {
  const dataDir = await tempDir(t);
  const config = startConfig(dataDir, { natsUrl, port: await freePort() });
  let broker = await start(config);
  t.teardown(() => broker.close());
  return {
    ready: broker.ready,
    house: houseOf(broker.ready),
    leave: () => broker.close(),
    async join() {
      broker = await start(config);
    },
  };
}

test('clients go to the next in order, and lose nothing as brokers leave and join', async t => {
  const nats = await startTestNats(t);
  const natsUrl = nats.url.replace('//', `//${nats.user}:${nats.password}@`);
  const seats = [await seat(t, natsUrl), await seat(t, natsUrl), await seat(t, natsUrl)];
  const house = seats[2]!.house;
  await join(t, house, 'ann');
  const watch = new Watch();
  await watch.follow(await connect(t, house));
  const made = await (await connect(t, house)).command('token.create', {
    name: 'everywhere',
    circles: ['*'],
    roles: ['agent'],
    verbs: ['observe', 'speak'],
  });
  const urls = seats.map(({ ready }) => ready.url);
  const clients = await Promise.all(
    NAMES.map(name => connectSdk({ url: urls, credential: String(made.secret), join: { name } })),
  );
  t.teardown(() => Promise.all(clients.map(client => client.close())));

  const texts = new Map<string, string[]>(NAMES.map(name => [name, []]));
  let isOver = false;
  const talks = clients.map((client, n) => talk(client, texts.get(NAMES[n]!)!, () => isOver));
  const all = () => [...texts.values()];
  const more = async () => {
    const goals = all().map(({ length }) => length + SOME);
    while (all().some(({ length }, n) => length < goals[n]!)) await breath();
  };
  await more();
  // The third stays: whoever goes on from the second finds it, or the first that is back.
  await seats[0]!.leave();
  await more();
  await seats[0]!.join();
  await seats[1]!.leave();
  await more();
  await seats[1]!.join();
  await more();
  isOver = true;
  await Promise.all(talks);

  const peers = new Map(NAMES.map((name, n) => [clients[n]!.peer.identity.peer, name]));
  const last = all().map(said => said.at(-1));
  await watch.until(() => last.every(text => watch.lines.some(([, , { text: t }]) => t === text)));
  for (const [peer, name] of peers) {
    const heard = watch.lines.filter(isSaidBy(peer)).map(([, , { text }]) => text);
    t.strictSame(heard, texts.get(name), `${name}: ${heard.length}, each once, in order`);
    const ways = waysOf(watch.lines, peer);
    t.strictSame(ways, [0, 1, 2], `${name} was with one broker after the other, by rank`);
  }
});

/** One notification after another, however long each takes. */
async function talk(client: Client, texts: string[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const text = `${client.peer.name} ${texts.length}`;
    const wait_ms = Number.POSITIVE_INFINITY;
    await client.call('notify.send', { to: 'ann', text }, { wait_ms });
    texts.push(text);
    await breath();
  }
}

const isSaidBy =
  (peer: string) =>
  ([, , event, reason]: Line) =>
    event.type === 'message.notified' && event.by === peer && reason !== 'duplicate';

/** By which brokers a peer was connected, one after the other, in the order of their start. */
function waysOf(lines: readonly Line[], peer: string): number[] {
  const gateways = new Map<unknown, unknown>();
  const ways: unknown[] = [];
  for (const [, , { type, gateway, boot, peer: who }, reason] of lines) {
    if (type === 'gateway.started') gateways.set(boot, gateway);
    const isArrival = type === 'peer.joined' || type === 'peer.connected';
    if (isArrival && who === peer && reason === undefined) ways.push(gateways.get(boot));
  }
  const seats = [...new Set(gateways.values())];
  return ways.filter((way, n) => way !== ways[n - 1]).map(way => seats.indexOf(way));
}
