// Snapshot = replay: restored at any commit and folded on, the state is what the replay gives.
import fc from 'fast-check';
import t from 'tap';
import { Fold, type FoldSnapshot } from '../../broker/core/fold.js';
import { FoldReader, foldFrames } from '../../broker/core/snapshots/snapshot.js';
import { stateHash } from '../../broker/core/snapshots/state-hash.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { api, asks, calls, db, joins, leaves, msgNo, orch, sees, web } from '../dsl/events.js';
import { given, later } from '../dsl/given.js';
import { finds, history, runs } from '../dsl/histories.js';
import { folded, stateOf as rowsOf } from '../dsl/state.js';

type Restore = (fold: Fold, commandIds?: number) => Fold;

/** Invariant 10, at every k: fold(a ++ b) = fold(restore(snapshot(fold(a))), b). */
function snapshotLaw(restore: Restore, commandIds?: number, count = 16, stateOf = rowsOf): void {
  const law = fc.property(history, log => {
    const wanted = stateOf(folded(log, new Fold(commandIds)));
    const replayed = new Fold(commandIds);
    for (const [k, delivery] of log.entries()) {
      replayed.commit(delivery);
      const restored = restore(replayed, commandIds);
      if (stateOf(restored) !== stateOf(replayed)) return false;
      if (stateOf(folded(log.slice(k + 1), restored)) !== wanted) return false;
    }
    return true;
  });
  fc.assert(law, runs(count));
}

const restore: Restore = (fold, commandIds) => Fold.fromSnapshot(fold.toSnapshot(), commandIds);

const amid = (data: Uint8Array) => Buffer.concat([Buffer.alloc(3), data]).subarray(3);

/** As one is written to a disk and read from there. */
const onDisk: Restore = (fold, commandIds) => {
  const reader = new FoldReader(commandIds);
  for (const { name, data } of foldFrames(fold)) {
    // As they lie in what was read: anywhere in a larger buffer.
    reader.take({ name, data: typeof data === 'string' ? data : amid(data) });
  }
  return reader.result();
};

t.test('10: a snapshot folded on is the replay, at every commit of any history', async () => {
  snapshotLaw(restore);
});

t.test('10: so it is with a memory of eight command ids', async () => snapshotLaw(restore, 8));

t.test('10: a snapshot as it is on disk is the replay too', async () => {
  snapshotLaw(onDisk, undefined, 4, stateHash);
  snapshotLaw(onDisk, 8, 4, stateHash);
});

t.test('10: on disk as in memory, down to every key', async () => {
  const law = fc.property(history, log => {
    const fold = folded(log);
    return rowsOf(onDisk(fold)) === rowsOf(fold);
  });
  fc.assert(law, runs(50));
});

t.test('10: a restore that loses anything is found out', async t => {
  const mutants: Record<string, (snapshot: FoldSnapshot) => void> = {
    'how far ids were forgotten': ({ table }) => table.commands.forgotten.splice(0, 1),
    'the order of open asks': ({ table }) => table.asks.open.reverse(),
    'an inbox generation': ({ table }) => {
      for (const box of table.inbox) box.generation = 0;
    },
    'which commit of a boot was the last': ({ table }) => {
      for (const row of table.gateways) row.commit = 0;
    },
    'when a schedule is due next': ({ table }) => {
      for (const { row } of table.schedules.live) delete row.next_at;
    },
    'that an item expires': ({ table }) => {
      for (const { items } of table.inbox) for (const item of items) delete item.expires_at;
    },
    'what was used': ({ table }) => table.usage.peers.splice(0),
    'which deliveries were noted': ({ table }) => table.reviews.deliveries.splice(0),
  };
  for (const [what, lose] of Object.entries(mutants)) {
    const lossy: Restore = (fold, commandIds) => {
      const snapshot = fold.toSnapshot();
      lose(snapshot);
      return Fold.fromSnapshot(snapshot, commandIds);
    };
    finds(t, () => snapshotLaw(lossy, 8, 200), what);
  }
});

t.test('a snapshot stands still while the fold goes on', async t => {
  const world = given(t, joins(web), joins(api), asks(1, web, api), calls(2, web, 'all'));
  const snapshot = world.mesh.fold.toSnapshot();
  const before = JSON.stringify(snapshot);
  world.and(p.closes(api, 1, 'replied'), sees(api, msgNo(2)), leaves(web), later(5));
  t.equal(JSON.stringify(snapshot), before);
  const restored = Fold.fromSnapshot(snapshot);
  const state = rowsOf(restored);
  restored.table.peers.rows.get(web.peer)!.name = 'changed';
  t.equal(rowsOf(Fold.fromSnapshot(snapshot)), state, 'nor does a fold restored from it change it');
});

t.test('marks, voids and digest are restored with the rows', async t => {
  const world = given(t, joins(web), p.closes(web, 1, 'replied'));
  const { fold } = world.mesh;
  const position = fold.sequence * limits.commit_positions;
  fold.marks.note({ sequence: limits.mark_every_commits, time: 7, digest: fold.digest });
  for (const restored of [restore(fold), onDisk(fold)]) {
    t.same(restored.digest, fold.digest);
    t.same(restored.marks.rows, fold.marks.rows);
    t.same(restored.levels.rows, fold.levels.rows);
    t.equal(restored.voids.reason(position), 'ask_unknown');
    t.equal(restored.malformed, fold.malformed);
  }
});

t.test('an item that many inboxes refer to is one on disk, and one again', async t => {
  const { fold } = given(
    t,
    p.joinsAway(web),
    p.joinsAway(api),
    p.joinsAway(orch),
    calls(1, web, 'x'),
  ).mesh;
  const { boxes } = onDisk(fold).table.inbox;
  const items = [api, orch].map(who => boxes.get(who.peer)?.items.get(msgNo(1)));
  t.ok(items[0]);
  t.equal(items[0], items[1]);
});

t.test('what is no whole snapshot is not made a fold', async t => {
  const frames = [...foldFrames(given(t, joins(web)).mesh.fold)];
  const without = (left: string) => {
    const reader = new FoldReader();
    for (const frame of frames) if (frame.name !== left) reader.take(frame);
    return reader.result();
  };
  for (const name of [
    'fold',
    'table',
    'commands',
    'commands.keys',
    'peers',
    'inbox',
    'asks.open',
  ]) {
    t.throws(() => without(name), name);
  }
  t.throws(() => new FoldReader().take({ name: 'odd', data: new Uint8Array(1) }));
});

t.test('peers are listed in the order they joined, restored or not', async t => {
  const { fold } = given(t, joins(web), joins(api), joins(db), leaves(api), joins(api)).mesh;
  const order = (of: Fold) => [...of.table.peers.rows.keys()];
  t.same(order(fold), [web.peer, api.peer, db.peer]);
  t.same(order(restore(fold)), order(fold));
});
