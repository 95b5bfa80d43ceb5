// The fold of the past: at every event of any history it is what the fold was there.
import fc from 'fast-check';
import t from 'tap';
import { decodeCommit, encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { Fold } from '../../broker/core/fold.js';
import {
  nothingYet,
  PastFold,
  type PastState,
  type ReasonOf,
} from '../../broker/core/past-fold.js';
import { toKept } from '../../broker/core/rows/snapshot.js';
import type { Table } from '../../broker/core/rows/table.js';
import type { Delivery } from '../../broker/core/words.js';
import { limits } from '../../schemas/limits.js';
import { deliveriesOf, readGolden } from '../dsl/golden.js';
import { finds, history, runs } from '../dsl/histories.js';
import { folded } from '../dsl/state.js';

/** What was signed, like the ids of commands, is only needed to judge: no view tells of it. */
const stateOf = (table: Table) => JSON.stringify({ ...toKept(table), checkpoints: undefined });

/** The same commit, as if it had been written with its first events alone. */
function cut(delivery: Delivery, count: number): Delivery {
  const commit = decodeCommit(delivery.bytes);
  if (commit === undefined) return delivery;
  return { ...delivery, bytes: encodeCommit({ ...commit, events: commit.events.slice(0, count) }) };
}

type Make = (from: PastState, reasonOf: ReasonOf) => PastFold;
const make: Make = (from, reasonOf) => new PastFold(from, reasonOf);

/** Where the fold and that of the past differ first; undefined when nowhere. */
function difference(log: readonly Delivery[], made: Make, commandIds?: number) {
  const { voids } = folded(log, new Fold(commandIds));
  const reasonOf = (position: number) => voids.reason(position);
  const whole = new Fold(commandIds);
  const past = made(nothingYet, reasonOf);
  const kept: [PastState, string][] = [];
  for (const delivery of log) {
    const before = past.state();
    const first = delivery.sequence * limits.commit_positions;
    const count = decodeCommit(delivery.bytes)?.events.length ?? 0;
    for (let n = 1; n < count; n++) {
      const at = made(before, reasonOf);
      at.commit(delivery, first + n - 1);
      const fresh = folded(
        [...log.slice(0, delivery.sequence - 1), cut(delivery, n)],
        new Fold(commandIds),
      );
      if (stateOf(at.table) !== stateOf(fresh.table)) return `${first + n - 1}`;
      if (at.position !== first + n - 1) return `the position ${at.position}`;
    }
    whole.commit(delivery);
    past.commit(delivery);
    if (stateOf(past.table) !== stateOf(whole.table)) return `${delivery.sequence}`;
    if (past.position !== first + Math.max(0, count - 1)) return `the end ${past.position}`;
    kept.push([before, JSON.stringify(before)]);
  }
  const moved = kept.find(([state, text]) => JSON.stringify(state) !== text);
  return moved && `the state kept after ${moved[0].sequence}`;
}

function law(made: Make, count: number, commandIds?: number): void {
  const holds = fc.property(history, log => difference(log, made, commandIds) === undefined);
  fc.assert(holds, runs(count));
}

t.test('at every event of any history it is what a fold to there is', async () => law(make, 15));

t.test('so it is where ids were forgotten', async () => law(make, 8, 8));

t.test('so it is in the golden logs, of which one has every level in turn', async t => {
  const logs = readGolden(3).filter((_, n) => n % 8 === 0);
  for (const log of logs.map(deliveriesOf)) t.equal(difference(log, make), undefined);
});

t.test('a fold of the past that errs is found out', async t => {
  const mutants: Record<string, Make> = {
    'void events are applied': from => make(from, () => undefined),
    'a position counts the event after it': (from, reasonOf) =>
      new (class extends PastFold {
        override commit(delivery: Delivery, upTo?: number) {
          return super.commit(delivery, upTo === undefined ? upTo : upTo + 1);
        }
      })(from, reasonOf),
    'it changes rows that it was given': ({ sequence, rows }, reasonOf) => {
      const past = make({ sequence, rows }, reasonOf);
      for (const row of rows.gateways) past.table.gateways.rows.set(row.boot, row);
      return past;
    },
  };
  for (const [what, mutant] of Object.entries(mutants)) finds(t, () => law(mutant, 10), what);
});
