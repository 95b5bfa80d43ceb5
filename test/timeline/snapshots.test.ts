// Snapshots on disk: gone on from where the log proves them, and discarded on any doubt.
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { stateHash } from '../../broker/core/snapshots/state-hash.js';
import type { Delivery } from '../../broker/core/words.js';
import { readHighWater } from '../../broker/disk/high-water.js';
import { forgetSnapshots, prepareSnapshots, snapshotDir } from '../../broker/disk/snapshot-dir.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock } from '../../broker/system/clock.js';
import { commitHash } from '../../broker/timeline/snapshots/head.js';
import { restore, restoreAtStart, SnapshotAhead } from '../../broker/timeline/snapshots/restore.js';
import { saveSnapshot } from '../../broker/timeline/snapshots/save.js';
import { joins, opened, tells, web } from '../dsl/events.js';
import { tempDir } from '../dsl/nats.js';
import { folded } from '../dsl/state.js';
import { Mesh } from '../dsl/test-log.js';

/** A log of so many commits. */
function logOf(commits: number, id = 'log_1'): Delivery[] {
  const mesh = new Mesh();
  mesh.say(opened(id), joins(web));
  // The second of a pair is void: its id was used.
  for (let n = 1; n < commits; n++) mesh.say(tells(n - (n % 2), web, web, `${id} ${n}`));
  return mesh.log;
}

const keeperOf = (commits: Delivery[]) =>
  openMemory({ store: { ...memoryStore(), commits }, clock: systemClock });

/** Saves what the first commits of the log fold to; the file. */
async function saved(dataDir: string, log: readonly Delivery[], commits: number): Promise<string> {
  await prepareSnapshots(dataDir);
  const { digest: before } = folded(log.slice(0, commits - 1));
  const first = commitHash(log[0]!.bytes);
  const fold = folded(log.slice(0, commits));
  await saveSnapshot({ dataDir, fold, before, first });
  const names = await readdir(snapshotDir(dataDir));
  const name = names.find(each => each.startsWith(String(commits).padStart(16, '0')));
  return join(snapshotDir(dataDir), name!);
}

/** Restores, and folds the rest of the log; what it came to, and what was warned of. */
async function restart(dataDir: string, log: Delivery[], mark?: number) {
  const warnings: string[] = [];
  const at = mark === undefined ? undefined : folded(log.slice(0, mark));
  const { fold } = await restore({
    dataDir,
    log: keeperOf(log),
    mark: at && { sequence: at.sequence, digest: Buffer.from(at.digest).toString('hex') },
    onWarning: line => warnings.push(line),
  });
  const from = fold.sequence;
  const { voids } = folded(log.slice(from), fold);
  return { from, warnings, state: stateHash(fold), voids: voids.positions.length };
}

/** Whatever became of the file, the state is that of a replay, and a loss of it is said. */
async function discards(t: Test, dataDir: string, log: Delivery[], why: RegExp, title: string) {
  const { from, warnings, state } = await restart(dataDir, log);
  t.equal(from, 0, `${title}: all is replayed`);
  t.match(warnings.join('\n'), why, `${title}: and said why`);
  t.equal(state, stateHash(folded(log)), `${title}: to the same state`);
}

test('10: a start from the newest snapshot and the tail is the replay', async t => {
  const dataDir = await tempDir(t);
  const log = logOf(9);
  for (const commits of [2, 4, 6]) await saved(dataDir, log, commits);
  t.equal((await readdir(snapshotDir(dataDir))).length, 2, 'two are kept');
  const whole = folded(log);
  const [state, voids] = [stateHash(whole), whole.voids.positions.length];
  t.ok(voids > 1);
  t.same(await restart(dataDir, log), { from: 6, warnings: [], state, voids });
  t.same(await restart(dataDir, log, 6), { from: 6, warnings: [], state, voids }, 'at its mark');
  t.same(
    await restart(dataDir, log, 9),
    { from: 6, warnings: [], state, voids },
    'before its mark',
  );
  t.same(await restart(dataDir, log, 3), { from: 6, warnings: [], state, voids }, 'after its mark');
  const { fold } = await restore({ dataDir, log: keeperOf(log), upTo: 5, onWarning() {} });
  t.equal(fold.sequence, 4, 'or an older one, for whoever asks for one');
  await forgetSnapshots(dataDir);
  t.same(await restart(dataDir, log), { from: 0, warnings: [], state, voids });
});

test('10: any flipped byte, and any cut, discards it', async t => {
  const dataDir = await tempDir(t);
  const log = logOf(4);
  const file = await saved(dataDir, log, 3);
  const whole = await readFile(file);
  const places = Array.from({ length: 60 }, (_, n) => Math.floor((n * whole.length) / 60));
  for (const at of [...places, whole.length - 1]) {
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 1 << (at % 8);
    await writeFile(file, flipped);
    const { from, warnings } = await restart(dataDir, log);
    if (from !== 0 || warnings.length !== 1) t.fail(`byte ${at}: ${from} ${warnings}`);
  }
  for (const length of [0, 1, 11, 12, 51, 52, whole.length / 2, whole.length - 1]) {
    await writeFile(file, whole);
    await truncate(file, Math.floor(length));
    await discards(t, dataDir, log, /cut off/, `${Math.floor(length)} bytes of it`);
  }
  await writeFile(file, Buffer.concat([whole, Buffer.from('x')]));
  await discards(t, dataDir, log, /cut off|checksum/, 'a byte too many');
  await writeFile(file, whole);
  t.match(await restart(dataDir, log), { from: 3, warnings: [] }, 'whole, it is gone on from');
});

