// Views as they were, over the wire: told by a worker, on any broker, after a restart, under load.
import { type Test, test } from 'tap';
import { limits } from '../../schemas/limits.js';
import {
  connect,
  type House,
  houseOf,
  join,
  openBroker,
  openBrokers,
  type Person,
} from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { type Fields, type Guest, Refused } from '../dsl/raw-client.js';

interface Past extends Fields {
  position: number;
  time: number;
  rows: [string, Fields][];
  next?: string;
}

/** The rows of a view as they were; asked again while the past is still being folded. */
async function at(guest: Guest, params: Fields): Promise<Past> {
  for (;;) {
    try {
      return await guest.call<Past>('view.at', params);
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal !== 'unavailable') throw error;
    }
  }
}

const refusalOf = (guest: Guest, params: Fields) =>
  guest.call('view.at', params).then(
    () => 'told',
    error => (error as Refused).refusal,
  );

/** web asks api, api replies, web leaves; and the positions of these. */
async function story(t: Test, house: House) {
  const [web, api] = await Promise.all(['web', 'api'].map(name => join(t, house, name)));
  const asked = await web!.guest.command('ask.open', { to: 'api', text: 'may I?' });
  const closed = await api!.reply(String(asked.ask), 'yes');
  const left = await web!.guest.command('peer.leave');
  const [opened, replied, gone] = [asked, closed, left].map(({ position }) => Number(position));
  return { web: web!, api: api!, ask: String(asked.ask), opened, replied, gone } as {
    web: Person;
    api: Person;
    ask: string;
    opened: number;
    replied: number;
    gone: number;
  };
}

test('every broker tells the past alike, in both encodings, by POST, after a restart', async t => {
  const { brokers, natsUrl } = await openBrokers(t, 2);
  const [here, there] = brokers;
  const { api, ask, opened, replied, gone } = await story(t, here!);
  const before = await at(api.guest, { view: 'asks', position: opened });
  t.match(before, { position: opened, rows: [[ask, { state: 'open', text: 'may I?' }]] });
  const after = await at(api.guest, { view: 'asks', position: replied });
  t.match(after.rows, [[ask, { state: 'closed', reply: { text: 'yes' } }]]);
  const names = async (position: number) => {
    const { rows } = await at(api.guest, { view: 'peers', position, fields: ['name'] });
    return rows.map(([, row]) => row.name).sort();
  };
  t.strictSame([await names(gone - 1), await names(gone)], [['api', 'web'], ['api']]);
  const other = await connect(t, there!, { encoding: 'msgpack' });
  t.strictSame(await at(other, { view: 'asks', position: opened }), before);
  t.strictSame((await at(other, { view: 'asks', time: after.time })).rows, after.rows);
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'view.at',
    params: { view: 'asks', position: opened },
  };
  const headers = { authorization: `Bearer ${here!.token}`, 'content-type': 'application/json' };
  const post = await fetch(`${here!.ready.url}/rpc`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  t.strictSame(((await post.json()) as Fields).result, before);
  await here!.broker.close();
  const again = await openBroker(t, { natsUrl });
  const late = await connect(t, again);
  t.strictSame(await at(late, { view: 'asks', position: opened }), before);
});

test('of the past one is told what one may see now', async t => {
  const house = await openBroker(t);
  const { opened } = await story(t, house);
  const boss = await connect(t, house);
  const far = await join(t, house, 'far', { circle: 'elsewhere' });
  const made = await boss.command('token.create', {
    name: 'narrow',
    circles: ['elsewhere'],
    roles: ['agent'],
    verbs: ['observe', 'speak'],
  });
  const bound = await connect(t, house, { credential: String(made.secret) });
  const { position } = await far.guest.command('peer.turn', { state: 'idle' });
  t.strictSame((await at(bound, { view: 'asks', position: opened })).rows, []);
  const peers = (await at(bound, { view: 'peers', position })).rows.map(([, { name }]) => name);
  t.strictSame(peers, ['far']);
  t.equal(await refusalOf(bound, { view: 'tokens', position }), 'forbidden');
  t.strictSame((await at(bound, { view: 'gateways', position })).rows, []);
  await boss.command('token.revoke', { token: made.token });
  await t.rejects(bound.call('view.at', { view: 'peers', position }));
});

test('what is no moment, no view and no column is refused, and spoils nothing', async t => {
  const house = await openBroker(t);
  const guest = await connect(t, house);
  const { position } = await guest.command('token.create', {
    name: 'x',
    circles: ['*'],
    roles: ['agent'],
    verbs: ['observe'],
  });
  const peers = { view: 'peers' };
  const invalid: Fields[] = [
    peers,
    { ...peers, position, time: 0 },
    { ...peers, position: -1 },
    { ...peers, position: 1.5 },
    { ...peers, position: '4096' },
    { ...peers, position: null },
    { ...peers, position: 2 ** 60 },
    { ...peers, time: 'yesterday' },
    { ...peers, time: '2026-02-30' },
    { ...peers, time: '3d' },
    { ...peers, time: 8.64e15 },
    { view: 'constructor', position },
    { ...peers, position, where: { nothing: 1 } },
    { ...peers, position, where: { name: { $gt: '' } } },
    { ...peers, position, fields: ['__proto__'] },
    { ...peers, position, max: 0 },
  ];
  for (const params of invalid) {
    t.equal(await refusalOf(guest, params), 'invalid', JSON.stringify(params));
  }
  const ahead = { ...peers, position: 2 ** 52 };
  t.equal(await refusalOf(guest, ahead), 'cursor_ahead');
  const now = await at(guest, { ...peers, time: '30s' });
  t.ok(now.position >= Number(position), 'a clock that is a little ahead means the head');
  t.strictSame(await at(guest, { ...peers, time: 0 }), { position: 0, time: 0, rows: [] });
});

test('a thousand moments in one batch hold up nobody, and each is answered', async t => {
  const house = await openBroker(t, { dataDir: await tempDir(t) });
  const { api, gone } = await story(t, houseOf(house.ready));
  for (let n = 0; n < 300; n++) api.guest.command('peer.turn', { state: 'working' });
  await api.guest.command('peer.turn', { state: 'idle' });
  await at(api.guest, { view: 'peers', position: gone });
  const crowd = await connect(t, house);
  const answered: number[] = [];
  const batch = Array.from({ length: 1_000 }, (_, id) => ({
    jsonrpc: '2.0',
    id: id + 10_000,
    method: 'view.at',
    params: { view: 'peers', position: gone + (id % 300) * limits.commit_positions },
  }));
  crowd.send(batch);
  const pong = new Promise<number>(resolve => {
    crowd.ws.on('pong', () => resolve(answered.length));
    crowd.ws.ping();
  });
  const told = (async () => {
    while (answered.length < batch.length) answered.push(Number((await crowd.stray()).id));
  })();
  const other = await connect(t, house);
  await other.call('mesh.info');
  t.ok(answered.length < batch.length, 'another is answered before the batch is');
  t.ok((await pong) < batch.length, 'and so is a ping');
  await told;
  t.equal(new Set(answered).size, batch.length);
});
