// A handover moves what an orchestrator owes, awaits and has planned, each thing once.
import t, { type Test } from 'tap';
import * as p from '../../dsl/events.js';
import {
  askNo,
  asks,
  closes,
  connects,
  db,
  disconnects,
  handed,
  joins,
  joinsAway,
  msgNo,
  sees,
  tells,
  web,
} from '../../dsl/events.js';
import { askOf, closesOf, fansOut } from '../../dsl/events-asks.js';
import { ann, boss, deputy, handsOver, takesOver } from '../../dsl/events-handovers.js';
import * as j from '../../dsl/events-jobs.js';
import * as r from '../../dsl/events-reviews.js';
import * as s from '../../dsl/events-schedules.js';
import * as w from '../../dsl/events-watches.js';
import { given, later } from '../../dsl/given.js';

type Steps = Parameters<typeof given>[1][];

/** Everybody is here but the orchestrator, which was cut off after all that it did. */
const after = (t: Test, ...did: Steps) =>
  given(t, ...[boss, deputy, ann, web, db].map(who => joins(who)), ...did, disconnects(boss));
const taken = (t: Test, ...did: Steps) =>
  after(t, ...did)
    .and(takesOver(deputy, boss))
    .thenApplied();

t.test('the answer to an open ask comes to the successor, who alone may cancel it', async t => {
  taken(t, asks(1, boss, web), asks(2, boss, db))
    .thenAsk(1, { state: 'open', from: deputy.peer, to: web.peer, handed_from: boss.peer })
    .and(closes(web, 1, 'replied', { text: 'yes' }))
    .thenInbox(deputy, { kind: 'reply', ref: askNo(1), text: 'yes', outcome: 'replied' })
    .and(closes(boss, 2, 'cancelled'))
    .thenVoid('not_yours')
    .when(boss, 'ask.close', { ask: askNo(2), outcome: 'cancelled' })
    .thenRefused('not_yours', { peer: deputy.peer }, /deputy, who took over from you/)
    .and(closes(deputy, 2, 'cancelled'))
    .thenApplied()
    .thenInbox(boss, { kind: 'system', from: deputy.peer });
});

t.test(
  'an ask of the former one is owed by the successor, seen or not, and answered once',
  async t => {
    taken(t, asks(1, web, boss, 'unseen'), asks(2, web, boss, 'seen'), sees(boss, askNo(2)))
      .thenInbox(
        deputy,
        { ref: askNo(1), from: web.peer, repeated: true, handed_from: boss.peer },
        { ref: askNo(2), from: web.peer, repeated: true, handed_from: boss.peer },
      )
      .and(closes(boss, 1, 'replied', { text: 'from beyond' }))
      .thenVoid('not_yours')
      .and(closes(deputy, 1, 'replied', { text: 'yes' }))
      .thenInbox(web, { kind: 'reply', ref: askNo(1), from: deputy.peer })
      .thenInbox(deputy, { ref: askNo(2) });
  },
);

t.test('a close in the same commit is told to whom it belongs at its place', async t => {
  const { mesh } = after(t, asks(1, boss, web), asks(2, boss, web));
  const [before, over, since] = mesh.say(
    closes(web, 1, 'replied', { text: 'first' }),
    takesOver(deputy, boss),
    closes(web, 2, 'replied', { text: 'second' }),
  ).records;
  t.same([before!.void, over!.void, since!.void], [undefined, undefined, undefined]);
  const items = [...mesh.table.inbox.boxes.get(deputy.peer)!.items.values()];
  t.same(
    items.map(({ kind, text }) => [kind, text]),
    [
      ['reply', 'first'],
      ['reply', 'second'],
    ],
  );
});

