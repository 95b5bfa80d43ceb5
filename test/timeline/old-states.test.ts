// Past states on disk: few, spread over the whole history, believed where the marks prove them.
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { PastFold } from '../../broker/core/past-fold.js';
import { rights } from '../../broker/core/rows/rights.js';
import type { PastQuestion, PastRows } from '../../broker/core/views/past.js';
import { sortedRows } from '../../broker/core/views/past.js';
import { viewRows } from '../../broker/core/views/selection.js';
import { Sight } from '../../broker/core/views/views.js';
import type { Delivery } from '../../broker/core/words.js';
import { pastDir } from '../../broker/disk/past-dir.js';
import { forgetSnapshots } from '../../broker/disk/snapshot-dir.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { PAST } from '../../broker/timeline/part.js';
import { Past } from '../../broker/timeline/past.js';
import { OldStates } from '../../broker/timeline/snapshots/old-states.js';
import { limits } from '../../schemas/limits.js';
import { isRefusal } from '../../schemas/refusal.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { chanceFrom, seedOf } from '../dsl/chance.js';
import * as p from '../dsl/events.js';
import { tempDir } from '../dsl/nats.js';
import { makeReadOnly, smallDisk } from '../dsl/small-disk.js';
import { folded } from '../dsl/state.js';
import { Mesh } from '../dsl/test-log.js';
import { until } from '../dsl/until.js';

/** Time stands still, so that no writing is put off. */
const STILL = { elapsed: () => 0 };
const STEP = limits.mark_every_commits;

/** A log of so many steps: in each three commits say something. */
function logOf(steps: number, id = 'log_1'): Delivery[] {
  const mesh = new Mesh();
  mesh.say(p.opened(id), p.started(p.GATEWAY, p.BOOT), p.joins(p.web), p.joins(p.api));
  for (let n = 1; mesh.log.length < steps * STEP + 9; n++) {
    mesh.now += 10;
    if (n % 300 < 3)
      mesh.say(p.turns(p.web, n % 2 ? 'working' : 'idle'), p.tells(n, p.api, p.web, 'x'));
    else mesh.say();
  }
  return mesh.log;
}

const LOG = logOf(6);

const peersAt = (commit: number, view: PastQuestion['view'] = 'peers'): PastQuestion => {
  const held = rights(new Fold().table, OPERATOR, 0)!;
  const position = (commit + 1) * limits.commit_positions - 1;
  return { view, moment: { position }, beholder: { author: { token: OPERATOR }, held } };
};

/** A broker's follower that begins at a fold, and keeps states in memory every so many events. */
async function openPast(
  t: Test,
  dataDir: string,
  log: Delivery[],
  { fold = new Fold(), every = 1e9 } = {},
) {
  const memory = openMemory({ store: { ...memoryStore(), commits: log }, clock });
  const reads: [number, number | undefined][] = [];
  const read: typeof memory.read = (from, to) => {
    reads.push([from, to]);
    return memory.read(from, to);
  };
  const warnings: string[] = [];
  const onWarning = (line: string) => warnings.push(line);
  const past = new Past({
    log: { read },
    clock: STILL,
    every,
    onDisk: { dataDir, every: 1, onWarning },
  });
  const follower = new LogFollower({ log: memory, fold, parts: [past], clock, onWarning });
  t.teardown(() => follower.close());
  await follower.start();
  const at = (question: PastQuestion) =>
    follower.ask({ part: PAST, question }) as Promise<PastRows>;
  return { follower, at, reads, warnings };
}

const filesIn = (dataDir: string) => readdir(pastDir(dataDir)).then(names => names.sort());

/** Folds a log to its end, and keeps every state that is wanted. */
async function follow(t: Test, dataDir: string, log: Delivery[]) {
  const fold = new Fold();
  const onWarning = (line: string) => t.fail(line);
  const states = await OldStates.open({ dataDir, fold, clock: STILL, every: 1, onWarning });
  for (const delivery of log) {
    fold.commit(delivery);
    if (!states.wants(fold.sequence)) continue;
    states.keep(PastFold.stateOf(fold.sequence, fold.table));
    await states.close();
  }
}

/** What a fold from the start tells of the end of a commit. */
function fresh(log: Delivery[], question: PastQuestion, commit: number) {
  const rows = viewRows(new Sight(folded(log.slice(0, commit)).table), question, question.beholder);
  return isRefusal(rows) ? rows : sortedRows(rows);
}

test('after a restart the past is what a fresh fold tells, and none of it is far', async t => {
  const dataDir = await tempDir(t);
  await follow(t, dataDir, LOG);
  const { at, reads, warnings } = await openPast(t, dataDir, LOG, { fold: folded(LOG) });
  const chance = chanceFrom(seedOf(t));
  for (let n = 0; n < 12; n++) {
    const commit = 1 + Math.floor(chance() * (LOG.length - 1));
    for (const view of ['peers', 'inbox'] as const) {
      const question = peersAt(commit, view);
      t.strictSame((await at(question)).rows, fresh(LOG, question, commit), `${view} ${commit}`);
    }
    const [from = 0, to = 0] = reads.findLast(([, to]) => to === commit)!;
    t.ok(to - from < 1.2 * STEP, `it was read from ${from} to ${to}`);
  }
  t.same(warnings, []);
  for (const name of await filesIn(dataDir)) {
    t.equal((await stat(join(pastDir(dataDir), name))).mode & 0o777, 0o600);
  }
  await forgetSnapshots(dataDir);
  await t.rejects(filesIn(dataDir), { code: 'ENOENT' }, 'an accepted loss forgets them');
});

