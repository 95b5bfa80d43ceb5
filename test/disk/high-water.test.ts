// The high-water mark: a log that lost its tail or was rewritten is refused until a person accepts.
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { type Test, test } from 'tap';
import { NOTHING_YET, resetHighWater } from '../../broker/disk/high-water.js';
import { start } from '../../broker/main.js';
import { connect, houseOf, join, startConfig } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { refusalOf } from '../dsl/raw-client.js';

const CURE = /signalbox log accept-loss/;

/** Runs a broker on the directory; it says some things and stops. Its last cursor. */
async function day(t: Test, dataDir: string, ...texts: string[]): Promise<string> {
  const broker = await start(startConfig(dataDir));
  const house = houseOf(broker.ready);
  const ann = await join(t, house, `ann-${texts.length}`);
  for (const text of texts) await ann.guest.command('peer.describe', { text });
  const { head } = await ann.guest.call('mesh.info');
  await broker.close();
  return String(head);
}

/** The store as it was after the first day; the log has gone on since. */
async function withOldCopy(t: Test): Promise<{ dataDir: string; cursor: string; rewind(): void }> {
  const dataDir = await tempDir(t);
  const [store, copy] = [joinPath(dataDir, 'store'), joinPath(dataDir, 'copy')];
  await day(t, dataDir, 'one');
  await cp(store, copy, { recursive: true });
  const cursor = await day(t, dataDir, 'two', 'three', 'four');
  const rewind = async () => {
    await rm(store, { recursive: true });
    await cp(copy, store, { recursive: true });
  };
  return { dataDir, cursor, rewind };
}

const markOf = (dataDir: string) => joinPath(dataDir, 'high-water.json');

test('5: a log whose tail is lost is refused, and named', async t => {
  const { dataDir, rewind } = await withOldCopy(t);
  await rewind();
  const refused = { code: 'history_broken', message: /ends at commit \d+, but commit \d+ was/ };
  await t.rejects(start(startConfig(dataDir)), refused);
  await t.rejects(start(startConfig(dataDir)), { ...refused, message: CURE }, 'and again');
});

test('an accepted loss goes on under a new log id, where old cursors are foreign', async t => {
  const { dataDir, cursor, rewind } = await withOldCopy(t);
  await rewind();
  await writeFile(joinPath(dataDir, 'loss-accepted'), '');
  const broker = await start(startConfig(dataDir));
  t.teardown(() => broker.close());
  t.not(broker.ready.log, cursor.split('.')[0], 'a new log id');
  const guest = await connect(t, houseOf(broker.ready));
  t.equal(await refusalOf(guest.call('log.observe', { from: cursor })), 'cursor_foreign');
  t.match(await guest.call('log.observe', { from: 'start' }), { subscription: String });
  await t.rejects(readFile(joinPath(dataDir, 'loss-accepted')), 'the acceptance is used up');
});

test('a log that starts anew under the accepted loss starts the next time too', async t => {
  const { dataDir, rewind } = await withOldCopy(t);
  await rewind();
  await writeFile(joinPath(dataDir, 'loss-accepted'), '');
  const before = await day(t, dataDir, 'five');
  const after = await day(t, dataDir, 'six');
  t.equal(after.split('.')[0], before.split('.')[0], 'the new log id stays');
});

test('a rewritten commit is refused, although the log is long enough', async t => {
  const { dataDir, rewind } = await withOldCopy(t);
  const mark = await readFile(markOf(dataDir));
  await rewind();
  await resetHighWater(dataDir, NOTHING_YET);
  await day(t, dataDir, 'other', 'words', 'on', 'the', 'same', 'day');
  await writeFile(markOf(dataDir), mark);
  await t.rejects(start(startConfig(dataDir)), {
    code: 'history_broken',
    message: /is not what it was when acknowledged/,
  });
});

test('a log that is gone altogether is refused', async t => {
  const { dataDir } = await withOldCopy(t);
  await rm(joinPath(dataDir, 'store'), { recursive: true });
  await t.rejects(start(startConfig(dataDir)), { code: 'history_broken', message: CURE });
});

test('a torn high-water mark is never taken for none', async t => {
  const { dataDir } = await withOldCopy(t);
  for (const torn of ['', '{"sequence":', '{"sequence":"9","digest":""}', 'null']) {
    await writeFile(markOf(dataDir), torn);
    await t.rejects(start(startConfig(dataDir)), { message: /high-water\.json/ }, `“${torn}”`);
  }
  await writeFile(joinPath(dataDir, 'loss-accepted'), '');
  const broker = await start(startConfig(dataDir));
  t.pass('until the loss is accepted');
  await broker.close();
});

test('the mark stays behind the log, so a kill between the two is no loss', async t => {
  const { dataDir } = await withOldCopy(t);
  const { sequence } = JSON.parse(await readFile(markOf(dataDir), 'utf8'));
  const before = await day(t, dataDir, 'seven');
  t.ok(Number(before.split('.')[1]) > sequence);
  const after = JSON.parse(await readFile(markOf(dataDir), 'utf8'));
  t.ok(after.sequence >= Number(before.split('.')[1]), 'written when the broker stops');
});
