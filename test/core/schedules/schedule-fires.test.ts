// What a schedule says when its time has come, and for which reasons it says nothing.
import t from 'tap';
import { Fold } from '../../../broker/core/fold.js';
import { Trace } from '../../../broker/core/messages/trace.js';
import { limits } from '../../../schemas/limits.js';
import type { ScheduleRow } from '../../../schemas/schedule.js';
import * as p from '../../dsl/events.js';
import {
  api,
  askNo,
  asks,
  joins,
  joinsAway,
  leaves,
  msgNo,
  sees,
  tells,
  web,
} from '../../dsl/events.js';
import { bounds, uses } from '../../dsl/events-ledger.js';
import {
  DUE,
  fires,
  MINUTE,
  pauses,
  plans,
  plansMinutely,
  resumes,
  schedNo,
  skips,
} from '../../dsl/events-schedules.js';
import { type Given, given, later } from '../../dsl/given.js';

const crowd = [joins(web), joins(api)];
const untilDue = later(DUE - p.T0);
const next_at = DUE + MINUTE;

function row({ mesh }: Given, n = 1): ScheduleRow | undefined {
  return mesh.table.schedules.get(schedNo(n))?.row;
}

function past({ mesh }: Given, n = 1) {
  return mesh.table.schedules.get(schedNo(n))?.history;
}

t.test('a notify enters the inbox in the name of who planned it, and is acknowledged', async t => {
  const world = given(t, ...crowd, plans(1, web, api), untilDue, fires(1, 2))
    .thenApplied()
    .thenInbox(api, {
      kind: 'notify',
      ref: msgNo(2),
      text: 'wake up',
      from: web.peer,
      from_name: 'web',
      schedule: schedNo(1),
      nominal_at: DUE,
      time: DUE,
      offered: true,
    })
    .and(sees(api, msgNo(2)))
    .thenInbox(api);
  t.match(row(world), { state: 'done', next_at: undefined, fired: 1, skipped: 0 });
  t.match(past(world), [{ nominal_at: DUE, outcome: 'fired', ref: msgNo(2), time: DUE }]);
  t.same(world.mesh.table.messages.live.size, 0, 'nobody holds the message any more');
});

t.test('what has fired may be taken back by who planned it, and by nobody else', async t => {
  given(t, ...crowd, plans(1, web, api), untilDue, fires(1, 2))
    .and(p.retracts(api, 2))
    .thenVoid('not_yours')
    .and(p.retracts(web, 2))
    .thenApplied()
    .thenInbox(api);
});

t.test('who is away finds it later; one wakes oneself too', async t => {
  given(t, joinsAway(web), plans(1, web, web), untilDue, fires(1, 2)).thenInbox(web, {
    ref: msgNo(2),
    offered: false,
    from: web.peer,
  });
});

t.test('an ask opens a thread, and its answer goes to who planned it', async t => {
  const world = given(t, ...crowd, plans(1, web, api, { kind: 'ask' }), untilDue, fires(1, 2))
    .thenAsk(2, { state: 'open', from: web.peer, to: api.peer, schedule: schedNo(1) })
    .thenInbox(api, { kind: 'ask', ref: askNo(2), from: web.peer, schedule: schedNo(1) })
    .when(api, 'ask.close', { ask: askNo(2), outcome: 'replied', text: 'done' })
    .thenEvent({})
    .thenInbox(api)
    .thenInbox(web, { kind: 'reply', ref: askNo(2), text: 'done' });
  t.match(past(world), [{ outcome: 'fired', ref: askNo(2) }]);
});

t.test('22: it never fires early, nor twice, nor for a time it does not wait for', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api), later(DUE - p.T0 - 1));
  world.and(fires(1, 2, DUE, { next_at })).thenVoid('early');
  world.and(skips(1, 'inbox_full', DUE, { next_at })).thenVoid('early');
  world.and(later(1), fires(1, 3, DUE - MINUTE, { next_at })).thenVoid('stale');
  world.and(fires(1, 4, DUE, { next_at })).thenApplied();
  world.and(fires(1, 5, DUE, { next_at })).thenVoid('stale');
  world.and(fires(1, 6, next_at)).thenVoid('early');
  world.thenInbox(api, { ref: msgNo(4) });
  t.match(row(world), { fired: 1, next_at, last: { nominal_at: DUE, outcome: 'fired' } });
});

