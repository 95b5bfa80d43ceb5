// The files of a real nats-server as we read them, and what is found in damaged ones.
import { createHash } from 'node:crypto';
import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { type Test, test } from 'tap';
import { openJetStream } from '../../broker/log/jetstream.js';
import { isGap, readableRecords, sealOf } from '../../broker/log/store/block.js';
import { readBlockDigests, writeBlockDigests } from '../../broker/log/store/block-digests.js';
import { Highway } from '../../broker/log/store/highway.js';
import { isMetaWhole, writeMeta } from '../../broker/log/store/meta.js';
import { type Block, blocksIn, storeOf } from '../../broker/log/store/places.js';
import { recordBytes, type StoredRecord } from '../../broker/log/store/record.js';
import { salvage } from '../../broker/log/store/salvage.js';
import { codeOfDamage, type Survey, surveyLog } from '../../broker/log/store/survey.js';
import { streamName, streamSubject } from '../../broker/log/stream-settings.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { startTestNats, tempDir } from '../dsl/nats.js';

const mesh = 'default';
const seal = sealOf(streamName(mesh), 1, streamSubject(mesh));
const COMMITS = 20;

/** A store that a server wrote and left, with commits of a hundred bytes and more. */
async function written(t: Test): Promise<{ dataDir: string; store: string; block: Block }> {
  const dataDir = await tempDir(t);
  const server = await startTestNats(t, { dataDir });
  const { url, user, password } = server;
  const config = { url, user, password, mesh, replicas: 1, maxBytes: 1e9, clock, onNotice() {} };
  const log = await openJetStream(config);
  for (let n = 1; n <= COMMITS; n++) await log.append(`id.${n}`, Buffer.alloc(100 + n, n));
  await log.close();
  await server.stop();
  const store = storeOf(dataDir);
  const [block] = await blocksIn(store, mesh);
  return { dataDir, store, block: block! };
}

const looking = (acknowledged: number) => ({
  acknowledged,
  onBlock() {},
  stopping: new AbortController().signal,
});

const knownOf = ({ blocks }: Survey) => new Map(blocks.map(block => [block.number, block]));

/** Where each record begins, and the end. */
function startsOf(bytes: Buffer): number[] {
  const starts = [0];
  for (let at = 0; at < bytes.length; starts.push(at)) at += bytes.readUInt32LE(at) & 0x7fff_ffff;
  return starts;
}

function readable(bytes: Buffer): (number | string)[] {
  return [...readableRecords(bytes, seal)].map(found => (isGap(found) ? 'gap' : found.sequence));
}

test('the checksum is the one that the server writes, for every length', async t => {
  const key = createHash('sha256').update(streamName(mesh)).digest();
  const { store, block } = await written(t);
  t.ok(await isMetaWhole(store, mesh), 'of the stream');
  const bytes = await readFile(block.file);
  const isRecord = (found: StoredRecord | object): found is StoredRecord => 'isExact' in found;
  const records = [...readableRecords(bytes, seal)].filter(isRecord);
  t.equal(records.length, COMMITS, 'of each record');
  t.ok(records.every(({ isExact }) => isExact));
  const again = records.map(record => recordBytes(seal, record.sequence, record));
  t.ok(Buffer.concat(again).equals(bytes), 'and we write the same bytes');
  const [whole, parts] = [new Highway(key), new Highway(key)];
  for (let length = 0; length < 100; length++) {
    const text = bytes.subarray(0, length);
    const cut = length >> 1;
    t.equal(parts.sum(text.subarray(0, cut), text.subarray(cut)), whole.sum(text));
  }
});

test('a flipped bit costs one record at most, wherever it is', async t => {
  const { store, block } = await written(t);
  const bytes = await readFile(block.file);
  const starts = startsOf(bytes);
  const known = knownOf(await surveyLog(store, mesh, looking(COMMITS)));
  for (let at = starts[4]!; at < starts[5]!; at++) {
    const flipped = Buffer.from(bytes);
    flipped[at] = flipped[at]! ^ 0x10;
    const found = readable(flipped);
    const expected = Array.from({ length: COMMITS }, (_, i) => i + 1);
    const whole = found.length === COMMITS && !found.includes('gap');
    if (!whole) expected.splice(4, 1);
    t.strictSame(
      found.filter(each => each !== 'gap'),
      expected,
      `at ${at - starts[4]!} of the record`,
    );
    await writeFile(block.file, flipped);
    const { damage } = await surveyLog(store, mesh, looking(COMMITS));
    t.match(damage, /Commit 5 cannot be read/, 'and no server is let near it');
    const again = await surveyLog(store, mesh, { ...looking(COMMITS), known });
    t.equal(again.damage, damage, 'also where it was good before');
  }
});

