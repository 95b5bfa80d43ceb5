// Tracing: the stages of one ask or message, in the order of the log, by whom.
import t from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { Trace } from '../../broker/core/messages/trace.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import {
  api,
  askNo,
  asks,
  calls,
  db,
  digests,
  joins,
  joinsAway,
  msgNo,
  tells,
  web,
} from '../dsl/events.js';
import { askOf, closesOf, fansOut, lapses } from '../dsl/events-asks.js';
import { given, later } from '../dsl/given.js';

/** "stage by whom" of everything that became of the thing. */
function stages(log: ReturnType<typeof given>['mesh']['log'], ref: string): string[] {
  const trace = new Trace(ref);
  const fold = new Fold();
  for (const delivery of log) trace.commit(fold.commit(delivery));
  const names = new Map([web, api, db].map(who => [who.peer, who.name]));
  return trace.stages.map(({ stage, by }) => `${stage} ${names.get(by) ?? by}`);
}

const three = [joins(web), joins(api), joins(db)];
const away = [joins(web), joinsAway(api)];

function traced(
  t: Parameters<typeof given>[0],
  ref: string,
  ...steps: Parameters<typeof given>[1][]
) {
  return stages(given(t, ...steps).mesh.log, ref);
}

t.test('an ask is accepted, offered, seen and closed', async t => {
  t.same(
    traced(
      t,
      askNo(1),
      ...three,
      asks(1, web, api),
      p.sees(api, askNo(1)),
      p.closes(api, 1, 'replied'),
    ),
    ['accepted web', 'offered api', 'seen api', 'closed api'],
  );
});

t.test('what a hook was given is handed, each time, and seen only by its proof', async t => {
  const s1 = { session: 's1' };
  const hands = p.handed(api, { ...s1, refs: [askNo(1)] });
  const steps = [asks(1, web, api), hands, hands, p.handed(api, { ...s1, seen: [askNo(1)] })];
  t.same(traced(t, askNo(1), ...three, ...steps, p.closes(api, 1, 'replied')), [
    'accepted web',
    'offered api',
    'handed api',
    'handed api',
    'seen api',
    'closed api',
  ]);
});

t.test('answering at once is seeing; the reply’s own item is another thing', async t => {
  const steps = [asks(1, web, api), p.closes(api, 1, 'replied'), p.sees(web, askNo(1))];
  t.same(traced(t, askNo(1), ...three, ...steps), [
    'accepted web',
    'offered api',
    'seen api',
    'closed api',
  ]);
});

t.test('a reply_to closes the first ask and begins the second', async t => {
  const steps = [asks(1, web, api), asks(2, api, web, 'why?', { reply_to: askNo(1) })];
  t.same(traced(t, askNo(1), ...three, ...steps), [
    'accepted web',
    'offered api',
    'seen api',
    'closed api',
  ]);
  t.same(traced(t, askNo(2), ...three, ...steps), ['accepted api', 'offered web']);
});

t.test('a cancel closes without having been seen', async t => {
  t.same(traced(t, askNo(1), ...three, asks(1, web, api), p.closes(web, 1, 'cancelled')), [
    'accepted web',
    'offered api',
    'closed web',
  ]);
});

t.test('an ask to who leaves is closed by that, and was not seen', async t => {
  t.same(traced(t, askNo(1), ...three, asks(1, web, api), p.leaves(api)), [
    'accepted web',
    'offered api',
    'closed api',
  ]);
  t.same(traced(t, askNo(1), ...three, asks(1, web, api), p.kills(api)), [
    'accepted web',
    'offered api',
    'closed operator',
  ]);
});

t.test('an ask that expires does so for whom it was there, and nobody closed it', async t => {
  const ask = asks(1, web, api, 'so?', { deadline_at: p.T0 + 1_000 });
  const steps = [ask, later(1_000), lapses(askNo(1))];
  t.same(traced(t, askNo(1), ...three, ...steps), ['accepted web', 'offered api', 'expired api']);
});

