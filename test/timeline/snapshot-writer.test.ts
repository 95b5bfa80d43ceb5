// The snapshot writer: by replay debt, never on a full disk; a broker goes on from what it wrote.
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { type Test, test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { prepareSnapshots, snapshotDir } from '../../broker/disk/snapshot-dir.js';
import { writeSnapshot } from '../../broker/disk/snapshot-file.js';
import { openReader } from '../../broker/log/jetstream.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { commitHash } from '../../broker/timeline/snapshots/head.js';
import { saveSnapshot } from '../../broker/timeline/snapshots/save.js';
import {
  type SavedSnapshot,
  SnapshotWriter,
} from '../../broker/timeline/snapshots/snapshot-writer.js';
import { limits } from '../../schemas/limits.js';
import { joins, opened, tells, web } from '../dsl/events.js';
import { join, openBroker } from '../dsl/live-broker.js';
import { startTestNats, tempDir } from '../dsl/nats.js';
import { smallDisk } from '../dsl/small-disk.js';
import { Mesh } from '../dsl/test-log.js';
import { readLog } from '../dsl/watch.js';

/** A log of so many events, and a follower that only writes snapshots of it. */
async function written(t: Test, dataDir: string, events: number) {
  const mesh = new Mesh();
  mesh.say(opened(), joins(web));
  for (let n = 0; n < events; n += 250) {
    mesh.say(...Array.from({ length: 250 }, (_, i) => tells(n + i, web, web, 'x')));
  }
  const log = openMemory({ store: { ...memoryStore(), commits: mesh.log }, clock });
  const warnings: string[] = [];
  const onWarning = (line: string) => warnings.push(line);
  const saved: SavedSnapshot[] = [];
  const onSaved = (snapshot: SavedSnapshot) => saved.push(snapshot);
  const parts = [new SnapshotWriter({ dataDir, log, clock, onWarning, onSaved })];
  const follower = new LogFollower({ log, fold: new Fold(), parts, clock, onWarning });
  t.teardown(() => follower.close());
  await follower.start();
  await follower.reached(mesh.log.length);
  return {
    warnings,
    saved,
    /** The mesh is idle: one commit without an event, as boots make them. */
    async idles() {
      mesh.store(mesh.encode([]));
      await follower.reached(mesh.log.length);
    },
    names: () => readdir(snapshotDir(dataDir)),
  };
}

test('a mesh at rest has a snapshot, unless little was said since the last', async t => {
  const little = await written(t, await tempDir(t), 250);
  await little.idles();
  t.same(await little.names(), []);
  const dataDir = await tempDir(t);
  const more = await written(t, dataDir, limits.snapshot_idle_events);
  t.same(await more.names(), [], 'none while more may come');
  await more.idles();
  t.equal((await more.names()).length, 1);
  await more.idles();
  const [name = ''] = await more.names();
  t.equal((await more.names()).length, 1, 'and no other while nothing is said');
  const { size: bytes } = await stat(joinPath(snapshotDir(dataDir), name));
  const sequence = Number.parseInt(name, 10);
  t.strictSame(more.saved, [{ sequence, bytes, age_ms: 0 }], 'and what is there is told');
  await utimes(joinPath(snapshotDir(dataDir), name), 4e9, 4e9);
  const { saved } = await written(t, dataDir, 250);
  t.strictSame(saved, [{ sequence, bytes, age_ms: 0 }], 'to the next worker too, at any time');
  t.same(more.warnings, []);
});

test('a disk without room gets no snapshot, which is said once', async t => {
  const disk = await smallDisk(t);
  if (disk === undefined) return;
  const full = await written(t, disk, limits.snapshot_idle_events);
  await full.idles();
  await full.idles();
  t.match(full.warnings, [/no snapshot is written.*too little room/]);
  t.equal(full.warnings.length, 1);
  t.same(await full.names(), []);
  const frames = [{ name: 'much', data: Buffer.alloc(2 << 20) }];
  const file = joinPath(disk, 'x.snapshot');
  await t.rejects(writeSnapshot(file, frames), { code: 'ENOSPC' });
  t.same(await readdir(disk), ['snapshots'], 'and what was begun is gone');
});

test('what is in the way of the directory is said, and stops nobody', async t => {
  const dataDir = await tempDir(t);
  await writeFile(snapshotDir(dataDir), 'a file');
  const stuck = await written(t, dataDir, limits.snapshot_idle_events);
  await stuck.idles();
  t.match(stuck.warnings, [/no snapshot is written/]);
});

test('10: a broker goes on from it, and observers miss nothing of before', async t => {
  const nats = await startTestNats(t);
  const { url, user, password } = nats;
  const natsUrl = url.replace('//', `//${user}:${password}@`);
  const dataDir = await tempDir(t);
  const first = await openBroker(t, { dataDir, natsUrl });
  const ann = await join(t, first, 'ann');
  for (const text of ['one', 'two']) await ann.guest.command('peer.describe', { text });
  const lines = await readLog(ann.guest);
  await first.broker.close();

  const log = await openReader({ url, user, password, mesh: 'default', clock, onNotice() {} });
  t.teardown(() => log.close());
  const fold = new Fold();
  let [before, opening] = [fold.digest, ''];
  for await (const delivery of log.read(1)) {
    if (delivery.sequence === 1) opening = commitHash(delivery.bytes);
    before = fold.digest;
    fold.commit(delivery);
  }
  // Only who goes on from the snapshot, and folds nothing before it, believes this.
  const row = fold.table.peers.draft(ann.peer)!;
  fold.table.peers.put({ ...row, description: 'planted' });
  await prepareSnapshots(dataDir);
  await saveSnapshot({ dataDir, fold, before, first: opening });

  const second = await openBroker(t, { dataDir, natsUrl });
  const bob = await join(t, second, 'bob');
  const { rows } = await bob.guest.call('peer.list', { offline: true });
  t.match(rows, [{ name: 'ann', description: 'planted' }], 'nothing is replayed');
  const after = await readLog(bob.guest);
  t.same(after.slice(0, lines.length), lines, 'all of before is told as it was');
});
