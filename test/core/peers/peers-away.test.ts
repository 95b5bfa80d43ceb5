// The rules of being away: why and since when, whose turn still counts, and who is given up.
import t from 'tap';
import type { PeerState } from '../../../broker/core/rows/peers.js';
import { statusOf } from '../../../broker/core/rows/presence.js';
import type { Table } from '../../../broker/core/rows/table.js';
import { limits } from '../../../schemas/limits.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import {
  api,
  askNo,
  asks,
  BOOT,
  GATEWAY,
  joins,
  joinsAway,
  T0,
  turns,
  web,
} from '../../dsl/events.js';
import { givesUp } from '../../dsl/events-ledger.js';
import { given, later } from '../../dsl/given.js';

const GONE = limits.peer_gone_ms;
const status = (table: Table) => statusOf(table.peers.rows.get(web.peer)!);
const away = (reason: string, since: number) => ({ boots: [], offline: { reason, since } });

const reasons: [string, string, Parameters<typeof given>[1][]][] = [
  ['was never connected', 'never_connected', [joinsAway(web)]],
  ['hung up', 'disconnected', [joins(web), later(5), p.disconnects(web)]],
  ['left', 'left', [joins(web), later(5), p.leaves(web)]],
  ['was killed', 'killed', [joins(web), later(5), p.kills(web)]],
  ['lost its gateway', 'gateway_lost', [joins(web), later(5), p.started(GATEWAY, 'boot_a2')]],
];

for (const [deed, reason, steps] of reasons) {
  t.test(`who ${deed} is offline, for that reason and since then`, async t => {
    const since = reason === 'never_connected' ? T0 : T0 + 5;
    given(t, ...steps)
      .thenPeer(web, away(reason, since))
      .thenRow(status, 'offline');
  });
}

t.test('the first reason stands until the peer is back, and then none', async t => {
  const world = given(t, joins(web), p.disconnects(web), later(5), p.started(GATEWAY, 'boot_a2'));
  world.thenPeer(web, away('disconnected', T0));
  world.and(joinsAway(web)).thenPeer(web, away('disconnected', T0));
  world.and(p.connects(web, 'boot_a2')).thenPeer(web, { boots: ['boot_a2'], offline: undefined });
  world.and(later(5), p.disconnects(web, 'boot_a2')).thenPeer(web, away('disconnected', T0 + 10));
});

t.test('a gateway that is lost says of its peers when it was last heard itself', async t => {
  const { mesh } = given(t, joins(web), p.started('gateway_b', 'boot_b'));
  mesh.now += limits.boot_lost_ms;
  mesh.store(mesh.encode([mesh.stamp(p.lost(BOOT))], { boot: 'boot_b' }));
  const [row] = mesh.table.peers.toSnapshot();
  t.match(row, { ...away('gateway_lost', mesh.now), last_seen: T0 });
});

t.test(
  'a session that is merely quiet stays online, however long, while it is connected',
  async t => {
    const world = given(t, joins(web), later(100 * GONE));
    world.thenRow(status, 'online').and(givesUp(web)).thenVoid('stale').thenRow(status, 'online');
  },
);

t.test('a turn counts until the peer is cut off, joins anew, or says another', async t => {
  const world = given(t, joins(web), turns(web, 'working')).thenRow(status, 'busy');
  world.and(p.started(GATEWAY, 'boot_a2'), p.connects(web, 'boot_a2'));
  world.thenRow(status, 'online').thenPeer(web, { turn: 'working', turn_at: T0 });
  world.and(turns(web, 'working')).thenRow(status, 'busy');
  world.and(joins(web, { boot: 'boot_a2' })).thenRow(status, 'online');
  world.and(turns(web, 'working')).thenRow(status, 'busy');
  world.and(turns(web, 'awaiting_input')).thenRow(status, 'online');
});

t.test('one connection of two that ends does not make a turn old', async t => {
  given(t, p.started('gateway_b', 'boot_b'), joins(web), p.connects(web, 'boot_b'))
    .and(turns(web, 'working'), p.disconnects(web))
    .thenRow(status, 'busy');
});

t.test('a turn told without a connection counts once there is one', async t => {
  given(t, joinsAway(web), turns(web, 'working'))
    .thenRow(status, 'offline')
    .and(p.connects(web))
    .thenRow(status, 'busy');
});

