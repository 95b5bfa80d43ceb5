// Fan-out at the head: what an observer is sent, in which frames, and what it never sees.
import t from 'tap';
import { parseCursor } from '../../broker/core/cursor.js';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import type { Filter } from '../../schemas/log.js';
import { isRefusal } from '../../schemas/refusal.js';
import { FakeLogDoor } from './fake-log-door.js';
import { FakeOutlet, turn, until } from './fake-outlet.js';

function open() {
  const door = new FakeLogDoor();
  const fanout = createFanout(door);
  const observe = async (outlet: FakeOutlet, from: string | { time: string }, filter?: Filter) => {
    const answer = await fanout.observe(outlet, { from, ...(filter && { filter }) });
    if (isRefusal(answer)) throw new Error(answer.message);
    return answer.subscription;
  };
  return { door, fanout, observe };
}

t.test('the first frame comes after the answer and says where the observer stands', async t => {
  const { observe } = open();
  const ann = new FakeOutlet();
  const subscription = await observe(ann, 'now');
  for (let i = 0; i < 20; i++) await Promise.resolve();
  t.equal(ann.frames.length, 0, 'nothing precedes the answer');
  await until(() => ann.frames.length > 0);
  const [frame] = ann.told('log.records');
  t.match(frame, { subscription, live: true, records: [] });
  t.equal(frame?.after, frame?.to);
  t.equal(parseCursor(frame!.to)?.sequence, 1);
});

t.test('16: from the start every event comes once, in order, and then as it happens', async t => {
  const { door, observe } = open();
  door.note('one');
  const ann = new FakeOutlet();
  await observe(ann, 'start');
  await until(() => ann.isLive);
  door.note('two');
  await until(() => ann.records.length === 4);
  t.strictSame(ann.texts, ['log.opened', 'gateway.started', 'one', 'two']);
  const positions = ann.records.map(([position]) => position);
  t.strictSame(positions, [4096, 4097, 2 * 4096, 3 * 4096]);
  t.equal(ann.records[0]?.[1], door.time);
  t.equal(parseCursor(ann.told('log.records')[0]!.after)?.sequence, 0);
});

t.test('the commits of one turn come in one frame', async t => {
  const { door, observe } = open();
  const ann = new FakeOutlet();
  await observe(ann, 'now');
  await until(() => ann.isLive);
  for (let i = 0; i < 20; i++) door.note(`${i}`);
  t.equal(ann.frames.length, 1);
  await turn();
  t.equal(ann.frames.length, 2);
  t.equal(ann.records.length, 20);
});

t.test('what comes in one turn is cut into frames of bounded size', async t => {
  const { door, observe } = open();
  const ann = new FakeOutlet();
  await observe(ann, 'now');
  await until(() => ann.isLive);
  for (let i = 0; i < 20; i++) door.note('x'.repeat(100_000));
  await until(() => ann.records.length === 20);
  t.ok(Math.max(...ann.frames.map(frame => frame.length)) < 600_000);
});

t.test('a void event is shown with its reason, as it comes, from ring and log', async t => {
  const { door, observe } = open();
  const [ann, ben, eve] = [new FakeOutlet(), new FakeOutlet(), new FakeOutlet()];
  await observe(ann, 'now');
  await until(() => ann.isLive);
  door.commit(door.event('message.retracted', { message: `msg_${door.uuid()}` }));
  await observe(ben, 'start');
  await createFanout(door).observe(eve, { from: 'start' });
  await until(() => ann.records.length === 1 && ben.isLive && eve.isLive);
  for (const { records } of [ann, ben, eve]) t.equal(records.at(-1)?.[3], 'message_unknown');
});

t.test('equal filters share one subscription and the very same bytes', async t => {
  const { door, observe } = open();
  const [ann, ben, eve] = [new FakeOutlet(), new FakeOutlet(), new FakeOutlet()];
  const kinds = ['message', 'ask'];
  const one = await observe(ann, 'now', { kinds });
  t.equal(await observe(ben, 'now', { kinds: ['ask', 'message', 'ask'] }), one);
  t.not(await observe(eve, 'now', { kinds: ['ask'] }), one);
  await until(() => ann.isLive && ben.isLive && eve.isLive);
  t.equal(ann.frames[0], ben.frames[0], 'already the first frame is shared');
  door.note('hello');
  await until(() => ann.frames.length === 2 && ben.frames.length === 2);
  t.equal(ann.frames[1], ben.frames[1], 'the same object, not its equal');
  t.strictSame(ann.texts, ['hello']);
  t.strictSame(eve.records, []);
});

