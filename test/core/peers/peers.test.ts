// The rules of the peers: names, coming back, leaving, and what a peer says of itself.
import t from 'tap';
import { statusOf } from '../../../broker/core/rows/presence.js';
import type { Table } from '../../../broker/core/rows/table.js';
import { hashSecret } from '../../../broker/core/tokens/secret.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import { api, far, joins, joinsAway, leaves, person, renames, web } from '../../dsl/events.js';
import { given, later } from '../../dsl/given.js';
import { Mesh } from '../../dsl/test-log.js';

const other = person('other', { name: 'web' });
const third = person('third', { name: 'web' });

t.test('a newcomer is known under the name, role and circle it asked for', async t => {
  given(t)
    .when(OPERATOR, 'peer.join', { name: 'web', peer: web.peer, secret: web.secret, role: 'human' })
    .thenEvent({ type: 'peer.joined', peer: web.peer, secret_hash: hashSecret(web.secret) })
    .thenPeer(web, { name: 'web', role: 'human', circle: 'default', boots: [p.BOOT] });
});

t.test('a join without peer and secret is told both, once made from the id', async t => {
  given(t)
    .when(OPERATOR, 'peer.join', { id: p.uuid(1), name: 'web' })
    .thenAnswer({ peer: `peer_${p.uuid(1)}`, secret: `made-for-${p.uuid(1)}`, generation: 0 });
});

t.test('a taken name gets the next free number in its circle', async t => {
  given(t, joins(web), joins(other), joins(third))
    .thenPeer(other, { name: 'web-2' })
    .thenPeer(third, { name: 'web-3' })
    .and(leaves(other), joins(person('fourth', { name: 'web' })))
    .thenPeer(person('fourth'), { name: 'web-2' });
});

t.test('the same name is free in another circle', async t => {
  given(t, joins(web), joins(person('abroad', { name: 'web', circle: 'elsewhere' }))).thenPeer(
    person('abroad'),
    { name: 'web', circle: 'elsewhere' },
  );
});

t.test('a numbered name stays within 64 characters', async t => {
  const long = 'x'.repeat(64);
  const names = ['long-one', 'long-two', 'long-ten'].map(name => person(name));
  const world = given(t, ...names.map(who => joins(who, { name: long })));
  world.thenPeer(names[0]!, { name: long });
  world.thenPeer(names[1]!, { name: `${'x'.repeat(62)}-2` });
  world.thenPeer(names[2]!, { name: `${'x'.repeat(62)}-3` });
});

t.test(
  'a joiner whose name an offline peer holds is warned that it may be its earlier self',
  async t => {
    given(t, joinsAway(web))
      .when(OPERATOR, 'peer.join', { name: 'web' })
      .thenAnswer({ name: 'web-2', renamed: true, warning: /offline/ });
    given(t, joins(web))
      .when(OPERATOR, 'peer.join', { name: 'web' })
      .thenAnswer({ name: 'web-2', renamed: true, warning: undefined });
  },
);

t.test('a peer comes back under its name with its secret, whatever it calls itself', async t => {
  given(t, joinsAway(web), joins(other))
    .when(OPERATOR, 'peer.join', { name: 'anew', peer: web.peer, secret: web.secret, circle: 'x' })
    .thenEvent({ peer: web.peer, circle: 'default' })
    .thenPeer(web, { name: 'web', circle: 'default', boots: [p.BOOT] });
});

t.test('without its secret nobody comes back as a peer', async t => {
  const world = given(t, joins(web));
  world.when(OPERATOR, 'peer.join', { name: 'web', peer: web.peer }).thenRefused('unauthorized');
  world.and(joins(web, { secret_hash: hashSecret('a guess') })).thenVoid('unauthorized');
});

t.test(
  'a peer that left comes back under its old name when that is free, else the next',
  async t => {
    given(t, joins(web), leaves(web), joins(web)).thenPeer(web, {
      name: 'web',
      retired: undefined,
    });
    given(t, joins(web), leaves(web), joins(other), joins(web))
      .thenPeer(other, { name: 'web' })
      .thenPeer(web, { name: 'web-2', retired: undefined });
  },
);

t.test('a killed peer never comes back, and its name is free', async t => {
  given(t, joins(web))
    .when(OPERATOR, 'peer.kill', { peer: web.peer })
    .thenEvent({ type: 'peer.killed', peer: web.peer })
    .thenPeer(web, { retired: 'killed', boots: [] })
    .and(joins(web))
    .thenVoid('peer_retired')
    .when(OPERATOR, 'peer.join', { name: 'web', peer: web.peer, secret: web.secret })
    .thenRefused('peer_retired')
    .and(joins(other))
    .thenPeer(other, { name: 'web' });
});

t.test('only a known, live peer can be killed', async t => {
  given(t).when(OPERATOR, 'peer.kill', { peer: web.peer }).thenRefused('peer_unknown');
  given(t, p.kills(web)).thenVoid('peer_unknown');
  given(t, joins(web), leaves(web), p.kills(web)).thenVoid('peer_retired');
  given(t, joins(web), leaves(web))
    .when(OPERATOR, 'peer.kill', { peer: web.peer })
    .thenRefused('peer_retired');
});

t.test('a peer keeps its circle even when two brokers hear it join in two', async t => {
  given(t, joins(web), joins(web, { circle: 'elsewhere' }))
    .thenVoid('circle_forbidden')
    .thenPeer(web, { circle: 'default' });
});

