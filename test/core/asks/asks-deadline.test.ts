// The rules of deadlines: judged by log time alone, and whoever is late is late.
import fc from 'fast-check';
import t from 'tap';
import { Fold } from '../../../broker/core/fold.js';
import type { Delivery } from '../../../broker/core/words.js';
import * as p from '../../dsl/events.js';
import { api, askNo, asks, closes, db, joins, T0, web } from '../../dsl/events.js';
import { lapses, permission } from '../../dsl/events-asks.js';
import { given, later } from '../../dsl/given.js';
import { finds, runs } from '../../dsl/histories.js';
import { Mesh } from '../../dsl/test-log.js';

const three = [joins(web), joins(api), joins(db)];
const soon = { deadline_at: T0 + 1_000 };

t.test('a deadline may be given as people write it, and must be ahead', async t => {
  const world = given(t, ...three);
  const ask = { to: 'api', text: 'so?' };
  for (const deadline_at of [T0, T0 - 1, 'yesterday', '2020-01-01']) {
    world.when(web, 'ask.open', { ...ask, deadline_at }).thenRefused('invalid');
    world.when(web, 'ask.fan_out', { to: ['api'], text: '?', deadline_at }).thenRefused('invalid');
  }
  world
    .when(web, 'ask.open', { ...ask, id: p.uuid(1), deadline_at: 'in 90s' })
    .thenEvent({ deadline_at: T0 + 90_000 })
    .thenAsk(1, { deadline_at: T0 + 90_000 })
    .thenInbox(api, { deadline_at: T0 + 90_000 });
});

t.test('an ask expires at its deadline, and not a millisecond before', async t => {
  given(t, ...three, asks(1, web, api, 'so?', soon), later(999), lapses(askNo(1)))
    .thenVoid('early')
    .thenAsk(1, { state: 'open' })
    .and(later(1), lapses(askNo(1)))
    .thenApplied()
    .thenAsk(1, { state: 'closed', outcome: 'expired', reply: undefined, closed_at: T0 + 1_000 })
    .thenInbox(api)
    .thenInbox(web, { kind: 'reply', from: api.peer, outcome: 'expired', text: '', ref: askNo(1) })
    .and(lapses(askNo(1)))
    .thenVoid('stale');
});

t.test('only an open ask with a deadline expires', async t => {
  given(t, ...three, lapses(askNo(1))).thenVoid('stale');
  given(t, ...three, asks(1, web, api), later(9_000), lapses(askNo(1))).thenVoid('stale');
  const answered = [asks(1, web, api, 'so?', soon), closes(api, 1, 'replied')];
  given(t, ...three, ...answered, later(1_000), lapses(askNo(1)))
    .thenVoid('stale')
    .thenAsk(1, { outcome: 'replied', deadline_at: T0 + 1_000 });
});

t.test('a permission that nobody granted is denied at its deadline', async t => {
  const ask = asks(1, web, api, 'may I?', { ...soon, question: permission });
  given(t, ...three, ask, later(1_000), lapses(askNo(1)))
    .thenAsk(1, { outcome: 'denied', reason: 'deadline', reply: undefined })
    .thenInbox(web, { kind: 'reply', outcome: 'denied', reason: 'deadline', text: '' });
});

t.test('a denial that somebody gave is told as theirs', async t => {
  const ask = asks(1, web, api, 'may I?', { ...soon, question: permission });
  given(t, ...three, ask, closes(api, 1, 'denied'))
    .thenAsk(1, { outcome: 'denied', reason: undefined, reply: { by: api.peer } })
    .thenInbox(web, { kind: 'reply', from: api.peer, outcome: 'denied', reason: undefined });
});

t.test('every close at or after the deadline is void, said to have expired or not', async t => {
  for (const [question, ended] of [
    [undefined, 'expired'],
    [permission, 'denied'],
  ] as const) {
    const world = given(t, ...three, asks(1, web, api, 'so?', { ...soon, question }), later(1_000));
    for (const outcome of ['acknowledged', 'replied', 'declined', 'denied'] as const) {
      const close = { ask: askNo(1), outcome };
      world.when(api, 'ask.close', close).thenRefused('ask_closed', { outcome: ended });
      world.and(closes(api, 1, outcome)).thenVoid('ask_closed');
    }
    world.and(closes(web, 1, 'cancelled')).thenVoid('ask_closed');
    world.and(asks(2, api, web, 'why?', { reply_to: askNo(1) })).thenVoid('ask_closed');
    world.thenAsk(1, { state: 'open' }).thenInbox(web);
    world.and(lapses(askNo(1))).thenAsk(1, { outcome: ended });
  }
});