t.test('a turn is one of three, and of its text the beginning is kept', async t => {
  given(t, joins(web), turns(web, 'asleep'))
    .thenVoid('malformed')
    .thenPeer(web, { turn: undefined });
  const text = 'x'.repeat(2 * limits.turn_text_chars);
  given(t, joins(web))
    .when(web, 'peer.turn', { state: 'working', text })
    .thenEvent({ text })
    .thenPeer(web, { turn_text: text.slice(0, limits.turn_text_chars) });
});

t.test('who is away too long is given up, and not a millisecond before', async t => {
  const world = given(t, joins(web), p.disconnects(web), later(GONE - 1), givesUp(web));
  world.thenVoid('early').and(later(1), givesUp(web)).thenApplied();
  world.thenPeer(web, { retired: 'gone', ...away('gone', T0 + GONE), last_seen: T0 });
  world.and(givesUp(web)).thenVoid('stale').and(givesUp(api)).thenVoid('stale');
});

t.test('who speaks without a connection is not away: its time begins with each word', async t => {
  const world = given(t, joinsAway(web), later(GONE - 1), turns(web, 'idle'), later(1));
  world
    .and(givesUp(web))
    .thenVoid('early')
    .and(later(GONE - 2), givesUp(web))
    .thenVoid('early');
  world.and(later(1), givesUp(web)).thenApplied();
});

t.test('it is proposed when it is due, and again only after the next word', async t => {
  const next = (table: Table) => (table.peers.away.next() ?? 0) - T0;
  const step = limits.peer_gone_step_ms;
  const world = given(t, joins(web)).thenRow(table => table.peers.away.next(), undefined);
  world.and(p.disconnects(web)).thenRow(next, GONE);
  world.and(later(1), turns(web, 'idle'), turns(web, 'idle')).thenRow(next, GONE + step);
  world.and(p.connects(web)).thenRow(table => table.peers.away.next(), undefined);
});

t.test('with a peer that is given up go its asks, its inbox and its name', async t => {
  const other = p.person('other', { name: 'web' });
  given(t, joins(web), joins(api), asks(1, web, api), asks(2, api, web))
    .and(p.disconnects(web), later(GONE), givesUp(web))
    .thenAsk(1, { state: 'closed', outcome: 'retired' })
    .thenAsk(2, { state: 'closed', outcome: 'retired' })
    .thenInbox(web)
    .thenInbox(api, { kind: 'reply', ref: askNo(2), outcome: 'retired' })
    .when(api, 'ask.open', { to: web.peer, text: 'there?' })
    .thenRefused('peer_retired')
    .and(joins(other))
    .thenPeer(other, { name: 'web' });
});

t.test('a peer that was given up comes back with its secret, under its name', async t => {
  const world = given(t, joins(web), p.disconnects(web), later(GONE), givesUp(web));
  world
    .when(OPERATOR, 'peer.join', { name: 'any', peer: web.peer, secret: web.secret })
    .thenAnswer({ peer: web.peer, name: 'web' })
    .thenPeer(web, { name: 'web', retired: undefined, offline: undefined, boots: [BOOT] })
    .and(turns(web, 'idle'))
    .thenApplied();
  const second = given(t, joins(web), p.leaves(web), joins(p.person('other', { name: 'web' })));
  second
    .when(OPERATOR, 'peer.join', { name: 'web', peer: web.peer, secret: web.secret })
    .thenAnswer({ name: 'web-2', renamed: true });
});

t.test('who comes back without a connection was not connected since', async t => {
  given(t, joins(web), later(5), p.leaves(web), later(5), joinsAway(web)).thenPeer(web, {
    ...away('never_connected', T0 + 10),
    retired: undefined,
  });
});

t.test('a peer is offline exactly when no living boot connects it', async t => {
  const world = given(t, joins(web), joinsAway(api), p.started('gateway_b', 'boot_b'));
  const isSound = ({ boots, offline }: PeerState) => boots.length > 0 === (offline === undefined);
  const steps = [p.connects(api, 'boot_b'), p.started(GATEWAY, 'boot_a2'), p.leaves(api)];
  for (const step of [...steps, joins(api), p.connects(web, 'boot_b')]) {
    world.and(step).thenRow(({ peers }) => [...peers.rows.values()].every(isSound), true);
  }
});