t.test('unseen mail moves in its order, what may have been shown is repeated', async t => {
  const world = after(
    t,
    disconnects(boss),
    tells(1, web, boss, 'one'),
    tells(2, web, boss, 'two'),
    handed(boss, { session: 's', refs: [msgNo(1)] }),
    p.calls(3, web, 'all'),
    tells(4, web, deputy, 'own'),
  );
  world
    .and(takesOver(deputy, boss))
    .thenInbox(
      deputy,
      { ref: msgNo(3), handed_from: undefined },
      { ref: msgNo(4) },
      { ref: msgNo(1), repeated: true, handed: undefined, handed_at: undefined, text: 'one' },
      { ref: msgNo(2), repeated: undefined, handed_from: boss.peer },
    );
  world
    .thenRow(table => [1, 2, 3].map(n => table.messages.live.get(msgNo(n))?.waiting), [1, 1, 3])
    .and(p.retracts(web, 2))
    .thenRow(table => table.inbox.boxes.get(deputy.peer)?.items.has(msgNo(2)), false);
});

t.test(
  'what is acknowledged up to a place is never what came from another inbox later',
  async t => {
    const world = after(t, tells(1, web, boss, 'old'), tells(2, web, deputy, 'new'));
    const seen = world.mesh.table.inbox.boxes.get(deputy.peer)!.items.get(msgNo(2))!.position;
    world
      .and(takesOver(deputy, boss), p.acks(deputy, { up_to: seen }))
      .thenInbox(deputy, { ref: msgNo(1) });
  },
);

t.test('two digests become one, out of which any message may still be taken back', async t => {
  const away = [boss, deputy].map(who => joinsAway(who));
  given(t, joins(web), ...away)
    .and(
      p.digests(1, web, boss, 'b1'),
      p.digests(2, web, deputy, 'd1'),
      p.digests(3, web, boss, 'b2'),
    )
    .and(later(60_000), takesOver(deputy, boss))
    .thenInbox(deputy, {
      refs: [2, 1, 3].map(msgNo),
      ref: msgNo(3),
      text: /^3 messages.*d1.*b1.*b2/s,
    })
    .and(p.retracts(web, 2), p.retracts(web, 3))
    .thenInbox(deputy, { refs: [msgNo(1)], ref: msgNo(1) });
});

t.test(
  'jobs go on: their end is told to the successor, the attempt of the former is fenced',
  async t => {
    const world = taken(
      t,
      j.makesJob(1, boss),
      j.claims(web, 1),
      j.makesJob(2, web, { owner: boss.peer }),
      j.assigns(3, web, boss),
      j.assigns(4, web, boss),
      j.claims(boss, 4),
      sees(boss, j.jobNo(3)),
    );
    world
      .thenJob(1, { from: deputy.peer, worker: web.peer, state: 'claimed', handed_from: boss.peer })
      .thenJob(2, { from: web.peer, owner: deputy.peer, state: 'queued' })
      .thenJob(3, { to: deputy.peer, state: 'queued' })
      .thenJob(4, { to: deputy.peer, worker: boss.peer, state: 'claimed' })
      .thenInbox(deputy, { kind: 'job', ref: j.jobNo(3), repeated: true })
      .and(j.finishes(web, 1))
      .thenInbox(
        deputy,
        { ref: j.jobNo(3) },
        { kind: 'job', ref: j.jobNo(1), outcome: 'completed' },
      )
      .and(j.claims(boss, 3))
      .thenVoid('not_yours')
      .and(j.cancels(boss, 2))
      .thenVoid('not_yours')
      .and(j.claims(deputy, 3))
      .thenApplied()
      .and(j.updates(boss, 4))
      .thenApplied();
    world
      .and(later(300_001), j.lapses(4, 1))
      .thenJob(4, { state: 'queued', to: deputy.peer })
      .and(j.claims(deputy, 4), j.finishes(boss, 4, 1))
      .thenVoid('lease_stale');
  },
);

t.test('an order to stop stays with the worker that was asked', async t => {
  taken(t, j.makesJob(1, web), j.claims(boss, 1), j.cancels(web, 1))
    .thenInbox(boss, { kind: 'system', ref: j.jobNo(1) }, { kind: 'system', from: deputy.peer })
    .thenInbox(deputy);
});