test('whoever follows the log keeps them, and who folds where there is none', async t => {
  const dataDir = await tempDir(t);
  const { follower } = await openPast(t, dataDir, LOG);
  await follower.reached(LOG.length);
  await follower.close();
  t.ok((await filesIn(dataDir)).length > 0);
  await forgetSnapshots(dataDir);
  const later = await openPast(t, dataDir, LOG, { fold: folded(LOG) });
  await later.at(peersAt(5_000));
  await later.follower.close();
  t.ok((await filesIn(dataDir)).length > 0);
});

test('after a restart the newest states are folded once more, for who asks next', async t => {
  const dataDir = await tempDir(t);
  await follow(t, dataDir, LOG);
  const { at, reads } = await openPast(t, dataDir, LOG, { fold: folded(LOG), every: 10 });
  await at(peersAt(1));
  await until(() => reads.some(([from]) => from > LOG.length - STEP), { looks: 500 });
  await at(peersAt(LOG.length));
  reads.length = 0;
  for (const commit of [LOG.length - 1, LOG.length - 700, LOG.length - 1_500]) {
    await at(peersAt(commit));
    const [from = 0, to = 0] = reads.at(-1)!;
    t.ok(to - from <= 2 * 300 * 2, `it was read from ${from} to ${to}`);
  }
});

test('10: a past that is damaged, of another log or another program is discarded', async t => {
  const [dataDir, elsewhere] = [await tempDir(t), await tempDir(t)];
  await follow(t, dataDir, LOG);
  await follow(t, elsewhere, logOf(3, 'log_2'));
  const names = await filesIn(dataDir);
  const path = (n: number) => join(pastDir(dataDir), names[n - 1]!);
  const bytes = await readFile(path(1));
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path(1), bytes);
  await truncate(path(2), 300);
  await copyFile(join(pastDir(elsewhere), (await filesIn(elsewhere))[2]!), path(3));
  // Another commit's, under the name of this.
  await copyFile(path(6), path(4));
  const foreign = (await filesIn(elsewhere))[0]!;
  await copyFile(join(pastDir(elsewhere), foreign), join(pastDir(dataDir), foreign));
  const older = names[4]!.replace(/-[^-]+\.past$/, '-1.1.0.past');
  await copyFile(path(5), join(pastDir(dataDir), older));
  await writeFile(join(pastDir(dataDir), 'x.past.draft'), 'never finished');

  const { at, warnings } = await openPast(t, dataDir, LOG, { fold: folded(LOG) });
  t.same(await filesIn(dataDir), names, 'what its name gives away is gone at once');
  for (const n of [1, 2, 3, 4, 5]) {
    const question = peersAt(n * STEP + 700);
    t.strictSame((await at(question)).rows, fresh(LOG, question, n * STEP + 700));
  }
  for (const why of [/checksum/, /cut off/, /another log.*0003072/, /another log.*0004096/]) {
    t.ok(
      warnings.some(line => why.test(line)),
      String(why),
    );
  }
  t.equal(warnings.length, 4);
});

test('they are few, however long the history is, and leave no large hole', async t => {
  const dataDir = await tempDir(t);
  const mesh = new Mesh();
  mesh.say(p.opened());
  const marks = limits.past_files_items + 10;
  while (mesh.log.length < marks * STEP) mesh.say();
  await follow(t, dataDir, mesh.log);
  const names = await filesIn(dataDir);
  t.ok(names.length <= limits.past_files_items, `${names.length} files`);
  const places = [0, ...names.map(name => Number.parseInt(name, 10)), mesh.log.length];
  const holes = places.slice(1).map((place, i) => place - places[i]!);
  t.ok(Math.max(...holes) <= 3 * STEP, `the largest hole is ${Math.max(...holes)}`);
});

const obstacles: Record<string, (t: Test) => Promise<string | undefined>> = {
  async 'a directory that cannot be made'(t) {
    const dataDir = await tempDir(t);
    await writeFile(pastDir(dataDir), 'a file');
    return dataDir;
  },
  'a full disk': t => smallDisk(t),
  async 'a read-only disk'(t) {
    const disk = await smallDisk(t, 'size=1g');
    if (disk !== undefined) makeReadOnly(disk);
    return disk;
  },
};
for (const [obstacle, prepare] of Object.entries(obstacles)) {
  test(`${obstacle} is said once, and the past is told all the same`, async t => {
    const dataDir = await prepare(t);
    if (dataDir === undefined) return;
    const { at, follower, warnings } = await openPast(t, dataDir, LOG);
    await follower.reached(LOG.length);
    const question = peersAt(3_000);
    t.strictSame((await at(question)).rows, fresh(LOG, question, 3_000));
    await follower.close();
    t.match(warnings[0], /no past state is kept on disk/);
    t.ok(warnings.length <= 2, warnings.join('\n'));
  });
}

test('a disk that fails while it is written to is said once, until it works again', async t => {
  const disk = await smallDisk(t, 'size=1g');
  if (disk === undefined) return;
  const fold = new Fold();
  const warnings: string[] = [];
  const onWarning = (line: string) => warnings.push(line);
  const states = await OldStates.open({ dataDir: disk, fold, clock: STILL, every: 1, onWarning });
  const goTo = async (end: number) => {
    for (const delivery of LOG.slice(fold.sequence, end)) {
      fold.commit(delivery);
      if (!states.wants(fold.sequence)) continue;
      states.keep(PastFold.stateOf(fold.sequence, fold.table));
      await states.close();
    }
  };
  await goTo(1.5 * STEP);
  makeReadOnly(disk);
  await goTo(2.5 * STEP);
  t.match(warnings, [/no past state is kept on disk.*EROFS/]);
  t.equal((await filesIn(disk)).length, 1, 'what was there is there, and no draft');
  const known = await states.between(0, 2 * STEP);
  t.equal(known?.sequence, STEP, 'and is gone on from');
});
