// Fan-out at the reader's pace: stalls, the crossing from the log to the ring, and what they cost.
import fc from 'fast-check';
import t from 'tap';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import { limits } from '../../schemas/limits.js';
import { FakeLogDoor } from './fake-log-door.js';
import { FakeOutlet, turn, until } from './fake-outlet.js';

const fat = 'x'.repeat(60_000);

function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);
}

t.test('from the log into the ring there is no gap and no repeat', async t => {
  const door = new FakeLogDoor();
  for (let i = 1; i <= 50; i++) door.note(`${i}`);
  const fanout = createFanout(door);
  for (let i = 51; i <= 100; i++) door.note(`${i}`);
  const ann = new FakeOutlet();
  await fanout.observe(ann, { from: 'start', filter: { kinds: ['message'] } });
  await until(() => ann.isLive);
  t.strictSame(ann.texts, texts(1, 100));
});

t.test('live is said at the head, and not before', async t => {
  const door = new FakeLogDoor();
  for (let i = 0; i < 10; i++) door.note(fat);
  const ann = new FakeOutlet();
  await createFanout(door).observe(ann, { from: 'start' });
  await until(() => ann.isLive);
  const lives = ann.told('log.records').map(({ live }) => live);
  t.ok(lives.length > 2);
  t.strictSame(lives, [...Array(lives.length - 1).fill(false), true]);
});

t.test('live is said at the head though nothing on the way there matched', async t => {
  const door = new FakeLogDoor();
  for (let i = 0; i < 10; i++) door.note(fat);
  const ann = new FakeOutlet();
  await createFanout(door).observe(ann, { from: 'start', filter: { kinds: ['ask'] } });
  await until(() => ann.frames.length > 0);
  t.match(ann.told('log.records'), [{ live: true, records: [] }]);
  t.equal(ann.frames.length, 1);
});

t.test(
  '18: a stalled reader is sent nothing and holds nothing, and then all it missed',
  async t => {
    const door = new FakeLogDoor();
    const fanout = createFanout(door, 1_000_000);
    const [ann, ben] = [new FakeOutlet(), new FakeOutlet()];
    for (const outlet of [ann, ben]) await fanout.observe(outlet, { from: 'now' });
    await until(() => ann.isLive && ben.isLive);
    ann.isFull = true;
    for (let i = 0; i < 100; i++) {
      door.note(`${i} ${fat}`);
      await turn();
    }
    t.equal(ann.frames.length, 1);
    t.equal(ben.records.length, 100, 'the others get everything meanwhile');
    t.equal(door.openReplays, 0);
    t.ok(fanout.stats().ringCommits < 20, 'and the ring does not wait for it');
    ann.drain();
    await until(() => ann.isLive && ann.records.length === 100);
    t.strictSame(ann.texts, ben.texts);
  },
);

t.test('a reader that missed nothing it asked for goes on without a word', async t => {
  const door = new FakeLogDoor();
  const ann = new FakeOutlet();
  await createFanout(door).observe(ann, { from: 'now', filter: { circles: ['a'] } });
  await until(() => ann.isLive);
  ann.isFull = true;
  door.note('missed', 'b');
  await turn();
  ann.drain();
  for (let i = 0; i < 5; i++) await turn();
  t.equal(ann.frames.length, 1);
  door.note('wanted', 'a');
  await until(() => ann.frames.length === 2);
  t.strictSame(ann.texts, ['wanted']);
});

t.test('a reader of old commits is sent one bounded frame at a time', async t => {
  const door = new FakeLogDoor();
  for (let i = 0; i < 100; i++) door.note(`${i} ${fat}`);
  const ann = new FakeOutlet();
  ann.room = 1;
  await createFanout(door).observe(ann, { from: 'start' });
  for (let sent = 1; !ann.isLive; sent++) {
    await until(() => ann.frames.length === sent);
    await turn();
    t.equal(ann.frames.length, sent, 'no more until there is room');
    ann.drain(1);
  }
  t.equal(ann.records.length, 102);
  t.ok(Math.max(...ann.frames.map(frame => frame.length)) <= limits.behind_bytes + 1_000);
  t.equal(door.begunReplays, 1, 'a reader that drains soon keeps its way into the log');
});

t.test('a reader that stalls on the way leaves the log alone until it drains', async t => {
  const door = new FakeLogDoor();
  for (let i = 0; i < 50; i++) door.note(`${i} ${fat}`);
  const ann = new FakeOutlet();
  ann.room = 2;
  await createFanout(door).observe(ann, { from: 'start' });
  await until(() => ann.isFull);
  await until(() => door.openReplays === 0);
  ann.drain();
  await until(() => ann.isLive);
  t.equal(ann.records.length, 52);
  t.equal(door.begunReplays, 2);
});

t.test('few read the log at once, and a stalled one makes way for those who wait', async t => {
  const door = new FakeLogDoor();
  for (let i = 0; i < 10; i++) door.note(`${i} ${fat}`);
  const fanout = createFanout(door);
  const rounds = 60;
  const stalled = Array.from({ length: rounds * limits.replay_feeds }, () => new FakeOutlet());
  const quick = Array.from({ length: 20 }, () => new FakeOutlet());
  for (const outlet of stalled) outlet.room = 1;
  let most = 0;
  const begun = performance.now();
  for (const outlet of [...stalled, ...quick]) await fanout.observe(outlet, { from: 'start' });
  await until(() => {
    most = Math.max(most, door.openReplays);
    return quick.every(outlet => outlet.isLive);
  });
  const waitedOut = (performance.now() - begun) / limits.replay_hold_ms;
  t.ok(waitedOut < rounds / 2, 'nobody waits out the stalled, which would take all the rounds');
  t.ok(most <= limits.replay_feeds, `${most} at once`);
  for (const outlet of quick) t.equal(outlet.records.length, 12);
  await until(() => door.openReplays === 0);
});

