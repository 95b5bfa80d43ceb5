// Presence: the first connection of a peer and the end of its last are told, in this order.
import t from 'tap';
import { Presence } from '../../broker/presence.js';
import { given } from '../given.js';
import * as p from '../people.js';
import { BOOT, connects, disconnects, joins, joinsAway, web } from '../people.js';

function desk(...steps: Parameters<typeof given>[1][]) {
  const world = given(t, ...steps);
  const told: string[] = [];
  const presence = new Presence((type, row) => told.push(`${type} ${row.name}`) > 0);
  const { table } = world.mesh;
  return {
    world,
    told,
    attach: () => presence.attach(table, BOOT, web.peer),
    detach: () => presence.detach(table, BOOT, web.peer),
    tellAll: () => presence.tellAll(table),
  };
}

t.test('several connections of one peer are told as one', async t => {
  const { told, attach, detach } = desk(joinsAway(web));
  attach();
  attach();
  detach();
  t.same(told, ['peer.connected web']);
  detach();
  t.same(told, ['peer.connected web', 'peer.disconnected web']);
});

t.test('a join that connected says so itself', async t => {
  const { told, attach } = desk(joins(web));
  attach();
  t.same(told, []);
});

t.test('who is back before the log knows it was gone is told to be back', async t => {
  const { told, attach, detach, world } = desk(joins(web));
  attach();
  detach();
  attach();
  t.same(told, ['peer.disconnected web', 'peer.connected web']);
  world.and(disconnects(web), connects(web)).thenPeer(web, { boots: [BOOT] });
});

t.test('nobody who has left is said to be gone or here', async t => {
  const { told, attach, detach, tellAll, world } = desk(joins(web));
  attach();
  world.and(p.leaves(web));
  tellAll();
  detach();
  t.same(told, []);
});

t.test('a new boot says again who is connected', async t => {
  const { told, attach, tellAll } = desk(joins(web));
  attach();
  tellAll();
  t.same(told, ['peer.connected web']);
});