t.test('a schedule fires once for the successor, also a time proposed before', async t => {
  const world = taken(
    t,
    s.plansMinutely(1, boss, web),
    s.plans(2, boss, boss),
    s.plans(3, web, boss),
  )
    .thenRow(({ schedules }) => schedules.get(s.schedNo(2))?.row.to, deputy.peer)
    .thenRow(({ schedules }) => schedules.get(s.schedNo(3))?.row.by, web.peer);
  world
    .and({ later: s.DUE - p.T0 }, s.fires(1, 101, s.DUE, { next_at: s.DUE + s.MINUTE }))
    .thenApplied()
    .thenInbox(web, { kind: 'notify', from: deputy.peer })
    .and(s.fires(1, 102, s.DUE, { next_at: s.DUE + s.MINUTE }))
    .thenVoid('stale')
    .and(s.fires(2, 103), s.fires(3, 104))
    .thenInbox(deputy, { from: deputy.peer }, { from: web.peer })
    .and(s.callsOff(boss, 1))
    .thenVoid('not_yours')
    .and(s.callsOff(deputy, 1))
    .thenApplied();
});

t.test('a review that was owed is owed by the successor, one that was given is not', async t => {
  const world = taken(t, r.pushes(web, 1, 1), r.requests(web, 1, boss), r.pushes(web, 2, 2))
    .thenReview('default', r.pull(1), { requests: [{ of: deputy.peer, by: [web.peer] }] })
    .thenInbox(deputy, { ref: r.pull(1) });
  world.and(r.marks(deputy, 1)).thenInbox(deputy);
  const given = taken(t, r.pushes(web, 1, 1), r.marks(boss, 1));
  const marks = given.mesh.table.reviews.get('default', r.pull(1))?.marks;
  t.match(marks, [{ peer: deputy.peer, sha: r.sha(1) }], 'it counts as the successor’s');
});

t.test('between the two of them an ask is one that the successor owes itself', async t => {
  taken(t, asks(1, boss, deputy, 'down'), asks(2, deputy, boss, 'up'))
    .thenAsk(1, { from: deputy.peer, to: deputy.peer, state: 'open' })
    .thenInbox(deputy, { ref: askNo(1) }, { ref: askNo(2), repeated: true })
    .and(closes(deputy, 2, 'replied', { text: 'I know' }))
    .thenInbox(deputy, { ref: askNo(1), kind: 'ask' }, { ref: askNo(2), kind: 'reply' })
    .and(closes(deputy, 1, 'cancelled'))
    .thenApplied();
});

t.test('a fan-out that is half answered is its successor’s to read', async t => {
  taken(t, fansOut(1, boss, [web, db]), closesOf(web, askOf(1, 1), 'replied', { text: 'a' }))
    .thenRow(table => table.asks.groups.get(askNo(1))?.from, deputy.peer)
    .thenInbox(deputy, { kind: 'reply', repeated: true });
});

t.test('who comes back is told who has taken over, and begins anew', async t => {
  const world = taken(t, asks(1, boss, web)).and(connects(boss));
  world
    .thenInbox(boss, { kind: 'system', from: deputy.peer, text: /^deputy took over from you/ })
    .thenPeer(boss, { handed: { to: deputy.peer, at: p.T0 } })
    .and(asks(2, boss, web))
    .thenAsk(2, { from: boss.peer, handed_from: undefined });
});

t.test('the note reaches both where somebody else hands over', async t => {
  after(t, asks(1, boss, web))
    .and(handsOver(ann, boss, deputy, { note: 'see board 7' }))
    .thenInbox(deputy, { kind: 'system', from: boss.peer, text: /boss.*\nsee board 7$/ })
    .thenInbox(boss, { kind: 'system', text: /\nsee board 7$/ });
});

t.test('a watch tells the successor of what it had not told, and is its own to end', async t => {
  const older = { when: 'ask.older_than', by_me: true, age_s: 60 } as const;
  const world = taken(t, asks(1, boss, web), w.watches(9, boss, boss, older))
    .thenRow(({ watches: rows }) => rows.get(w.watchNo(9))?.by, deputy.peer)
    .thenRow(({ watches: rows }) => rows.get(w.watchNo(9))?.to, deputy.peer)
    .and(w.unwatches(boss, 9))
    .thenVoid('not_yours');
  world
    .and(later(60_000), w.watchFires(9, 101, [askNo(1)], { up_to: p.T0 + 60_000 }))
    .thenApplied();
  world.thenInbox(deputy, { kind: 'notify', text: /deputy asked web/ });
  world.and(w.unwatches(deputy, 9)).thenApplied();
});