t.test('an ask to who is given up for gone is closed by that', async t => {
  const gone = [later(limits.peer_gone_ms), p.retired(api)];
  t.same(traced(t, askNo(1), ...away, asks(1, web, api), ...gone), [
    'accepted web',
    'closed boot_a',
  ]);
});

t.test('each ask of a fan-out has stages of its own, the fan-out has none', async t => {
  const steps = [fansOut(1, web, [api, db]), p.sees(db, askOf(1, 2))];
  const closed = closesOf(api, askOf(1, 1), 'declined');
  t.same(traced(t, askOf(1, 1), ...three, ...steps, closed), [
    'accepted web',
    'offered api',
    'seen api',
    'closed api',
  ]);
  t.same(traced(t, askOf(1, 2), ...three, ...steps, closed), [
    'accepted web',
    'offered db',
    'seen db',
  ]);
  t.same(traced(t, askNo(1), ...three, ...steps, closed), []);
});

t.test('what waited is offered once its peer is back, however it comes back', async t => {
  for (const back of [p.connects(api), joins(api), p.takes(api)]) {
    t.same(traced(t, msgNo(1), ...away, tells(1, web, api, 'x'), back, p.sees(api, msgNo(1))), [
      'accepted web',
      'offered api',
      'seen api',
    ]);
  }
});

t.test('a message may expire or be taken back unseen', async t => {
  const soon = { expires_at: p.T0 + 1_000 };
  t.same(traced(t, msgNo(1), ...three, tells(1, web, api, 'x', soon), later(1_000)), [
    'accepted web',
    'offered api',
    'expired api',
  ]);
  t.same(traced(t, msgNo(1), ...three, tells(1, web, api, 'x'), p.retracts(web, 1)), [
    'accepted web',
    'offered api',
    'retracted web',
  ]);
  const newer = tells(2, web, api, 'y', { supersedes: msgNo(1) });
  t.same(traced(t, msgNo(1), ...three, tells(1, web, api, 'x'), newer), [
    'accepted web',
    'offered api',
    'retracted web',
  ]);
});

t.test('a note to oneself that is superseded was taken back, not seen', async t => {
  const newer = tells(2, web, web, 'y', { supersedes: msgNo(1) });
  t.same(traced(t, msgNo(1), ...three, tells(1, web, web, 'x'), newer), [
    'accepted web',
    'offered web',
    'retracted web',
  ]);
});

t.test('a broadcast has its stages for every peer that hears it', async t => {
  const steps = [calls(1, web, 'all'), p.sees(db, msgNo(1)), p.retracts(web, 1)];
  t.same(traced(t, msgNo(1), ...three, ...steps), [
    'accepted web',
    'offered api',
    'offered db',
    'seen db',
    'retracted web',
  ]);
});

t.test('a message is followed through the digest that carries it', async t => {
  const steps = [digests(1, web, api, '1'), digests(2, web, api, '2'), digests(3, web, api, '3')];
  const back = [p.connects(api), p.sees(api, msgNo(3))];
  t.same(traced(t, msgNo(1), ...away, ...steps, ...back), [
    'accepted web',
    'offered api',
    'seen api',
  ]);
  t.same(traced(t, msgNo(2), ...away, ...steps, p.retracts(web, 2), ...back), [
    'accepted web',
    'retracted web',
  ]);
  t.same(traced(t, msgNo(1), ...away, ...steps, p.retracts(web, 3), p.connects(api)), [
    'accepted web',
    'offered api',
  ]);
});

t.test('a void event is no stage, and an unknown thing has none', async t => {
  const steps = [asks(1, web, api), p.closes(db, 1, 'replied'), p.closes(api, 9, 'replied')];
  t.same(traced(t, askNo(1), ...three, ...steps), ['accepted web', 'offered api']);
  t.same(traced(t, askNo(9), ...three, ...steps), []);
});

t.test(
  'a message that was not to wait for its peer is dropped; offered when it is here',
  async t => {
    const drop = tells(1, web, api, 'now', { backlog: 'drop' });
    t.same(traced(t, msgNo(1), ...away, drop), ['accepted web', 'dropped api']);
    t.same(traced(t, msgNo(1), ...three, drop), ['accepted web', 'offered api']);
  },
);