t.test('a reader that leaves while it reads the log closes it', async t => {
  const door = new FakeLogDoor();
  for (let i = 0; i < 50; i++) door.note(`${i} ${fat}`);
  const fanout = createFanout(door);
  const ann = new FakeOutlet();
  await fanout.observe(ann, { from: 'start' });
  await until(() => ann.frames.length === 1);
  ann.close();
  await until(() => door.openReplays === 0);
  t.ok(ann.frames.length < 5);
  t.equal(fanout.stats().subscriptions, 0);
});

t.test('19: when the log goes away on the way, the reader goes on when it is back', async t => {
  const door = new FakeLogDoor();
  for (let i = 1; i <= 50; i++) door.note(`${i}`);
  const ann = new FakeOutlet();
  const fanout = createFanout(door);
  await fanout.observe(ann, { from: 'start', filter: { kinds: ['message'] } });
  door.isAway = true;
  await until(() => door.begunReplays === 1 && door.openReplays === 0);
  t.equal(ann.frames.length, 0);
  door.isAway = false;
  await until(() => ann.isLive);
  t.strictSame(ann.texts, texts(1, 50));
});

t.test('a hole in what the log gives back is never passed over', async t => {
  const door = new FakeLogDoor();
  for (let i = 1; i <= 10; i++) door.note(`${i}`);
  const fanout = createFanout(door);
  const hidden = door.commits[5]!;
  door.commits[5] = door.commits[6]!;
  const ann = new FakeOutlet();
  await fanout.observe(ann, { from: 'start' });
  await until(() => door.begunReplays === 2);
  t.strictSame(ann.records, []);
  door.commits[5] = hidden;
  await until(() => ann.isLive);
  t.equal(ann.records.length, 12);
});

t.test('reading far behind does not starve the loop', async t => {
  const door = new FakeLogDoor();
  for (let i = 0; i < 200; i++) door.note(fat);
  const ann = new FakeOutlet();
  await createFanout(door).observe(ann, { from: 'start', filter: { kinds: ['ask'] } });
  let turns = 0;
  await until(() => {
    turns++;
    return ann.isLive;
  });
  t.ok(turns > 40, `12 MB in ${turns} turns`);
});

t.test(
  'whatever stalls, drains and leaves: delivered = filter(log range), once, in order',
  async t => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('commit'), n: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ does: fc.constantFrom('fill', 'drain', 'observe', 'leave'), n: fc.nat(5) }),
      fc.record({ does: fc.constant('turn'), n: fc.integer({ min: 1, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 3 }), walk),
      { numRuns: 200 },
    );
    t.pass('for 200 walks');
  },
);

/** Readers 0..5 watch a log whose ring holds only a handful of commits. */
async function walk(steps: { does: string; n: number }[], old: number): Promise<void> {
  const door = new FakeLogDoor();
  for (let i = 0; i < old * 5; i++) door.note(`old ${i}`, i % 2 ? 'odd' : 'even');
  const fanout = createFanout(door, 4_000);
  const outlets = new Map<number, FakeOutlet>();
  const lost = new Map<number, FakeOutlet>();
  for (const { does, n } of steps) {
    const outlet = outlets.get(n);
    if (does === 'commit') for (let i = 0; i < n; i++) door.note(`${i}`, i % 2 ? 'odd' : 'even');
    else if (does === 'turn') for (let i = 0; i < n; i++) await turn();
    else if (does === 'fill' && outlet) outlet.room = n % 3;
    else if (does === 'drain' && outlet) outlet.drain(1 + (n % 3));
    else if (does === 'leave' && outlet?.frames.length) {
      outlet.close();
      lost.set(n, outlet);
      outlets.delete(n);
    } else if (does === 'observe' && !outlet) {
      const fresh = new FakeOutlet({ token: 'operator' }, n % 2 ? 'json' : 'msgpack');
      // A reader that comes back goes on in the same list, from its last cursor.
      const before = lost.get(n);
      if (before) fresh.frames.push(...before.frames);
      const from = before?.told('log.records').at(-1)?.to ?? 'start';
      outlets.set(n, fresh);
      await fanout.observe(fresh, { from, ...(n > 2 && { filter: { circles: ['odd'] } }) });
    }
  }
  for (const outlet of outlets.values()) outlet.drain();
  door.note('end', 'odd');
  for (const [n, outlet] of outlets) {
    await until(() => outlet.texts.at(-1) === 'end' && outlet.isLive);
    const all = door.commits.flatMap(({ records }) => records);
    const due = all.filter(({ circles }) => n <= 2 || circles.includes('odd'));
    const got = outlet.records.map(([position]) => position);
    const expected = due.map(({ position }) => position);
    if (got.join() !== expected.join()) throw new Error(`${n} got ${got}, not ${expected}`);
  }
  fanout.close();
}
