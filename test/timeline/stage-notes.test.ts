// Tracing everything at once: what the index notes of each thing is what a trace of it alone finds.
import fc from 'fast-check';
import t from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { Trace } from '../../broker/core/messages/trace.js';
import type { Delivery } from '../../broker/core/words.js';
import { StageNotes } from '../../broker/timeline/index/write/stage-notes.js';
import type { Stage } from '../../schemas/message.js';
import * as p from '../dsl/events.js';
import { askNo, db, msgNo, web } from '../dsl/events.js';
import { boss, deputy, handsOver } from '../dsl/events-handovers.js';
import { given } from '../dsl/given.js';
import { history, runs } from '../dsl/histories.js';

const THINGS = 12;

/** By ref, what the notes of all commits come to. */
function notedIn(log: readonly Delivery[]): Map<string, Stage[]> {
  const fold = new Fold();
  const notes = new StageNotes();
  const found = new Map<string, Stage[]>();
  for (const delivery of log) {
    for (const { ref, stage, position, time, by } of notes.commit(
      fold.commit(delivery),
      fold.table,
    )) {
      const stages = found.get(ref) ?? [];
      const isRepeat = stages.some(each => each.stage === 'offered' && each.by === by);
      if (stage !== 'offered' || !isRepeat) stages.push({ stage, position, time, by });
      found.set(ref, stages);
    }
  }
  return found;
}

function tracedIn(log: readonly Delivery[], ref: string): Trace {
  const fold = new Fold();
  const trace = new Trace(ref);
  for (const delivery of log) trace.commit(fold.commit(delivery));
  return trace;
}

t.test('the stages noted of everything are those that a trace of each finds', async _t => {
  const law = fc.property(history, log => {
    const noted = notedIn(log);
    for (let n = 0; n < THINGS; n++) {
      for (const ref of [askNo(n), msgNo(n), `${askNo(n)}.1`]) {
        const { circle, stages } = tracedIn(log, ref);
        if (circle === '') continue;
        const same = JSON.stringify(noted.get(ref)) === JSON.stringify(stages);
        if (!same) return false;
      }
    }
    return true;
  });
  fc.assert(law, runs(100));
});

t.test('a message in a digest is offered to who comes back, and seen with it', async t => {
  const { mesh } = given(
    t,
    p.joins(web),
    p.joinsAway(db),
    p.digests(1, web, db, 'one'),
    p.digests(2, web, db, 'two'),
    p.takes(db),
    p.sees(db, msgNo(2)),
  );
  for (const n of [1, 2]) {
    const stages = notedIn(mesh.log)
      .get(msgNo(n))
      ?.map(({ stage }) => stage);
    t.same(stages, ['accepted', 'offered', 'seen'], msgNo(n));
  }
});

t.test('mail that is handed over and back is offered to each of them once', async t => {
  const mail = p.tells(1, web, boss, 'build');
  const there = [handsOver(boss, boss, deputy), handsOver(deputy, deputy, boss)];
  const { mesh } = given(t, p.joins(web), p.joins(boss), p.joins(deputy), mail, ...there);
  const noted = notedIn(mesh.log).get(msgNo(1));
  t.same(noted, tracedIn(mesh.log, msgNo(1)).stages);
  t.same(
    noted?.map(({ stage, by }) => [stage, by]),
    [
      ['accepted', web.peer],
      ['offered', boss.peer],
      ['offered', deputy.peer],
      ['moved', deputy.peer],
      ['moved', boss.peer],
    ],
  );
});

t.test('what comes and goes within one commit is offered to who was there, no other', async t => {
  const { mesh } = given(t, p.joins(web), p.joinsAway(db), p.tells(1, web, db, 'before'));
  mesh.say(p.takes(db), p.sees(db, msgNo(1)), p.tells(2, web, db, 'after'));
  const stagesOf = (n: number) =>
    notedIn(mesh.log)
      .get(msgNo(n))
      ?.map(({ stage }) => stage);
  t.same(stagesOf(1), ['accepted', 'offered', 'seen']);
  t.same(stagesOf(2), ['accepted']);
});