test('10: what is no file of this log and program is discarded', async t => {
  const dataDir = await tempDir(t);
  const other = await tempDir(t);
  const log = logOf(4);
  const file = await saved(dataDir, log, 3);
  const whole = await readFile(file);
  await rename(file, `${file}.kept`);
  await mkdir(file);
  await discards(t, dataDir, log, /it is no file/, 'a directory');
  await rename(file, `${file}.directory`);
  await symlink(`${file}.kept`, file);
  await discards(t, dataDir, log, /it is a link/, 'a link');
  await writeFile(file.replace(/-[0-9a-f]{16}-/, '-0123456789abcdef-'), whole);
  await discards(t, dataDir, log, /name is not of its head/, 'another name');
  const foreign = await saved(other, logOf(5, 'log_2'), 3);
  await copyFile(foreign, join(snapshotDir(dataDir), foreign.split('/').at(-1)!));
  await discards(t, dataDir, log, /of another log/, 'the snapshot of another broker');
  const swapped = await saved(other, logOf(9, 'log_2'), 9);
  await copyFile(swapped, join(snapshotDir(dataDir), swapped.split('/').at(-1)!));
  await discards(t, dataDir, log, /of another log/, 'one of another log that is ahead of ours');
  t.same(
    (await readdir(snapshotDir(dataDir))).filter(name => name.endsWith('.snapshot')),
    [],
    'nothing of them is left',
  );
});

test('10: a log that is not what it was when the snapshot was made discards it', async t => {
  const dataDir = await tempDir(t);
  const log = logOf(6);
  const mesh = new Mesh();
  mesh.say(opened('log_1'), joins(web));
  for (let n = 1; n < 6; n++) {
    mesh.say(tells(n - (n % 2), web, web, n < 3 ? `log_1 ${n}` : `another ${n}`));
  }
  await saved(dataDir, log, 4);
  await discards(t, dataDir, mesh.log, /of another log/, 'restored from a backup and gone on');
  await saved(dataDir, log, 3);
  const { from, warnings } = await restart(dataDir, mesh.log.slice(), 6);
  t.equal(from, 3, 'what both have in common may be gone on from');
  t.same(warnings, []);
  await saved(dataDir, log, 3);
  const mark = { sequence: 6, digest: Buffer.from(folded(mesh.log).digest).toString('hex') };
  const said: string[] = [];
  const onWarning = (line: string) => said.push(line);
  const restored = await restore({ dataDir, log: keeperOf(log), mark, onWarning });
  t.equal(restored.fold.sequence, 0, 'but not to another end than was acknowledged');
  t.match(said, [/does not lead to what was acknowledged/]);
});

test('5: a snapshot ahead of its log proves a lost tail', async t => {
  const dataDir = await tempDir(t);
  const log = logOf(6);
  const file = await saved(dataDir, log, 5);
  const lost = restart(dataDir, log.slice(0, 3));
  await t.rejects(lost, { constructor: SnapshotAhead, message: /ends at commit 3, but commit 5/ });
  await t.rejects(restart(dataDir, []), /accept-loss/, 'nothing is left of the log');
  t.ok(await readFile(file), 'and it is kept, to prove it again');
  // Log and mark were restored from an older backup: neither knows of what came after it.
  const config = { dataDir, log: keeperOf(log.slice(0, 3)), onWarning() {} };
  await t.rejects(restoreAtStart(config), { message: /accept-loss/ });
  const { sequence, digest, events } = folded(log.slice(0, 5));
  const mark = { sequence, digest: Buffer.from(digest).toString('hex'), events };
  t.match(await readHighWater(dataDir), mark, 'a start notes what accept-loss is to accept');
});

test('what cannot be looked at is said, and all is replayed', async t => {
  const dataDir = await tempDir(t);
  const log = logOf(3);
  await writeFile(snapshotDir(dataDir), 'a file in the place of the directory');
  await discards(t, dataDir, log, /cannot be looked at/, 'no directory');
});

test('a draft that was never finished is removed, and never read', async t => {
  const dataDir = await tempDir(t);
  const log = logOf(3);
  const file = await saved(dataDir, log, 2);
  await rename(file, `${file}.draft`);
  t.match(await restart(dataDir, log), { from: 0, warnings: [] });
  await prepareSnapshots(dataDir);
  t.same(await readdir(snapshotDir(dataDir)), []);
});

test('one that another version of the fold wrote is discarded', async t => {
  const dataDir = await tempDir(t);
  const log = logOf(3);
  const before = new Fold().digest;
  const fold = folded(log.slice(0, 1));
  await prepareSnapshots(dataDir);
  await saveSnapshot({ dataDir, fold, before, first: '', version: '0.old' });
  await discards(t, dataDir, log, /another version of the broker wrote it \(0.old\)/, 'an old one');
});
