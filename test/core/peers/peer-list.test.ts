// Reading peers: each column as the log has it, why somebody is away, and pages of it all.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import type { PeerRow } from '../../../schemas/peer.js';
import * as p from '../../dsl/events.js';
import {
  api,
  BOOT,
  db,
  GATEWAY,
  joins,
  joinsAway,
  orch,
  person,
  T0,
  web,
} from '../../dsl/events.js';
import { describes, givesUp } from '../../dsl/events-ledger.js';
import { given, later } from '../../dsl/given.js';
import { reads, type World } from '../../dsl/reads.js';

interface Page {
  rows: PeerRow[];
  next?: string;
}

const list = async (world: World, who: p.Person | string, params: object = {}) =>
  (await reads(world, who, 'peer.list', params)) as unknown as Page;

t.test('a row has every column that is known of the peer, and no other', async t => {
  const profile = {
    project: 'shop',
    path: '/home/web/shop',
    machine: 'laptop',
    runtime: 'claude-code',
    model: 'opus',
  };
  const world = given(t, joins(web, profile), joins(api), describes(web, 'the cart', T0 + 60_000));
  world.and(p.turns(web, 'working'), p.tells(11, api, web, 'hi'), later(7));
  const base = { peer: web.peer, name: 'web', circle: 'default', role: 'agent', last_seen: T0 + 7 };
  t.strictSame((await list(world, api)).rows, [
    {
      ...base,
      ...profile,
      status: 'busy',
      description: 'the cart',
      turn: 'working',
      turn_at: T0,
      acted_at: T0,
      queued: 1,
      queued_since: T0,
    },
  ]);
  const plain = (await list(world, web)).rows[0]!;
  const known = ['peer', 'name', 'circle', 'role', 'status', 'last_seen', 'acted_at', 'queued'];
  t.strictSame(Object.keys(plain).sort(), known.sort());
  t.equal(plain.queued, 0);
});

t.test('offline ones are shown when asked for, each with its reason and since when', async t => {
  const lone = person('lone');
  const world = given(t, joins(web), joinsAway(api), joins(db), joins(lone), later(5));
  world.and(p.disconnects(db), p.started('gateway_b', 'boot_b'), p.connects(web, 'boot_b'));
  world.and(later(5), p.started(GATEWAY, 'boot_a2'), later(limits.post_presence_ms));
  const why = ({ name, status, reason, offline_since }: PeerRow) => [
    name,
    status,
    reason,
    offline_since,
  ];
  t.same((await list(world, orch.token, { offline: true })).rows.map(why), [
    ['web', 'online', undefined, undefined],
    ['api', 'offline', 'never_connected', T0],
    ['db', 'offline', 'disconnected', T0 + 5],
    ['lone', 'offline', 'gateway_lost', T0 + 10],
  ]);
  t.same((await list(world, orch.token)).rows.map(why).length, 1);
});

t.test('who speaks without a connection is there while it does so', async t => {
  const world = given(t, joins(web), joinsAway(api));
  const seen = async () => (await list(world, web, { offline: true })).rows[0];
  t.match(await seen(), { status: 'online', last_seen: T0, reason: undefined });
  t.equal((await list(world, web)).rows.length, 1, 'also in the list of who is there');
  world.and(later(limits.post_presence_ms - 1));
  t.match(await seen(), { status: 'online' });
  world.and(later(1));
  t.match(await seen(), { status: 'offline', reason: 'never_connected', offline_since: T0 });
  world.and(later(9), p.turns(api, 'working'));
  const spoke = world.mesh.now;
  t.match(await seen(), { status: 'busy', last_seen: spoke, reason: undefined });
  t.match(await reads(world, web, 'mesh.stats'), { peers: { online: 1, busy: 1, offline: 0 } });
  world.and(later(limits.post_presence_ms));
  t.match(await seen(), { status: 'offline', reason: 'silent', offline_since: spoke });
});

