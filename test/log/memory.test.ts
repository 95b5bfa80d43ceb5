// The memory keeper keeps the log's promise, and its faults are the ones it was asked for.
import t from 'tap';
import { type Fate, memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock } from '../../broker/system/clock.js';
import { logSuite } from './log-suite.js';
import { bytesOf, collect, reached, stored } from './log-words.js';

t.test('the memory keeper keeps the promise', async t => {
  logSuite(t, async () => {
    const store = memoryStore();
    let saved = [...store.commits];
    return {
      open: async () => openMemory({ store, clock: systemClock }),
      async save() {
        saved = [...store.commits];
      },
      async restore() {
        store.commits = [...saved];
        for (const waker of store.wakers) waker();
      },
    };
  });
});

t.test('an unheard append is stored, a lost one is not, and a retry settles both', async t => {
  const store = memoryStore();
  const fates: Fate[] = ['unheard', 'stored', 'lost', 'refused', 'stored'];
  const log = openMemory({ store, clock: systemClock, fate: () => fates.shift()! });
  t.match(await log.append('a', bytesOf('a')), { outcome: 'unknown' });
  t.same(await log.append('a', bytesOf('a')), { outcome: 'stored', sequence: 1, duplicate: true });
  t.match(await log.append('b', bytesOf('b')), { outcome: 'unknown' });
  t.match(await log.append('b', bytesOf('b')), { outcome: 'refused' });
  t.same(await log.append('b', bytesOf('b')), { outcome: 'stored', sequence: 2, duplicate: false });
});

t.test('an id is forgotten after the dedup window, as JetStream forgets it', async t => {
  let now = 1_000_000;
  const clock = { now: () => now, elapsed: () => now };
  const log = openMemory({ store: memoryStore(), clock });
  await log.append('a', bytesOf('a'));
  now += 120_001;
  t.match(await log.append('a', bytesOf('a')), { sequence: 2, duplicate: false });
});

t.test('a keeper that is cut off hears nothing until it is mended', async t => {
  const store = memoryStore();
  const cut = openMemory({ store, clock: systemClock });
  const whole = openMemory({ store, clock: systemClock });
  const tail = collect(cut, 1);
  await stored(whole, 'a', 'a');
  await reached(tail, 1);
  cut.cut();
  const heardAt = cut.heardAt();
  const witness = collect(whole, 1);
  await stored(whole, 'b', 'b');
  await reached(witness, 2);
  t.match(await cut.append('c', bytesOf('c')), { outcome: 'unknown' });
  await t.rejects(cut.head(), /does not answer/);
  t.equal(cut.heardAt(), heardAt);
  t.same(tail.sequences(), [1]);
  cut.mend();
  await reached(tail, 2);
  t.same(tail.sequences(), [1, 2]);
});