t.test('an id that has said something already says nothing more', async t => {
  const world = given(t, ...crowd, tells(2, api, web, 'x'), asks(3, web, api));
  world.and(plans(1, web, api), untilDue);
  world.and(fires(1, 2)).thenVoid('duplicate').and(fires(1, 3)).thenVoid('duplicate');
  world.thenInbox(web, { text: 'x' }).and(fires(1, 4)).thenApplied();
});

t.test('what was proposed before a pause or a resume is void after it', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api), untilDue, pauses(web, 1));
  world.and(fires(1, 2, DUE, { next_at })).thenVoid('stale');
  world.and(resumes(web, 1, next_at, { skipped: 1, skipped_to: DUE })).thenApplied();
  world.and(later(MINUTE), fires(1, 3, next_at, { next_at: next_at + 1, revision: 1 }));
  world.thenVoid('stale').and(fires(1, 4, next_at, { next_at: next_at + 1, revision: 2 }));
  world.thenApplied().thenInbox(api, { ref: msgNo(4) });
  t.match(past(world), [
    { nominal_at: DUE, to_at: DUE, count: 1, outcome: 'skipped', reason: 'paused' },
    { nominal_at: next_at, outcome: 'fired' },
  ]);
  t.match(row(world), { fired: 1, skipped: 1, revision: 2 });
});

t.test('an ask waits for the answer to the one before, unless overlap is allowed', async t => {
  const plan = { kind: 'ask', overlap: 'skip' } as const;
  const world = given(t, ...crowd, plansMinutely(1, web, api, plan), untilDue);
  world.and(skips(1, 'overlap', DUE, { next_at })).thenVoid('stale');
  world.and(fires(1, 2, DUE, { next_at }), later(MINUTE));
  world.and(fires(1, 3, next_at, { next_at: next_at + MINUTE })).thenVoid('stale');
  world.and(skips(1, 'overlap', next_at, { next_at: next_at + MINUTE })).thenApplied();
  t.match(row(world), { last: { nominal_at: next_at, outcome: 'skipped', reason: 'overlap' } });
  world.and(p.closes(api, 2, 'replied'), later(MINUTE));
  world.and(skips(1, 'overlap', next_at + MINUTE)).thenVoid('stale');
  world.and(fires(1, 4, next_at + MINUTE)).thenApplied();

  const allowed = plansMinutely(1, web, api, { ...plan, overlap: 'allow' });
  given(t, ...crowd, allowed, untilDue, fires(1, 2, DUE, { next_at }), later(MINUTE))
    .and(skips(1, 'overlap', next_at))
    .thenVoid('stale')
    .and(fires(1, 3, next_at))
    .thenApplied();
  given(t, ...crowd, plansMinutely(1, web, api), untilDue, fires(1, 2, DUE, { next_at }))
    .and(later(MINUTE), fires(1, 3, next_at))
    .thenApplied();
});

t.test('a full inbox is a reason to skip, and none when it is not full', async t => {
  const long = 'x'.repeat(limits.text_bytes);
  const count = Math.ceil(limits.inbox_chars / long.length);
  const flood = Array.from({ length: count }, (_, n) => tells(100 + n, web, api, long));
  const world = given(t, ...crowd, plansMinutely(1, web, api, { text: long }), untilDue);
  world
    .and(skips(1, 'inbox_full', DUE, { next_at }))
    .thenVoid('stale')
    .and(...flood);
  world.and(fires(1, 2, DUE, { next_at })).thenVoid('stale');
  world.and(skips(1, 'inbox_full', DUE, { next_at })).thenApplied();
  t.match(row(world), { state: 'active', next_at, skipped: 1, last: { reason: 'inbox_full' } });
});

t.test('an asker who has no room for the answer does not ask', async t => {
  const flood = Array.from({ length: limits.inbox_items }, (_, n) => tells(100 + n, api, web, 'x'));
  const world = given(t, ...crowd);
  for (let n = 0; n < flood.length; n += 250) world.mesh.say(...flood.slice(n, n + 250));
  world.and(untilDue, plansMinutely(1, web, api, { kind: 'ask' }), plansMinutely(2, web, api));
  world.and(fires(1, 3, DUE, { next_at })).thenVoid('stale');
  world.and(skips(1, 'inbox_full', DUE, { next_at })).thenApplied();
  world.and(fires(2, 4, DUE, { next_at })).thenApplied();
});