t.test('who was cut off is away at once, until it speaks again without a connection', async t => {
  const world = given(t, joins(web), joins(api), later(5), p.disconnects(api));
  const seen = async () => (await list(world, web, { offline: true })).rows[0];
  t.match(await seen(), { status: 'offline', reason: 'disconnected', offline_since: T0 + 5 });
  world.and(later(5), p.tells(1, api, web, 'still here'));
  t.match(await seen(), { status: 'online', last_seen: T0 + 10 });
  world.and(p.leaves(api));
  t.equal(await seen(), undefined);
});

t.test('who retired is listed no more; who asks who it is learns what to do', async t => {
  const world = given(t, joins(web), joins(api), joins(db), p.leaves(web), p.kills(api));
  world.and(p.disconnects(db), later(limits.peer_gone_ms), givesUp(db));
  t.same((await list(world, orch.token, { offline: true })).rows, []);
  for (const [who, message] of [
    [web, /has left; call peer.join/],
    [api, /was retired; join as a new one/],
    [db, /has left; call peer.join/],
  ] as const) {
    t.match(await reads(world, who, 'peer.whoami'), { refusal: 'peer_retired', message });
  }
});

t.test('last seen is its last event, or its gateway’s last commit while connected', async t => {
  const seen = async (world: World) => {
    const { rows } = await list(world, orch.token, { offline: true });
    return rows[0]!.last_seen - T0;
  };
  const world = given(t, joins(web), later(1_000));
  t.equal(await seen(world), 1_000, 'quiet, but its gateway speaks');
  world.and(p.started('gateway_b', 'boot_b'), later(1_000), p.disconnects(web), later(1_000));
  t.equal(await seen(world), 2_000, 'as it was cut off');
  world.and(p.turns(web, 'idle'), later(1_000));
  t.equal(await seen(world), 3_000, 'heard without a connection');
});

t.test('a description fades when its time has come, and not before', async t => {
  const world = given(t, joins(web)).when(web, 'peer.describe', { text: 'the cart' }).thenEvent({});
  const text = async () => (await list(world, orch.token)).rows[0]?.description;
  world.and(later(limits.description_ttl_s * 1_000 - 1));
  t.equal(await text(), 'the cart');
  world.and(later(1));
  t.equal(await text(), undefined);
});

t.test('a turn from before it was cut off is shown with its time, but nobody is busy', async t => {
  const world = given(t, joins(web), p.turns(web, 'working'), p.disconnects(web), later(5));
  world.and(p.connects(web));
  t.match((await list(world, orch.token)).rows, [
    { status: 'online', turn: 'working', turn_at: T0 },
  ]);
});

t.test('pages follow one another without gap or repeat, though peers come and go', async t => {
  const crowd = Array.from({ length: 7 }, (_, n) => person(`one-${n}`));
  const world = given(t, ...crowd.map(one => joins(one)));
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await list(world, orch.token, { max: 2, offline: true, ...(after && { after }) });
    seen.push(...page.rows.map(({ name }) => name));
    after = page.next;
    world.and(p.disconnects(crowd[seen.length % 7]!));
    if (seen.length === 4) world.and(p.leaves(crowd[3]!), p.leaves(crowd[5]!));
  } while (after !== undefined);
  t.same(seen, ['one-0', 'one-1', 'one-2', 'one-3', 'one-4', 'one-6']);
});

t.test('the order of the list is that of joining, whoever is asked for', async t => {
  const world = given(t, joins(web), joins(api), joins(orch));
  const names = async (params: object) =>
    (await list(world, api, params)).rows.map(({ name }) => name);
  t.same(await names({}), ['web', 'orch']);
  t.same(await names({ self: true }), ['web', 'api', 'orch']);
  t.same(await names({ circle: 'elsewhere' }), ['orch']);
  t.same(world.mesh.table.peers.rows.get(web.peer)?.boots, [BOOT]);
});
