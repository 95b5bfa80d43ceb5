// Snapshot = replay: restored at any commit and folded on, the state is what the replay gives.
import fc from 'fast-check';
import t from 'tap';
import { Fold, type FoldSnapshot } from '../../broker/core/fold.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { api, asks, calls, db, joins, leaves, msgNo, sees, web } from '../dsl/events.js';
import { given, later } from '../dsl/given.js';
import { finds, history, runs } from '../dsl/histories.js';
import { folded, stateOf } from '../dsl/state.js';

type Restore = (snapshot: FoldSnapshot, commandIds?: number) => Fold;

/** Invariant 10, at every k: fold(a ++ b) = fold(restore(snapshot(fold(a))), b). */
function snapshotLaw(restore: Restore, commandIds?: number, count = 25): void {
  const law = fc.property(history, log => {
    const wanted = stateOf(folded(log, new Fold(commandIds)));
    const replayed = new Fold(commandIds);
    for (const [k, delivery] of log.entries()) {
      replayed.commit(delivery);
      const restored = restore(replayed.toSnapshot(), commandIds);
      if (stateOf(restored) !== stateOf(replayed)) return false;
      if (stateOf(folded(log.slice(k + 1), restored)) !== wanted) return false;
    }
    return true;
  });
  fc.assert(law, runs(count));
}

const restore: Restore = (snapshot, commandIds) => Fold.fromSnapshot(snapshot, commandIds);

t.test('10: a snapshot folded on is the replay, at every commit of any history', async () => {
  snapshotLaw(restore);
});

t.test('10: so it is with a memory of eight command ids', async () => snapshotLaw(restore, 8));

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
    const lossy: Restore = (snapshot, commandIds) => {
      lose(snapshot);
      return restore(snapshot, commandIds);
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
  const restored = restore(snapshot);
  const state = stateOf(restored);
  restored.table.peers.rows.get(web.peer)!.name = 'changed';
  t.equal(stateOf(restore(snapshot)), state, 'nor does a fold restored from it change it');
});

t.test('marks, voids and digest are restored with the rows', async t => {
  const world = given(t, joins(web), p.closes(web, 1, 'replied'));
  const { fold } = world.mesh;
  const restored = restore(fold.toSnapshot());
  t.same(restored.digest, fold.digest);
  t.same(restored.marks.rows, fold.marks.rows);
  const position = fold.sequence * limits.commit_positions;
  t.equal(restored.voids.reason(position), 'ask_unknown');
});

t.test('peers are listed in the order they joined, restored or not', async t => {
  const { fold } = given(t, joins(web), joins(api), joins(db), leaves(api), joins(api)).mesh;
  const order = (of: Fold) => [...of.table.peers.rows.keys()];
  t.same(order(fold), [web.peer, api.peer, db.peer]);
  t.same(order(restore(fold.toSnapshot())), order(fold));
});