t.test('a rename takes the free name, frees the old one, and takes nobody’s', async t => {
  const world = given(t, joins(web), joins(api))
    .when(web, 'peer.rename', { name: 'front' })
    .thenAnswer({ name: 'front' })
    .and(joins(other))
    .thenPeer(other, { name: 'web' })
    .when(web, 'peer.rename', { name: 'api' })
    .thenRefused('not_yours', { peer: api.peer });
  world.and(renames(web, 'api')).thenVoid('not_yours').thenPeer(web, { name: 'front' });
  world.and(joins(far), renames(web, 'far')).thenPeer(web, { name: 'far' });
});

t.test('a rename to its own name, or to its own numbered name, changes nothing', async t => {
  given(t, joins(web), joins(other), renames(web, 'web'), renames(other, 'web-2'))
    .thenPeer(web, { name: 'web' })
    .thenPeer(other, { name: 'web-2' });
});

t.test('a name is held by its holder alone after many renames', async t => {
  given(t, joins(web), joins(api), renames(web, 'x'), renames(api, 'web'), renames(web, 'web'))
    .thenPeer(api, { name: 'web' })
    .thenPeer(web, { name: 'x' })
    .thenRow(table => [...table.peers.named('x')].map(row => row.peer), [web.peer])
    .thenRow(table => [...table.peers.named('web')].map(row => row.peer), [api.peer]);
});

t.test('below level 3 a rename to a taken name gets the next free one', async t => {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level: 2 }), p.started(p.GATEWAY, p.BOOT), joins(web), joins(api));
  t.equal(mesh.one(renames(web, 'api')).void, undefined);
  t.equal(mesh.table.peers.rows.get(web.peer)?.name, 'api-2');
});

t.test('who has left or never joined says nothing more', async t => {
  given(t, renames(web, 'x')).thenVoid('peer_unknown');
  given(t, joins(web), leaves(web), renames(web, 'x')).thenVoid('peer_retired');
  given(t, joins(web), leaves(web), leaves(web)).thenVoid('peer_retired');
});

t.test('a join says its profile anew, and keeps a description it does not mention', async t => {
  const first = { runtime: 'claude', description: 'on the login page', description_until: 9e15 };
  given(t, joins(web, first), joins(web, { model: 'opus' })).thenPeer(web, {
    runtime: undefined,
    model: 'opus',
    description: 'on the login page',
    description_until: 9e15,
  });
});

t.test('a description lasts as long as it was said for', async t => {
  given(t, joins(web))
    .when(web, 'peer.describe', { text: 'on the login page', ttl_s: 60 })
    .thenEvent({ expires_at: p.T0 + 60_000 })
    .thenPeer(web, { description: 'on the login page', description_until: p.T0 + 60_000 });
});

t.test('a working peer is busy while it is connected, and offline when it is not', async t => {
  const status = (table: Table) => statusOf(table.peers.rows.get(web.peer)!);
  const world = given(t, joins(web)).thenRow(status, 'online');
  world
    .when(web, 'peer.turn', { state: 'working', text: 'reading', role: 'assistant' })
    .thenEvent({ type: 'peer.turned', state: 'working', text: 'reading' })
    .thenPeer(web, { turn: 'working', turn_text: 'reading', turn_at: p.T0 })
    .thenRow(status, 'busy')
    .and(p.disconnects(web))
    .thenRow(status, 'offline')
    .and(p.connects(web), p.turns(web, 'working'))
    .thenRow(status, 'busy')
    .and(p.turns(web, 'idle'))
    .thenRow(status, 'online')
    .and(leaves(web))
    .thenRow(status, 'offline');
});

t.test('each boot a peer is connected through counts once', async t => {
  given(t, p.started('gateway_b', 'boot_b'), joinsAway(web), p.connects(web))
    .and(p.connects(web))
    .thenVoid('duplicate')
    .and(p.connects(web, 'boot_b'))
    .thenPeer(web, { boots: [p.BOOT, 'boot_b'] })
    .and(p.disconnects(web))
    .thenPeer(web, { boots: ['boot_b'] })
    .and(p.disconnects(web))
    .thenVoid('stale');
});

t.test(
  'a boot that is not alive says nothing of presence, and a join does not connect',
  async t => {
    given(t, joins(web, { boot: 'boot_gone' }))
      .thenApplied()
      .thenPeer(web, { boots: [] });
    given(t, joinsAway(web), p.connects(web, 'boot_gone')).thenVoid('boot_lost');
    given(t, joins(web), p.disconnects(web, 'boot_gone')).thenVoid('boot_lost');
  },
);

t.test('who has left or is unknown cannot be connected', async t => {
  given(t, p.connects(web)).thenVoid('stale');
  given(t, joins(web), leaves(web), p.connects(web)).thenVoid('stale');
  given(t, joins(web), leaves(web), p.disconnects(web)).thenVoid('stale');
});

t.test('a peer was last seen at its newest event, even one that took no effect', async t => {
  given(t, joins(web), later(5_000), p.closes(web, 1, 'replied'))
    .thenVoid('ask_unknown')
    .thenPeer(web, { last_seen: p.T0 + 5_000 });
  given(t, joins(web), later(5_000), p.disconnects(web)).thenPeer(web, {
    last_seen: p.T0 + 5_000,
  });
});
