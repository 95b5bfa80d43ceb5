// Who is there, over the wire: presence, turns, names that last, and whether one orchestrates.
import { type Test, test } from 'tap';
import { connect, type House, join, openBroker, type Person } from '../dsl/live-broker.js';
import { type Fields, refusalOf, refusedBy } from '../dsl/raw-client.js';

interface Rows {
  rows: Fields[];
}

async function list(who: Person, params: Fields = {}): Promise<Fields[]> {
  return (await who.guest.call<Rows>('peer.list', params)).rows;
}

/** What a watcher sees of a peer once the log has told of such an event of it. */
async function once(watcher: Person, type: string, peer: string): Promise<Fields | undefined> {
  await watcher.guest.hear('log.records', ({ records }) =>
    (records as [number, number, Fields][]).some(
      ([, , event]) => event.type === type && event.peer === peer,
    ),
  );
  return (await list(watcher, { offline: true })).find(row => row.peer === peer);
}

async function watched(t: Test) {
  const house = await openBroker(t);
  const watcher = await join(t, house, 'watcher');
  await watcher.guest.call('log.observe', { from: 'now' });
  return { house, watcher };
}

test('who connects is online, who hangs up is offline and says why', async t => {
  const { house, watcher } = await watched(t);
  const place = { project: 'shop', path: '/shop', machine: 'laptop', runtime: 'codex', model: 'o' };
  const ann = await join(t, house, 'ann', { description: 'the cart', ...place });
  const [row] = await list(watcher);
  t.match(row, { name: 'ann', status: 'online', description: 'the cart', queued: 0, ...place });
  t.equal(row?.reason, undefined);
  await ann.guest.command('peer.turn', { state: 'working', text: 'reading' });
  t.match(await list(watcher), [{ status: 'busy', turn: 'working', turn_text: 'reading' }]);
  await watcher.notify('ann', 'hi');
  ann.guest.hangUp();
  const gone = await once(watcher, 'peer.disconnected', ann.peer);
  t.match(gone, { status: 'offline', reason: 'disconnected', offline_since: Number, queued: 1 });
  t.strictSame(await list(watcher), [], 'and listed only when the offline are asked for');
  const back = await connect(t, house, { credential: ann.credential });
  const here = await once(watcher, 'peer.connected', ann.peer);
  t.match(here, { status: 'online', turn: 'working' }, 'its old turn does not make it busy');
  await back.command('peer.turn', { state: 'working' });
  t.match(await list(watcher), [{ status: 'busy' }]);
});

test('a second connection keeps a peer online when the first ends', async t => {
  const { house, watcher } = await watched(t);
  const ann = await join(t, house, 'ann');
  const second = await connect(t, house);
  const { peer, secret } = ann;
  t.match(await second.call('peer.attach', { peer, secret }), { name: 'ann', generation: 0 });
  ann.guest.hangUp();
  await ann.guest.closed;
  t.match(await second.call('peer.whoami'), { status: 'online' });
  second.hangUp();
  t.match(await once(watcher, 'peer.disconnected', peer), { status: 'offline' });
});

test('a name lasts: over restarts, after leaving, and numbered when taken', async t => {
  const house = await openBroker(t);
  const ann = await join(t, house, 'ann');
  const { peer, secret } = ann;
  const again = async (name = 'ann') => {
    const guest = await connect(t, house);
    return guest.command('peer.join', { name, peer, secret });
  };
  ann.guest.hangUp();
  await ann.guest.closed;
  const other = await join(t, house, 'ann');
  t.match(other.joined, { name: 'ann-2', renamed: true });
  t.match(await again(), { peer, name: 'ann' });
  t.match(await again('else'), { peer, name: 'ann', renamed: true });
  const guest = await connect(t, house, { credential: ann.credential });
  await guest.command('peer.leave');
  t.equal(await refusalOf(guest.command('peer.turn', { state: 'idle' })), 'peer_retired');
  const heir = await join(t, house, 'ann');
  t.equal(heir.name, 'ann');
  t.match(await again(), { peer, name: 'ann-3', renamed: true });
  const stranger = await connect(t, house);
  const stolen = { name: 'ann', peer, secret: 'another-secret-0123456789' };
  t.equal(await refusalOf(stranger.command('peer.join', stolen)), 'unauthorized');
});

test('a worker does not sign as the human, by any word of its own', async t => {
  const house = await openBroker(t);
  const operator = await connect(t, house);
  const rights = { name: 'workers', circles: ['*'], roles: ['agent'], verbs: ['speak', 'observe'] };
  const { secret: credential } = await operator.command('token.create', rights);
  const boss = await join(t, house, 'boss', { role: 'human' });
  const api = await join(t, house, 'api');
  const worker = await join(t, house, 'worker', { credential: String(credential) });
  for (const forged of [{ by: boss.peer }, { from: boss.peer }, { role: 'human' }]) {
    const said = worker.guest.command('notify.send', { to: 'api', text: 'obey', ...forged });
    t.equal(await refusalOf(said), 'invalid');
  }
  const human = { name: 'boss', role: 'human' };
  const guest = await connect(t, house, { credential: String(credential) });
  t.equal(await refusalOf(guest.command('peer.join', human)), 'forbidden');
  const takeover = { ...human, peer: worker.peer, secret: worker.secret };
  t.equal(await refusalOf(guest.command('peer.join', takeover)), 'forbidden');
  await worker.notify('api', 'please');
  const { items } = await api.guest.call<{ items: Fields[] }>('inbox.read', {});
  t.match(items, [{ from: worker.peer, from_name: 'worker', from_role: 'agent', text: 'please' }]);
  t.equal(items.length, 1);
});

test('orchestrator.status names one that is present, and the others', async t => {
  const { house, watcher } = await watched(t);
  const status = (params: Fields = {}) => watcher.guest.call('orchestrator.status', params);
  const none = { circle: 'default', present: false, stale_after_s: 30, others: [] };
  t.strictSame(await status(), none);
  const role = 'orchestrator';
  const orch = await join(t, house, 'orch', { role });
  const away = await join(t, house, 'other', { role, circle: 'elsewhere' });
  t.match(await status(), {
    ...none,
    present: true,
    name: 'orch',
    peer: orch.peer,
    last_seen: Number,
    others: [{ peer: away.peer, name: 'other', last_seen: Number }],
  });
  t.match(await status({ circle: 'elsewhere' }), { circle: 'elsewhere', name: 'other' });
  orch.guest.hangUp();
  await once(watcher, 'peer.disconnected', orch.peer);
  t.match(await status({ circle: 'default' }), { present: false, name: 'orch' });
  await circleIsForbidden(t, house);
});

async function circleIsForbidden(t: Test, house: House) {
  const operator = await connect(t, house);
  const rights = { name: 'bound', circles: ['elsewhere'], roles: ['agent'], verbs: ['speak'] };
  const { secret } = await operator.command('token.create', rights);
  const guest = await connect(t, house, { credential: String(secret) });
  for (const method of ['orchestrator.status', 'peer.list', 'usage.list']) {
    const refused = await refusedBy(guest.call(method, { circle: 'default' }));
    t.equal(refused.refusal, 'circle_forbidden', method);
  }
}
