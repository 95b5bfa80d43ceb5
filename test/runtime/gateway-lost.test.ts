// A gateway that was silent too long is fenced: its word on presence is void, its peers' is not.
import { test } from 'tap';
import { memoryStore } from '../../broker/log/memory.js';
import { HandClock, type House, openHouse } from '../dsl/memory-brokers.js';

/** Lets time pass in steps that a living boot fills with its own commits. */
async function pass(clock: HandClock, seconds: number, living: House): Promise<void> {
  for (let left = seconds; left > 0; left -= 11) {
    const before = living.fold.sequence;
    clock.turn(Math.min(11, left));
    await living.until(() => living.fold.sequence > before);
  }
}

async function twoHouses(t: Parameters<typeof openHouse>[0]) {
  const quarters = { store: memoryStore(), clock: new HandClock() };
  const a = await openHouse(t, quarters, 'a');
  const b = await openHouse(t, quarters, 'b');
  await a.until(() => a.boots.length === 2);
  return { clock: quarters.clock, a, b, bootOfA: a.boots[0]! };
}

test('a paused gateway is lost after 30 s, then goes on as one new boot', async t => {
  const { clock, a, b, bootOfA } = await twoHouses(t);
  const ann = await a.join('ann');
  const bea = await b.join('bea');
  await b.until(() => b.isPresent(ann.peer));
  await a.until(() => a.isPresent(bea.peer));

  a.log.cut();
  // On their way when the pause began: a message of ann, and word of one who comes.
  const said = a.give('notify.send', { to: bea.peer, text: 'still me' }, ann);
  await b.give('peer.join', {
    name: 'cid',
    peer: 'peer_of-cid-0001',
    secret: 'cid-cid-cid-cid-cid',
  });
  await pass(clock, 44, b);
  await b.until(() => !b.boots.includes(bootOfA));
  t.notOk(b.isPresent(ann.peer), 'who was connected there is offline');
  t.match(await said, { refusal: 'unavailable' }, 'the outcome is not known yet');

  a.log.mend();
  for (let n = 0; n < 5; n++) await b.give('peer.describe', { text: `busy ${n}` }, bea);
  await b.until(() => b.isPresent(ann.peer) && b.boots.length === 2);
  await a.until(() => a.fold.sequence === b.fold.sequence);
  t.notOk(b.boots.includes(bootOfA), 'the lost boot is not alive again');
  t.equal(a.records('gateway.started').length, 3, 'a, b, and one new boot of a');
  t.equal([...a.fold.table.inbox.boxes.get(bea.peer)!.items.values()][0]?.text, 'still me');
  t.strictSame(a.fold.toSnapshot(), b.fold.toSnapshot(), 'both brokers hold one state');
});

test('what a lost boot says of presence is void', async t => {
  const { clock, a, b, bootOfA } = await twoHouses(t);
  const ann = await b.join('ann');
  a.log.cut();
  // The first commit is under way; the word on presence waits behind it.
  a.give('token.create', { name: 'any', circles: ['*'], roles: [], verbs: ['speak'] });
  a.door.attach(ann.peer);
  await pass(clock, 44, b);
  await b.until(() => !b.boots.includes(bootOfA));
  a.log.mend();
  await b.until(() => b.boots.length === 2);
  await b.until(() => b.fold.table.peers.rows.get(ann.peer)!.boots.length === 2);
  const words = b.records('peer.connected').map(record => record.void);
  t.strictSame(words, ['boot_lost', undefined], 'void by the old boot, said again by the new one');
});

test('a boot that was declared lost too early can be declared lost later', async t => {
  const { clock, a, b, bootOfA } = await twoHouses(t);
  a.log.cut();
  await pass(clock, 33, b);
  b.fate = 'lost';
  const { appends } = b;
  await b.until(() => b.appends > appends);
  a.log.mend();
  await a.give('peer.join', { name: 'ann' });
  b.fate = 'stored';
  await b.until(() => b.records('gateway.lost').length === 1);
  t.equal(b.records('gateway.lost')[0]?.void, 'early', 'the boot spoke again in time');
  t.ok(b.boots.includes(bootOfA));

  a.log.cut();
  await pass(clock, 44, b);
  await b.until(() => !b.boots.includes(bootOfA));
  t.pass('it is offline now');
});
