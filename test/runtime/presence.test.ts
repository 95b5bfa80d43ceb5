// Presence: the first connection of a peer and the end of its last are told, in this order.
import t from 'tap';
import { Presence, type PresenceConfig } from '../../broker/runtime/presence.js';
import type { SignalEvent } from '../../schemas/event.js';
import * as p from '../dsl/events.js';
import { BOOT, connects, disconnects, joins, joinsAway, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';

function presenceOf(...steps: Parameters<typeof given>[1][]) {
  const world = given(t, ...steps);
  const told: string[] = [];
  /** Told, and on its way through the log. */
  const flying: SignalEvent[] = [];
  const queue = { isFull: false };
  const { table } = world.mesh;
  const tell: PresenceConfig['tell'] = (type, row) => {
    if (queue.isFull) return false;
    told.push(`${type} ${row.name}`);
    flying.push(
      world.mesh.stamp(p.broker(type, { peer: row.peer, circle: row.circle, boot: BOOT })),
    );
    return true;
  };
  const presence = new Presence({ table: () => table, boot: () => BOOT, tell });
  return {
    world,
    told,
    queue,
    tick: () => presence.tick(),
    /** The log refuses what is on its way. */
    refuse: () => presence.refused(flying.splice(0)),
    /** What is on its way comes back. */
    fold() {
      const own = flying.splice(0);
      presence.folded(world.mesh.store(world.mesh.encode(own)), own);
    },
    attach: () => presence.attach(web.peer),
    detach: () => presence.detach(web.peer),
    tellAll: () => presence.tellAll(),
  };
}

t.test('several connections of one peer are told as one', async t => {
  const { told, attach, detach } = presenceOf(joinsAway(web));
  attach();
  attach();
  detach();
  t.same(told, ['peer.connected web']);
  detach();
  t.same(told, ['peer.connected web', 'peer.disconnected web']);
});

t.test('a join that connected says so itself', async t => {
  const { told, attach } = presenceOf(joins(web));
  attach();
  t.same(told, []);
});

t.test('who is back before the log knows it was gone is told to be back', async t => {
  const { told, attach, detach, world } = presenceOf(joins(web));
  attach();
  detach();
  attach();
  t.same(told, ['peer.disconnected web', 'peer.connected web']);
  world.and(disconnects(web), connects(web)).thenPeer(web, { boots: [BOOT] });
});

t.test('nobody who has left is said to be gone or here', async t => {
  const { told, attach, detach, tellAll, world } = presenceOf(joins(web));
  attach();
  world.and(p.leaves(web));
  tellAll();
  detach();
  t.same(told, []);
});

t.test('a new boot says again who is connected', async t => {
  const { told, attach, tellAll } = presenceOf(joins(web));
  attach();
  tellAll();
  t.same(told, ['peer.connected web']);
});

t.test('a word the log refused is said again, and not while it is on its way', async t => {
  const { told, attach, detach, tick, refuse, fold, world } = presenceOf(joinsAway(web));
  attach();
  tick();
  t.same(told.splice(0), ['peer.connected web']);
  refuse();
  tick();
  tick();
  t.same(told.splice(0), ['peer.connected web']);
  fold();
  tick();
  t.same(told, []);
  detach();
  refuse();
  world.thenPeer(web, { boots: [BOOT] });
  tick();
  fold();
  tick();
  t.same(told, ['peer.disconnected web', 'peer.disconnected web']);
  world.thenPeer(web, { boots: [] });
});

t.test('a word the queue had no room for is said once there is some', async t => {
  const { told, attach, tick, queue } = presenceOf(joinsAway(web));
  queue.isFull = true;
  attach();
  tick();
  t.same(told, []);
  queue.isFull = false;
  tick();
  t.same(told, ['peer.connected web']);
});

t.test('who was joined through a connection that is gone is no ghost for long', async t => {
  const { told, tick, fold, world } = presenceOf(joins(web));
  tick();
  t.same(told, ['peer.disconnected web']);
  fold();
  world.thenPeer(web, { boots: [], offline: { reason: 'disconnected', since: p.T0 } });
});

t.test('who comes and goes at once ends as it is, whatever the log has heard of it', async t => {
  const { told, attach, detach, tick, fold, world } = presenceOf(joinsAway(web));
  attach();
  detach();
  attach();
  t.same(told, ['peer.connected web', 'peer.disconnected web', 'peer.connected web']);
  fold();
  tick();
  world.thenPeer(web, { boots: [BOOT] });
  t.equal(told.length, 3);
});

t.test('who left and joins again on the same connection is told to be here', async t => {
  const { told, attach, tick, world } = presenceOf(joins(web));
  attach();
  world.and(p.leaves(web));
  tick();
  t.same(told, [], 'it has left: its connection says nothing');
  world.and(joinsAway(web));
  tick();
  t.same(told, ['peer.connected web']);
});

t.test('nothing is told as a boot that the log has ended', async t => {
  const { told, tick, attach, world } = presenceOf(joins(web), p.started('gateway_b', 'boot_b'));
  attach();
  world.and(p.started(p.GATEWAY, 'boot_a2'));
  tick();
  t.same(told, []);
});
