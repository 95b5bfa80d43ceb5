// A large group is shown together what comes within a moment, and still nobody misses or doubles.
import t, { type Test } from 'tap';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import { limits } from '../../schemas/limits.js';
import { breath } from '../dsl/until.js';
import { FakeLogDoor } from './fake-log-door.js';
import { FakeOutlet, turn, until } from './fake-outlet.js';

/** As many as are made to wait as long as any. */
const CROWD = limits.gather_ms * limits.gather_readers_per_ms;

async function crowd(t: Test, readers = CROWD) {
  const door = new FakeLogDoor();
  const fanout = createFanout(door);
  t.teardown(() => fanout.close());
  const enter = async (outlet: FakeOutlet, from: string) => {
    await fanout.observe(outlet, { from });
    return outlet;
  };
  const all: FakeOutlet[] = [];
  for (let i = 0; i < readers; i++) all.push(await enter(new FakeOutlet(), 'now'));
  await until(() => all.every(({ isLive }) => isLive));
  return { door, all, enter };
}

t.test('what comes in several turns leaves as one frame, the very same for all', async t => {
  const { door, all } = await crowd(t);
  const [ann, ben] = [all[0]!, all.at(-1)!];
  // On a busy machine a turn may last as long as the gathering.
  for (let told = 3; ann.told('log.records').at(-1)!.records.length < 3; told += 3) {
    for (const text of ['one', 'two', 'three']) {
      door.note(text);
      await turn();
    }
    await until(() => ann.records.length === told && ben.records.length === told);
    t.equal(ann.frames.at(-1), ben.frames.at(-1));
  }
  t.strictSame(ann.texts.slice(-3), ['one', 'two', 'three']);
});

t.test('what is little waits a second time, and leaves with what came then', async t => {
  const { door, all } = await crowd(t, limits.gather_calm_ms * limits.gather_readers_per_ms);
  const [ann] = all as [FakeOutlet];
  // On a busy machine a breath may last as long as both waits.
  for (let told = 2; ann.told('log.records').at(-1)!.records.length < 2; told += 2) {
    door.note('one');
    for (let passed_ms = 0; passed_ms <= limits.gather_ms; passed_ms += 10) await breath();
    door.note('two');
    await until(() => ann.texts.length === told);
  }
  t.strictSame(ann.texts.slice(-2), ['one', 'two']);
});

t.test('whoever enters meanwhile gets each event once, and lets the others go on', async t => {
  const { door, all, enter } = await crowd(t);
  door.note('one');
  await turn();
  const now = await enter(new FakeOutlet(), 'now');
  const start = await enter(new FakeOutlet(all[0]!.author, 'json'), 'start');
  await until(() => now.isLive && start.isLive);
  t.strictSame(all[0]!.texts, ['one']);
  door.note('two');
  await until(() => now.texts.length === 1 && all[0]!.texts.length === 2);
  t.strictSame(now.texts, ['two']);
  await until(() => start.texts.length === 4);
  t.strictSame(start.texts, ['log.opened', 'gateway.started', 'one', 'two']);
});

t.test('whoever is full meanwhile walks on from where it stood', async t => {
  const { door, all } = await crowd(t);
  const [ann] = all as [FakeOutlet];
  door.note('one');
  await turn();
  ann.isFull = true;
  await until(() => all[1]!.texts.length === 1);
  t.strictSame(ann.texts, []);
  door.note('two');
  await turn();
  ann.drain();
  await until(() => ann.texts.length === 2 && all[1]!.texts.length === 2);
  t.strictSame(ann.texts, ['one', 'two']);
});

t.test('what is gathered never outgrows a frame', async t => {
  const { door, all } = await crowd(t);
  for (let i = 0; i < 20; i++) {
    door.note('x'.repeat(100_000));
    await turn();
  }
  await until(() => all[0]!.records.length === 20);
  t.ok(Math.max(...all[0]!.frames.map(frame => frame.length)) < 600_000);
});
