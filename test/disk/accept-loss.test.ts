// An accepted loss: nothing is deleted, what can be read goes on, and what was lost is counted.
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { type Test, test } from 'tap';
import { acceptLoss, start } from '../../broker/main.js';
import { connect, houseOf, join, startConfig } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { type Line, readLog } from '../dsl/watch.js';

const BLOCK = 'store/jetstream/$G/streams/SIGNALBOX_default/msgs/1.blk';
const TEXTS = 10;

async function run(dataDir: string, ...texts: string[]): Promise<{ log: string; lines: Line[] }> {
  const broker = await start(startConfig(dataDir));
  const house = houseOf(broker.ready);
  const ann = await join(undefined, house, `ann-${texts.length}`);
  for (const text of texts) await ann.guest.command('peer.describe', { text });
  ann.guest.hangUp();
  const guest = await connect(undefined, house);
  const lines = await readLog(guest);
  guest.hangUp();
  await broker.close();
  return { log: broker.ready.log, lines };
}

/** A log in which one bit of its fifth commit is wrong. */
async function damaged(t: Test) {
  const dataDir = await tempDir(t);
  const before = await run(dataDir, ...Array.from({ length: TEXTS }, (_, n) => `text ${n}`));
  const block = joinPath(dataDir, BLOCK);
  const bytes = await readFile(block);
  let at = 0;
  for (let n = 1; n < 5; n++) at += bytes.readUInt32LE(at) & 0x7fff_ffff;
  bytes[at + 150] = bytes[at + 150]! ^ 1;
  await writeFile(block, bytes);
  return { dataDir, before, bytes };
}

const refused = { code: 'history_broken', message: /Commit 5 cannot be read.*accept-loss/ };
const names = async (dataDir: string) => (await readdir(dataDir)).join(' ');

test('the damaged store is set aside unchanged, and all else goes on in its place', async t => {
  const { dataDir, before, bytes } = await damaged(t);
  await t.rejects(start(startConfig(dataDir)), refused);
  await t.rejects(start(startConfig(dataDir)), refused, 'and again: nothing was touched');
  await mkdir(joinPath(dataDir, 'store.fresh-of-one-who-was-killed'));
  const loss = await acceptLoss(dataDir);
  t.match(loss, { lost: { commits: 1, events: 1 } });
  t.notMatch(await names(dataDir), /store\.fresh/, 'no unfinished copy stays');
  const kept = joinPath(loss.aside ?? '', BLOCK.replace('store/', ''));
  t.ok((await readFile(kept)).equals(bytes), 'not a byte of it has changed');
  const after = await run(dataDir);
  t.not(after.log, before.log, 'under a new log id');
  const there = new Set(after.lines.map(line => JSON.stringify(line)));
  const gone = before.lines.filter(line => !there.has(JSON.stringify(line)));
  t.equal(gone.length, 1, 'every other event stands at its position, with its time and verdict');
  t.equal(Math.floor((gone[0]?.[0] ?? 0) / 4096), 5);
  t.equal((await run(dataDir)).log, after.log, 'the new log id stays');
});

test('an acceptance that was killed half-way is ended by whoever comes next', async t => {
  for (const killedAfter of ['the plan', 'the first rename', 'the second rename']) {
    const { dataDir, before } = await damaged(t);
    const mark = await readFile(joinPath(dataDir, 'high-water.json'));
    await acceptLoss(dataDir);
    const plan = JSON.parse(await readFile(joinPath(dataDir, 'loss-accepted'), 'utf8'));
    const [store, fresh, aside] = ['store', plan.fresh, plan.aside].map(name =>
      joinPath(dataDir, name),
    ) as [string, string, string];
    await writeFile(joinPath(dataDir, 'high-water.json'), mark);
    if (killedAfter !== 'the second rename') await rename(store, fresh);
    if (killedAfter === 'the plan') await rename(aside, store);
    const after = await run(dataDir);
    t.not(after.log, before.log, `after ${killedAfter}`);
    t.ok(after.lines.length >= before.lines.length - 1);
    await access(aside);
    t.notMatch(await names(dataDir), /store\.fresh|loss-accepted/, 'nothing is left to do');
  }
});

test('what was accepted is only told again until a broker has gone on with it', async t => {
  const { dataDir } = await damaged(t);
  const loss = await acceptLoss(dataDir);
  t.strictSame(await acceptLoss(dataDir), loss, 'as the first time');
  t.equal((await names(dataDir)).match(/store\.damaged/g)?.length, 1, 'nothing more is set aside');
  await run(dataDir);
  await t.rejects(acceptLoss(dataDir), { code: 'nothing_lost' }, 'then there is none');
});

test('where nothing is lost there is nothing to accept, unless that is what is wanted', async t => {
  const dataDir = await tempDir(t);
  await t.rejects(acceptLoss(dataDir), { code: 'nothing_lost' }, 'nothing was ever there');
  const before = await run(dataDir, 'text');
  const files = await names(dataDir);
  await t.rejects(acceptLoss(dataDir), { code: 'nothing_lost' });
  t.equal(await names(dataDir), files, 'nothing was touched');
  t.equal((await run(dataDir)).log, before.log, 'cursors stay good');
  const mark = JSON.parse(await readFile(joinPath(dataDir, 'high-water.json'), 'utf8'));
  const { check, ...others } = { ...mark, digest: 'f'.repeat(64) };
  await writeFile(joinPath(dataDir, 'high-water.json'), JSON.stringify(others));
  t.match(await acceptLoss(dataDir), { lost: { commits: 0 } }, 'another history is a loss');
  const other = await run(dataDir, 'more');
  await acceptLoss(dataDir, { force: true });
  t.not((await run(dataDir)).log, other.log, 'forced: a new log id');
});

test('a damaged plan moves nothing but what it was written for', async t => {
  const { dataDir } = await damaged(t);
  const other = joinPath(dataDir, '..', 'store.damaged-by-nobody');
  const plan = { aside: '../store.damaged-by-nobody', fresh: '..' };
  await writeFile(joinPath(dataDir, 'loss-accepted'), JSON.stringify(plan));
  await run(dataDir);
  await t.rejects(access(other), { code: 'ENOENT' });
  t.match(await names(dataDir), /store\.damaged-\d/, 'it still says that a loss was accepted');
});

test('a damaged mark is accepted too, though it cannot say how much was lost after it', async t => {
  const { dataDir } = await damaged(t);
  await writeFile(joinPath(dataDir, 'high-water.json'), 'nonsense');
  const { kept, lost } = await acceptLoss(dataDir);
  t.ok(kept.events >= TEXTS);
  t.same(lost, { commits: 1 });
  t.match(await names(dataDir), /high-water\.damaged/);
  await run(dataDir);
});

test('a store that is gone altogether was lost whole', async t => {
  const { dataDir, before } = await damaged(t);
  await rm(joinPath(dataDir, 'store'), { recursive: true });
  const { aside, lost } = await acceptLoss(dataDir);
  t.equal(aside, undefined);
  t.ok((lost.events ?? 0) >= before.lines.length);
  await run(dataDir);
});

test('a log on another server is gone on with as it is', async t => {
  const dataDir = await tempDir(t);
  await writeFile(joinPath(dataDir, 'gateway.id'), 'abcdefghijklmnop\n');
  t.match(await acceptLoss(dataDir), { isElsewhere: true, lost: { commits: 0 } });
});
