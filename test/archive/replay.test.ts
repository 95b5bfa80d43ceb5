// Old commits read back: with the times, digests and verdicts that the fold gave them, no others.
import fc from 'fast-check';
import t from 'tap';
import { replay, sequenceAt } from '../../broker/archive/replay.js';
import { Fold } from '../../broker/core/fold.js';
import type { Delivery, OldCommit } from '../../broker/core/words.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { history, runs } from '../dsl/histories.js';
import { Mesh } from '../dsl/test-log.js';

function logOf(commits: Delivery[]) {
  const clock = { now: () => 0, elapsed: () => 0 };
  return openMemory({ store: { ...memoryStore(), commits }, clock });
}

async function collected(commits: AsyncIterable<OldCommit>): Promise<OldCommit[]> {
  const all: OldCommit[] = [];
  for await (const commit of commits) all.push(commit);
  return all;
}

/** What an observer may be told of a commit. */
function told({ sequence, time, digest, bytes, records }: OldCommit) {
  const rows = records.map(record => [
    record.position,
    record.type,
    record.circles,
    Buffer.from(record.bytes).toString('hex'),
    record.void,
    record.event,
  ]);
  return { sequence, time, digest: Buffer.from(digest).toString('hex'), bytes, rows };
}

t.test('a replay from anywhere is what was folded live from there', async t => {
  const law = fc.asyncProperty(history, fc.nat(), async (log, at) => {
    const fold = new Fold();
    const live = log.map(delivery => told(fold.commit(delivery)));
    const from = 1 + (at % log.length);
    const old = await collected(replay(logOf(log), fold, from));
    return JSON.stringify(old.map(told)) === JSON.stringify(live.slice(from - 1));
  });
  await fc.assert(law, runs(60));
  t.pass();
});

function longMesh(commits: number): Mesh {
  const mesh = new Mesh();
  mesh.say(p.opened(), p.started(p.GATEWAY, p.BOOT), p.joins(p.web));
  while (mesh.log.length < commits) {
    mesh.now += 10;
    mesh.say(p.turns(p.web, 'idle'));
  }
  return mesh;
}

t.test('a replay begins at the nearest mark, and reads no more of the log', async t => {
  const mesh = longMesh(2 * limits.mark_every_commits + 50);
  const log = logOf(mesh.log);
  const reads: unknown[] = [];
  const read: typeof log.read = (from, to) => {
    reads.push([from, to]);
    return log.read(from, to);
  };
  const head = mesh.log.length;
  const from = 2 * limits.mark_every_commits + 10;
  const old = await collected(replay({ ...log, read }, mesh.fold, from));
  t.same(reads, [[2 * limits.mark_every_commits + 1, head]]);
  t.equal(old.length, head - from + 1);
  t.same(old.at(-1)?.digest, mesh.fold.digest);
  t.equal(old[0]?.time, p.T0 + 10 * (from - 1));
});

t.test(
  'a digest is that of the fold, known on the way or not, in whatever order it is asked',
  async t => {
    const mesh = longMesh(3 * limits.waypoint_every_commits + 5);
    const fold = new Fold();
    const digests = mesh.log.map(delivery => fold.commit(delivery).digest);
    const forgetful = Fold.fromSnapshot(fold.toSnapshot());
    t.equal(forgetful.marks.waypoints.at(limits.waypoint_every_commits), undefined);
    for (const known of [fold, forgetful, forgetful]) {
      const old = await collected(replay(logOf(mesh.log), known, 1));
      for (const at of [40, 20, 3, 52, 0, 15, 16, 31]) t.same(old[at]?.digest, digests[at]);
    }
    const noted = forgetful.marks.waypoints.at(limits.waypoint_every_commits);
    t.same(noted, digests[limits.waypoint_every_commits - 1]);
  },
);

t.test('a replay ends at what was folded when it began, and is empty past that', async t => {
  const mesh = longMesh(5);
  const stream = replay(logOf(mesh.log), mesh.fold, 4)[Symbol.asyncIterator]();
  t.equal((await stream.next()).value?.sequence, 4);
  mesh.say(p.turns(p.web, 'idle'));
  t.equal((await stream.next()).value?.sequence, 5);
  t.equal((await stream.next()).done, true);
  t.same(await collected(replay(logOf(mesh.log), mesh.fold, 7)), []);
});

t.test('a time is found at the last commit before it', async t => {
  const mesh = longMesh(limits.mark_every_commits + 20);
  const log = logOf(mesh.log);
  const at = (ms: number) => sequenceAt(log, mesh.fold, p.T0 + ms);
  t.equal(await at(0), 0);
  t.equal(await at(1), 1);
  t.equal(await at(10), 1);
  t.equal(await at(11), 2);
  t.equal(await at(10 * limits.mark_every_commits), limits.mark_every_commits);
  t.equal(await at(9e9), mesh.log.length);
});

t.test('of commits at one time, none is before that time', async t => {
  const mesh = new Mesh();
  for (let n = 0; n < 5; n++) mesh.say();
  mesh.now += 1;
  mesh.say();
  const log = logOf(mesh.log);
  t.equal(await sequenceAt(log, mesh.fold, p.T0), 0);
  t.equal(await sequenceAt(log, mesh.fold, p.T0 + 1), 5);
});