t.test('equal filters at unequal cursors share the records, each after its own cursor', async t => {
  const { door, observe } = open();
  const [ann, ben] = [new FakeOutlet(), new FakeOutlet()];
  const filter = { circles: ['a'] };
  await observe(ann, 'now', filter);
  await until(() => ann.isLive);
  door.time += 1_000;
  door.note('advances ann', 'b');
  await turn();
  door.note('unmatched', 'b');
  await turn();
  await observe(ben, 'now', filter);
  await until(() => ben.isLive);
  t.not(ann.told('log.records').at(-1)?.to, ben.told('log.records').at(-1)?.to);
  door.note('matched', 'a');
  await turn();
  for (const outlet of [ann, ben]) t.strictSame(outlet.texts, ['matched']);
});

t.test('both encodings say the same', async t => {
  const { door, observe } = open();
  const ann = new FakeOutlet();
  const ben = new FakeOutlet({ token: 'operator' }, 'json');
  const one = await observe(ann, 'start');
  t.equal(await observe(ben, 'start'), one);
  await until(() => ann.isLive && ben.isLive);
  for (let i = 0; i < 300; i++) door.note(`Grüße "${i}"\n`);
  door.append([{ type: 'ask.opened', circles: ['default'], bytes: Uint8Array.of(0xc1) }]);
  door.commit(door.event('message.retracted', { message: `msg_${door.uuid()}` }));
  await until(() => ann.records.length === 304);
  t.strictSame(ann.messages, ben.messages);
});

t.test('positions above 32 bits keep their value', async t => {
  const door = new FakeLogDoor();
  door.fold.sequence = 2 ** 21;
  door.commits.length = 2 ** 21;
  const fanout = createFanout(door);
  const ann = new FakeOutlet();
  await fanout.observe(ann, { from: 'now' });
  door.note('far');
  await until(() => ann.records.length === 1);
  t.equal(ann.records[0]?.[0], (2 ** 21 + 1) * 4096);
});

t.test('the same connection observing the same again moves to the new place', async t => {
  const { door, fanout, observe } = open();
  const ann = new FakeOutlet();
  const one = await observe(ann, 'now');
  await until(() => ann.isLive);
  t.equal(await observe(ann, 'start'), one);
  t.equal(fanout.stats().subscriptions, 1);
  await until(() => ann.frames.length === 2 && ann.isLive);
  door.note('once');
  await until(() => ann.frames.length === 3);
  await turn();
  t.equal(ann.frames.length, 3);
});

t.test('after unobserve, and after the connection closed, nothing more is sent', async t => {
  const { door, fanout, observe } = open();
  const [ann, ben] = [new FakeOutlet(), new FakeOutlet()];
  const one = await observe(ann, 'now');
  await observe(ben, 'now');
  await until(() => ann.isLive && ben.isLive);
  t.equal(fanout.unobserve(ann, 'sub_99'), false);
  t.equal(fanout.unobserve(ann, one), true);
  t.equal(fanout.unobserve(ann, one), false);
  ben.close();
  t.equal(fanout.stats().subscriptions, 0);
  door.note('unseen');
  await turn();
  await turn();
  t.equal(ann.frames.length + ben.frames.length, 2);
});

t.test('a subscription that ends before its first frame never gets one', async t => {
  const { fanout, observe } = open();
  const ann = new FakeOutlet();
  fanout.unobserve(ann, await observe(ann, 'start'));
  await turn();
  await turn();
  t.equal(ann.frames.length, 0);
});

t.test('a connection observes a bounded number of times', async t => {
  const { fanout, observe } = open();
  const ann = new FakeOutlet();
  for (let i = 0; i < 64; i++) await observe(ann, 'now', { kinds: [`k${i}`] });
  t.match(await fanout.observe(ann, { from: 'now' }), { refusal: 'invalid' });
  await observe(ann, 'now', { kinds: ['k5'] });
  t.equal(fanout.stats().subscriptions, 64);
});

t.test('after close nothing is sent', async t => {
  const { door, fanout, observe } = open();
  const ann = new FakeOutlet();
  await observe(ann, 'now');
  await until(() => ann.isLive);
  fanout.close();
  door.note('unseen');
  await turn();
  t.equal(ann.frames.length, 1);
});

t.test('commits without a match advance the cursor at most once a second', async t => {
  const { door, observe } = open();
  const ann = new FakeOutlet();
  await observe(ann, 'now', { kinds: ['ask'] });
  await until(() => ann.isLive);
  const quiet = async (notes: number) => {
    for (let i = 0; i < notes; i++) {
      door.note('unmatched');
      await turn();
    }
    return ann.frames.length;
  };
  const first = await quiet(50);
  t.ok(first <= 2, `${first} frames for 50 commits in one instant`);
  door.time += 999;
  t.equal(await quiet(5), first);
  door.time += 1;
  t.equal(await quiet(5), first + 1);
  t.strictSame(ann.records, [], 'and the chain of cursors is whole');
  const head = parseCursor(ann.told('log.records').at(-1)!.to)?.sequence ?? 0;
  t.ok(head >= door.fold.sequence - 5);
});