test('what was good before is told by its digest, and what came after is read', async t => {
  const { dataDir, store, block } = await written(t);
  const bytes = await readFile(block.file);
  const half = startsOf(bytes)[COMMITS / 2]!;
  await writeFile(block.file, bytes.subarray(0, half));
  const before = await surveyLog(store, mesh, looking(1));
  t.match(before.blocks, [{ number: 1, bytes: half, from: 0, last: COMMITS / 2 }]);
  await writeBlockDigests(dataDir, mesh, before.blocks);
  const known = await readBlockDigests(dataDir, mesh);
  t.strictSame(known, knownOf(before));
  await writeFile(block.file, bytes);
  const whole = await surveyLog(store, mesh, looking(COMMITS));
  t.strictSame(await surveyLog(store, mesh, { ...looking(COMMITS), known }), whole);
  // Believed of the very bytes alone: what it says of others is not asked.
  const [first] = before.blocks;
  for (const lie of [
    { digest: '0'.repeat(64) },
    { bytes: half - 1 },
    { from: 3 },
    { bytes: 1e9 },
  ]) {
    const lies = new Map([[1, { ...first!, ...lie, last: 7 }]]);
    t.strictSame(await surveyLog(store, mesh, { ...looking(COMMITS), known: lies }), whole);
  }
  await rename(block.file, block.file.replace('1.blk', '2.blk'));
  const elsewhere = await surveyLog(store, mesh, { ...looking(COMMITS), known });
  t.match(elsewhere.damage, /Commit 1 cannot be read: 2.blk/, 'each block has its own');
  const file = `${dataDir}/checked-blocks.json`;
  const text = await readFile(file, 'utf8');
  for (const damaged of [text.replace('"last":10', '"last":11'), text.slice(1), '[]', 'null']) {
    await writeFile(file, damaged);
    t.equal((await readBlockDigests(dataDir, mesh)).size, 0, damaged.slice(0, 9));
  }
  await writeFile(file, text);
  t.equal((await readBlockDigests(dataDir, 'other')).size, 0, 'of another mesh');
});

test('a last write that never ended is no damage, unless it was acknowledged', async t => {
  const { store, block } = await written(t);
  const starts = startsOf(await readFile(block.file));
  const last = starts.at(-2)!;
  for (let size = starts.at(-1)! - 1; size > last; size -= 7) {
    await truncate(block.file, size);
    const unheard = await surveyLog(store, mesh, looking(COMMITS - 1));
    t.match(unheard, { last: COMMITS - 1, damage: undefined, torn: { at: last } });
    t.match((await surveyLog(store, mesh, looking(COMMITS))).damage, /Commit 20 cannot be read/);
  }
  await truncate(block.file, last);
  const gone = await surveyLog(store, mesh, looking(COMMITS));
  t.match(gone.damage, /ends at commit 19, but commit 20 was acknowledged/);
});

test('a server goes on with what was salvaged: same positions and times, holes filled', async t => {
  const { dataDir, store, block } = await written(t);
  const bytes = await readFile(block.file);
  const starts = startsOf(bytes);
  for (const hit of [0, 7, 8]) bytes[starts[hit]! + 130] = bytes[starts[hit]! + 130]! ^ 1;
  await writeFile(block.file, bytes);
  const to = `${dataDir}/fresh`;
  const opening = { log: 'log_01a215a7-5cfb-7b47-a168-7f3137b4efef', level: 3 };
  const now = '2026-01-02T03:04:05.678Z';
  const plan = { from: store, to, mesh, acknowledged: COMMITS, opening, now };
  const { commits, mark } = await salvage(plan);
  t.equal(commits, COMMITS - 3);
  await rm(store, { recursive: true });
  await rename(to, store);
  t.match(await surveyLog(store, mesh, looking(COMMITS)), { last: COMMITS, damage: undefined });
  const server = await startTestNats(t, { dataDir });
  const { url, user, password } = server;
  const config = { url, user, password, mesh, replicas: 1, maxBytes: 1e9, clock, onNotice() {} };
  const log = await openJetStream(config);
  t.teardown(() => log.close());
  t.match(await log.append('id.new', Buffer.from('new')), { outcome: 'stored', sequence: 21 });
  const read: Buffer[] = [];
  for await (const delivery of log.read(1)) read.push(Buffer.from(delivery.bytes));
  t.equal(read.length, COMMITS + 1);
  const kept = read.filter((bytes, i) => bytes.equals(Buffer.alloc(101 + i, i + 1)));
  t.equal(kept.length, COMMITS - 3);
  t.match(read[0]?.toString('latin1'), /log\.opened/, 'a lost beginning is opened anew');
  let digest: Uint8Array = new Uint8Array(32);
  for (const bytes of read.slice(0, COMMITS)) {
    digest = createHash('sha256').update(digest).update(bytes).digest();
  }
  t.equal(mark.digest, Buffer.from(digest).toString('hex'), 'and the new log is vouched for');
});

test('what is written of the stream can be written anew', async t => {
  const { store } = await written(t);
  const meta = (await blocksIn(store, mesh))[0]!.file.replace('msgs/1.blk', 'meta.inf');
  await writeFile(meta, '{"name":"something else"}');
  t.notOk(await isMetaWhole(store, mesh));
  await writeMeta(store, mesh, new Date(0).toISOString());
  t.ok(await isMetaWhole(store, mesh));
});

test('a file that cannot be read just now is no damaged one', t => {
  const failed = (code: string) => Object.assign(new Error('x'), { code });
  for (const code of ['EIO', 'ENOENT', 'EISDIR']) t.equal(codeOfDamage(failed(code)), code);
  for (const code of ['EACCES', 'EPERM', 'EMFILE', 'ENFILE', 'ENOMEM']) {
    t.throws(() => codeOfDamage(failed(code)), { code });
  }
  t.end();
});
