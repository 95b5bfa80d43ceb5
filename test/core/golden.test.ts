// Golden logs: the log of each level folds, by the rules of its level, to what it always did.
//
// Whoever raises LEVEL makes the log of the new level: `node build/test/core/make-golden.js`
// writes test/core/level-<LEVEL>.gz, which is committed. Until that level is released a rule of it
// may still change, and the log is made anew; from then on neither the file nor what it folds to
// changes again. Level 2 has its own file and test, old-log.test.ts.
import t from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { LEVEL } from '../../broker/core/levels.js';
import { type EventType, eventRow, eventTypes } from '../../schemas/event.js';
import type { EventRow } from '../../schemas/events/row.js';
import { deliveriesOf, foldedTo, hasGolden, readGolden } from '../dsl/golden.js';

const FIRST = 3;
const levels = Array.from({ length: LEVEL - FIRST + 1 }, (_, i) => FIRST + i);

t.test('every level from the third on has its golden log', async t => {
  for (const level of levels) t.ok(hasGolden(level), `${level}`);
});

for (const level of levels) {
  const logs = readGolden(level);

  t.test(
    `a log of level ${level} has the times, verdicts and state that it always had`,
    async t => {
      for (const log of logs) {
        const { verdicts, state } = foldedTo(deliveriesOf(log));
        t.strictSame(verdicts, log.verdicts);
        t.equal(state, log.state);
      }
    },
  );

  t.test(
    `the logs of level ${level} tell of every kind of it, and of many that are void`,
    async t => {
      const applied = new Set<string>();
      const reasons = new Set<string>();
      for (const log of logs) {
        const fold = new Fold();
        for (const delivery of deliveriesOf(log)) {
          for (const { type, void: reason } of fold.commit(delivery).records) {
            if (reason === undefined) applied.add(type);
            else reasons.add(reason);
          }
        }
      }
      const kinds = eventTypes.filter(type => eventRow(type).since <= level);
      t.same(
        kinds.filter(type => !applied.has(type)),
        [],
      );
      t.ok(reasons.size >= 20, `${reasons.size} reasons`);
    },
  );
}

t.test('a rule that is another now is noticed', async t => {
  const isNoticed = (type: EventType, change: Partial<EventRow<never, string>>) => {
    const row = eventRow(type);
    const before = { ...row, upcasts: row.upcasts };
    Object.assign(row, change);
    const differs = readGolden(LEVEL).some(log => foldedTo(deliveriesOf(log)).state !== log.state);
    Object.assign(row, before);
    return differs;
  };
  t.notOk(isNoticed('ask.opened', {}));
  t.ok(isNoticed('ask.opened', { since: 2 }), 'a kind that is known from another level on');
  t.ok(isNoticed('review.forgotten', { by: 'operate' }), 'a kind that needs another verb');
  const from = ({ text }: Readonly<Record<string, unknown>>) => ({ text: `${text}.` });
  t.ok(isNoticed('message.notified', { upcasts: [{ since: 1, from }] }), 'a row that says more');
});