t.test('a spent budget is a reason to skip, until another day begins', async t => {
  const day = 86_400_000;
  const world = given(t, ...crowd, plansMinutely(1, web, api, { catch_up: 'all' }), untilDue);
  world.and(bounds(web, { tokens_per_day: 10 }));
  world
    .and(skips(1, 'budget_spent', DUE, { next_at }))
    .thenVoid('stale')
    .and(uses(web));
  world.and(fires(1, 2, DUE, { next_at })).thenVoid('stale');
  world.and(skips(1, 'budget_spent', DUE, { next_at })).thenApplied();
  t.match(row(world), { state: 'active', last: { reason: 'budget_spent' } });
  world.and(later(day), skips(1, 'budget_spent', next_at)).thenVoid('stale');
  world.and(fires(1, 3, next_at)).thenApplied();
});

t.test('what a schedule said is traced like anything else that was sent', async t => {
  for (const [kind, ref] of [
    ['notify', msgNo(2)],
    ['ask', askNo(2)],
  ] as const) {
    const world = given(t, ...crowd, plans(1, web, api, { kind }), untilDue, fires(1, 2));
    world.and(sees(api, ref));
    const fold = new Fold();
    const trace = new Trace(ref);
    for (const delivery of world.mesh.log) trace.commit(fold.commit(delivery));
    t.equal(trace.circle, 'default');
    t.match(trace.stages, [
      { stage: 'accepted', by: web.peer },
      { stage: 'offered', by: api.peer },
      { stage: 'seen', by: api.peer },
    ]);
  }
});

t.test('a recipient that has left ends the schedule, and who planned it is told', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api), untilDue);
  world.and(skips(1, 'recipient_retired')).thenVoid('stale').and(leaves(api));
  world.and(fires(1, 2, DUE, { next_at })).thenVoid('stale');
  world.and(skips(1, 'recipient_retired')).thenApplied();
  t.match(row(world), { state: 'cancelled', next_at: undefined, skipped: 1 });
  world.thenInbox(web, {
    kind: 'system',
    ref: schedNo(1),
    from: api.peer,
    schedule: schedNo(1),
    text: 'A schedule has ended, as api has left: wake up',
  });
});

t.test('a token that ends silences what its peers had planned', async t => {
  const bound = p.person('bound', { token: p.tokenNo(50) });
  const world = given(t, ...crowd, p.makesToken(50), joins(bound), plansMinutely(1, bound, api));
  world.and(untilDue, skips(1, 'unauthorized')).thenVoid('stale').and(p.revokes(50));
  world.and(fires(1, 2, DUE, { next_at })).thenVoid('stale');
  world.and(skips(1, 'unauthorized')).thenApplied().thenInbox(api);
  t.match(row(world), { state: 'cancelled', last: { reason: 'unauthorized' } });
});

t.test(
  'a time is missed only when it is late, and never the newest that is made up for',
  async t => {
    const late = limits.schedule_late_ms;
    const missed = (n: number, count: number, at?: number) => {
      const range = { count, to_at: DUE + (count - 1) * MINUTE };
      return skips(n, 'missed', DUE, at === undefined ? range : { ...range, next_at: at });
    };
    const world = given(
      t,
      ...crowd,
      plansMinutely(1, web, api, { catch_up: 'skip' }),
      plansMinutely(2, web, api, { catch_up: 'last' }),
      plans(3, web, api, { catch_up: 'all' }),
      plans(4, web, api, { catch_up: 'skip' }),
      untilDue,
      later(late),
    );
    world
      .and(missed(1, 1, next_at))
      .thenVoid('early')
      .and(missed(4, 1))
      .thenVoid('early');
    world.and(later(1), missed(1, 2, DUE + 2 * MINUTE)).thenVoid('early');
    world.and(missed(1, 1, next_at)).thenApplied();
    world.and(missed(2, 2, DUE + 2 * MINUTE)).thenVoid('stale');
    world.and(missed(2, 1, next_at)).thenApplied();
    world.and(missed(3, 1)).thenVoid('stale');
    world.and(missed(4, 1)).thenApplied();
    world.and(later(MINUTE), missed(2, 1)).thenVoid('stale').and(fires(3, 30)).thenApplied();
    t.match(row(world, 4), { state: 'done', fired: 0, skipped: 1 });
  },
);

t.test('the newest past times are kept, and the last of each schedule', async t => {
  const world = given(t, ...crowd, plansMinutely(1, web, api), untilDue);
  const count = limits.schedule_history_items + 7;
  for (let n = 0; n < count; n++) {
    const at = DUE + n * MINUTE;
    world.and(fires(1, 100 + n, at, { next_at: at + MINUTE }), later(MINUTE));
  }
  t.equal(past(world)?.length, limits.schedule_history_items);
  t.match(past(world)?.at(-1), { nominal_at: DUE + (count - 1) * MINUTE });
  t.match(row(world), { fired: count, last: { outcome: 'fired' } });
});
