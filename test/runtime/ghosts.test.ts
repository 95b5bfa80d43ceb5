// Ghosts and the falsely dead: presence over brokers that restart, refuse and lose what was said.
import { test } from 'tap';
import { memoryStore } from '../../broker/log/memory.js';
import { isRefusal } from '../../schemas/refusal.js';
import { HandClock, type House, openHouse, operator } from '../dsl/memory-brokers.js';

const secret = 'the-secret-of-ann-0123456789';
const ann = { name: 'ann', peer: 'peer_of-ann-0001', secret };

async function joins(house: House, more: object = {}) {
  const answer = await house.give('peer.join', { ...ann, ...more });
  if (isRefusal(answer)) throw new Error(answer.message);
  return answer.result;
}

const offline = (house: House) => house.fold.table.peers.rows.get(ann.peer)?.offline?.reason;

test('who joined and was never heard of again on its connection is told to be gone', async t => {
  const house = await openHouse(t, { store: memoryStore(), clock: new HandClock() }, 'a');
  await joins(house);
  house.broker.tick();
  await house.until(() => !house.isPresent(ann.peer));
  t.equal(offline(house), 'disconnected');
});

test('a goodbye that the full log refused is said again when there is room', async t => {
  const house = await openHouse(t, { store: memoryStore(), clock: new HandClock() }, 'a');
  await joins(house);
  house.door.attach(ann.peer);
  house.fate = 'refused';
  const { appends } = house;
  house.door.detach(ann.peer);
  await house.until(() => house.appends > appends);
  t.ok(house.isPresent(ann.peer), 'the log does not know yet');
  house.fate = 'stored';
  house.broker.tick();
  await house.until(() => !house.isPresent(ann.peer));
  t.equal(house.records('peer.disconnected').length, 1);
});

test('a gateway that died without a word ends its ghosts as it starts again', async t => {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const dead = await openHouse(t, quarters, 'a');
  await joins(dead);
  dead.door.attach(ann.peer);
  await dead.broker.close();
  const reborn = await openHouse(t, quarters, 'a');
  t.notOk(reborn.isPresent(ann.peer));
  t.equal(offline(reborn), 'gateway_lost');
  t.equal(reborn.boots.length, 1);
});

test('a name survives the restart of its peer, on this broker and on another', async t => {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const a = await openHouse(t, quarters, 'a');
  const b = await openHouse(t, quarters, 'b');
  const first = await joins(a);
  a.door.attach(ann.peer);
  a.door.detach(ann.peer);
  t.match(await joins(a), { peer: ann.peer, name: 'ann', renamed: undefined });
  a.door.detach(ann.peer);
  const min_position = Number(first.position);
  t.match(await joins(b, { min_position }), { peer: ann.peer, name: 'ann' });
  t.match(await joins(b, { name: 'ann-anew' }), { name: 'ann', renamed: true });
});

test('nobody takes the name of a peer that is away: it is numbered, with a warning', async t => {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const a = await openHouse(t, quarters, 'a');
  await a.give('peer.join', { ...ann });
  a.door.attach(ann.peer);
  a.door.detach(ann.peer);
  await a.until(() => !a.isPresent(ann.peer));
  const thief = await a.give('peer.join', { name: 'ann' });
  t.match(thief, { result: { name: 'ann-2', renamed: true, warning: /offline/ } });
  t.match(await joins(a), { name: 'ann' });
});

test('who left gets its name back when it is free, and the next one when it is not', async t => {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const a = await openHouse(t, quarters, 'a');
  await joins(a);
  await a.give('peer.leave', {}, { ...operator, peer: ann.peer });
  t.match(await joins(a), { name: 'ann', renamed: undefined });
  await a.give('peer.leave', {}, { ...operator, peer: ann.peer });
  const heir = await a.give('peer.join', { name: 'ann' });
  t.match(heir, { result: { name: 'ann' } });
  t.match(await joins(a), { peer: ann.peer, name: 'ann-2', renamed: true });
});

test('who was away for a month is given up once, by any broker, and may come back', async t => {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const a = await openHouse(t, quarters, 'a');
  const b = await openHouse(t, quarters, 'b');
  await joins(a);
  a.door.attach(ann.peer);
  a.door.detach(ann.peer);
  await b.until(() => b.fold.table.peers.rows.has(ann.peer) && !b.isPresent(ann.peer));
  quarters.clock.turn(31 * 86_400);
  a.broker.tick();
  b.broker.tick();
  await b.until(() => offline(b) === 'gone');
  await a.until(() => offline(a) === 'gone');
  const applied = b.records('peer.retired').filter(record => record.void === undefined);
  t.equal(applied.length, 1);
  t.match(await joins(b), { peer: ann.peer, name: 'ann' });
  t.equal(offline(b), undefined);
});