t.test('a close just before the deadline stands', async t => {
  const ask = asks(1, web, api, 'may I?', { ...soon, question: permission });
  given(t, ...three, ask, later(999), closes(api, 1, 'replied'), later(1), lapses(askNo(1)))
    .thenVoid('stale')
    .thenAsk(1, { outcome: 'replied' });
});

t.test('who has seen an ask is told that it expired, who has not is spared it', async t => {
  const text = 'x'.repeat(300);
  given(t, ...three, asks(1, web, api, text, soon), p.sees(api, askNo(1)), later(1_000))
    .and(lapses(askNo(1)))
    .thenInbox(api, {
      kind: 'system',
      from: web.peer,
      ref: askNo(1),
      outcome: 'expired',
      text: `Expired: ${'x'.repeat(200)}`,
    });
});

t.test('who leaves after the deadline but before it is said ends its asks as retired', async t => {
  given(t, ...three, asks(1, web, api, 'so?', soon), later(1_000), p.leaves(api), lapses(askNo(1)))
    .thenVoid('stale')
    .thenAsk(1, { outcome: 'retired' });
});

t.test(
  'a deadline that has passed when the ask comes to the log lets it expire at once',
  async t => {
    given(t, ...three, asks(1, web, api, 'so?', { deadline_at: T0 - 1 }))
      .thenApplied()
      .and(closes(api, 1, 'replied'))
      .thenVoid('ask_closed')
      .and(lapses(askNo(1)))
      .thenAsk(1, { outcome: 'expired' });
    for (const deadline_at of [0.5, Number.MAX_VALUE]) {
      given(t, ...three, asks(1, web, api, 'so?', { deadline_at })).thenVoid('malformed');
    }
  },
);

interface Step {
  n: number;
  act: 'ask' | 'answer' | 'cancel' | 'answer back' | 'lapse';
  pause: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  n: fc.nat({ max: 3 }),
  act: fc.constantFrom('ask', 'answer', 'cancel', 'answer back', 'lapse'),
  pause: fc.constantFrom(0, 1, 400, 999, 1_000),
});

/** A log in which asks of a second each are answered, cancelled and said to have expired. */
function told(steps: readonly Step[]): Delivery[] {
  const mesh = new Mesh();
  mesh.say(p.opened(), p.started(p.GATEWAY, p.BOOT), ...three);
  for (const [i, { n, act, pause }] of steps.entries()) {
    mesh.now += pause;
    const more = { question: n % 2 ? permission : undefined, deadline_at: mesh.now + 1_000 };
    const drafts = {
      ask: asks(n, web, api, 'so?', more),
      answer: closes(api, n, 'replied'),
      cancel: closes(web, n, 'cancelled'),
      'answer back': asks(100 + i, api, web, 'why?', { reply_to: askNo(n) }),
      lapse: lapses(askNo(n)),
    };
    mesh.say(drafts[act]);
  }
  return mesh.log;
}

/** In no history is an ask closed by a peer, or a permission granted, at its deadline or later. */
function nothingLate(make: () => Fold): void {
  const law = fc.property(fc.array(step, { maxLength: 30, size: 'max' }), steps => {
    const fold = make();
    const deadlines = new Map<string, number>();
    for (const delivery of told(steps)) {
      const { records, time } = fold.commit(delivery);
      for (const { event, void: reason } of records) {
        if (reason !== undefined || event === undefined) continue;
        const closed = event.type === 'ask.closed' ? event.ask : undefined;
        const answered = event.type === 'ask.opened' ? event.reply_to : closed;
        if (answered !== undefined && time >= (deadlines.get(answered) ?? time + 1)) return false;
        if (event.type === 'ask.opened') {
          deadlines.set(event.ask, event.deadline_at ?? Number.POSITIVE_INFINITY);
        }
      }
    }
    return true;
  });
  fc.assert(law, runs(150));
}

t.test('in no history does a peer close an ask at its deadline or later', async t => {
  nothingLate(() => new Fold());
  class Forgiving extends Fold {
    override commit(delivery: Delivery) {
      for (const row of this.table.asks.open.values()) row.deadline_at = undefined;
      return super.commit(delivery);
    }
  }
  finds(t, () => nothingLate(() => new Forgiving()), 'a fold that forgives the late');
});
