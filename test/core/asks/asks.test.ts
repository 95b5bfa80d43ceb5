// The rules of the asks: who may open, answer, decline and cancel, and what closes by itself.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import {
  api,
  askNo,
  asks,
  closes,
  db,
  far,
  joins,
  leaves,
  msgNo,
  tells,
  web,
} from '../../dsl/events.js';
import { given, later } from '../../dsl/given.js';

const three = [joins(web), joins(api), joins(db)];

t.test('an ask is open until its recipient answers it', async t => {
  given(t, ...three)
    .when(web, 'ask.open', { id: p.uuid(1), to: 'api', text: 'may I merge?' })
    .thenAnswer({ ask: askNo(1), delivery: 'offered' })
    .thenAsk(1, { state: 'open', from: web.peer, to: api.peer, circle: 'default', hops: 0 })
    .thenInbox(api, { kind: 'ask', ref: askNo(1), from_name: 'web', text: 'may I merge?' })
    .and(later(1_000))
    .when(api, 'ask.close', { ask: askNo(1), outcome: 'replied', text: 'yes' })
    .thenEvent({ type: 'ask.closed', circle: 'default' })
    .thenAsk(1, { state: 'closed', outcome: 'replied', reply: { text: 'yes', by: api.peer } })
    .thenAsk(1, { opened_at: p.T0, closed_at: p.T0 + 1_000 })
    .thenInbox(api)
    .thenInbox(web, { kind: 'reply', ref: askNo(1), text: 'yes', outcome: 'replied' });
});

t.test('an ask to who is away is queued', async t => {
  given(t, joins(web), p.joinsAway(api))
    .when(web, 'ask.open', { to: 'api', text: 'there?' })
    .thenAnswer({ delivery: 'queued' })
    .thenInbox(api, { kind: 'ask', offered: false });
});

t.test('the recipient may close an ask with every outcome but cancelled', async t => {
  for (const outcome of ['acknowledged', 'replied', 'declined', 'denied'] as const) {
    given(t, ...three, asks(1, web, api))
      .when(api, 'ask.close', { ask: askNo(1), outcome })
      .thenEvent({ outcome })
      .thenAsk(1, { outcome, reply: { by: api.peer } })
      .thenInbox(web, { kind: 'reply', outcome, text: '' });
  }
  const world = given(t, ...three, asks(1, web, api));
  world.when(api, 'ask.close', { ask: askNo(1), outcome: 'cancelled' }).thenRefused('not_yours');
  world
    .and(closes(api, 1, 'cancelled'))
    .thenVoid('not_yours')
    .thenAsk(1, { state: 'open' });
});

t.test('the asker may cancel and nothing else; nobody else may do either', async t => {
  const world = given(t, ...three, asks(1, web, api));
  world.when(web, 'ask.close', { ask: askNo(1), outcome: 'replied' }).thenRefused('not_yours');
  world.when(db, 'ask.close', { ask: askNo(1), outcome: 'replied' }).thenRefused('not_yours');
  world.when(db, 'ask.close', { ask: askNo(1), outcome: 'cancelled' }).thenRefused('not_yours');
  world.and(closes(db, 1, 'declined')).thenVoid('not_yours');
  world
    .when(web, 'ask.close', { ask: askNo(1), outcome: 'cancelled' })
    .thenEvent({})
    .thenAsk(1, { outcome: 'cancelled', reply: undefined })
    .thenInbox(api)
    .thenInbox(web);
});

t.test('a cancel tells the recipient who has already seen the ask', async t => {
  given(t, ...three, asks(1, web, api, 'x'.repeat(300)), p.sees(api, askNo(1)))
    .thenInbox(api)
    .and(closes(web, 1, 'cancelled'))
    .thenInbox(api, { kind: 'system', ref: askNo(1), text: `Cancelled: ${'x'.repeat(200)}` });
});

t.test('the words of a cancelled ask are never cut through a character', async t => {
  const text = `${'x'.repeat(199)}🚂 and more`;
  given(
    t,
    ...three,
    asks(1, web, api, text),
    p.sees(api, askNo(1)),
    closes(web, 1, 'cancelled'),
  ).thenInbox(api, { text: `Cancelled: ${'x'.repeat(199)}` });
});

t.test('of two closes the one with the lower position wins, the later is void', async t => {
  given(t, ...three, asks(1, web, api), closes(api, 1, 'replied', { text: 'yes' }))
    .thenApplied()
    .and(closes(web, 1, 'cancelled'))
    .thenVoid('ask_closed')
    .thenAsk(1, { outcome: 'replied' });
  given(t, ...three, asks(1, web, api), closes(web, 1, 'cancelled'), closes(api, 1, 'replied'))
    .thenVoid('ask_closed')
    .thenAsk(1, { outcome: 'cancelled' })
    .when(api, 'ask.close', { ask: askNo(1), outcome: 'declined' })
    .thenRefused('ask_closed', { outcome: 'cancelled' });
});

t.test('an ask that was never opened cannot be closed', async t => {
  const world = given(t, ...three);
  world.when(api, 'ask.close', { ask: askNo(9), outcome: 'replied' }).thenRefused('ask_unknown');
  world.and(closes(api, 9, 'replied')).thenVoid('ask_unknown');
});

t.test('nobody asks itself, the unknown or the retired', async t => {
  const world = given(t, ...three, leaves(db));
  world.when(web, 'ask.open', { to: 'web', text: 'me?' }).thenRefused('invalid');
  world.and(asks(1, web, web)).thenVoid('invalid');
  world.when(web, 'ask.open', { to: 'nobody', text: 'who?' }).thenRefused('peer_unknown');
  world.and(asks(2, web, far)).thenVoid('peer_unknown');
  world.when(web, 'ask.open', { to: db.peer, text: 'gone?' }).thenRefused('peer_retired');
  world.and(asks(3, web, db)).thenVoid('peer_retired');
});

t.test('an ask that exists is never opened over, whoever reuses its id', async t => {
  given(t, ...three, asks(1, web, api, 'mine'))
    .and({ ...asks(1, db, api, 'stolen'), id: p.uuid(2) })
    .thenVoid('invalid')
    .thenAsk(1, { from: web.peer, text: 'mine' });
});

t.test('a reply_to closes the thread and opens the next in one event', async t => {
  given(t, ...three, asks(1, web, api, 'may I?'))
    .when(api, 'ask.open', { id: p.uuid(2), to: 'web', text: 'why?', reply_to: askNo(1) })
    .thenEvent({ reply_to: askNo(1) })
    .thenAsk(1, { state: 'closed', outcome: 'replied', reply: { text: 'why?', by: api.peer } })
    .thenAsk(2, { state: 'open', reply_to: askNo(1) })
    .thenInbox(api)
    .thenInbox(web, { kind: 'ask', ref: askNo(2), reply_to: askNo(1), text: 'why?' });
});

t.test('a reply_to to a third peer tells the asker too', async t => {
  given(t, ...three, asks(1, web, api), asks(2, api, db, 'you know?', { reply_to: askNo(1) }))
    .thenApplied()
    .thenInbox(web, { kind: 'reply', ref: askNo(1), text: 'you know?', outcome: 'replied' })
    .thenInbox(db, { kind: 'ask', ref: askNo(2), reply_to: askNo(1) });
});

t.test('a reply_to opens nothing when its thread cannot be closed by who replies', async t => {
  const world = given(t, ...three, asks(1, web, api));
  world.and(asks(2, db, web, 'I say', { reply_to: askNo(1) })).thenVoid('not_yours');
  world.and(asks(3, web, api, 'and?', { reply_to: askNo(1) })).thenVoid('not_yours');
  world.and(asks(4, api, web, 'eh?', { reply_to: askNo(9) })).thenVoid('ask_unknown');
  world.and(closes(api, 1, 'declined'));
  world
    .when(api, 'ask.open', { to: 'web', text: 'still?', reply_to: askNo(1) })
    .thenRefused('ask_closed');
  world.thenAsk(2, undefined).thenAsk(3, undefined).thenAsk(4, undefined);
});

t.test('a chain of causes ends after its hops', async t => {
  const world = given(t, ...three, tells(1, web, api, 'go'));
  world.and(asks(2, api, web, 'so?', { caused_by: msgNo(1), hops: 1 })).thenAsk(2, { hops: 1 });
  world
    .when(web, 'ask.open', { id: p.uuid(3), to: 'db', text: 'then?', caused_by: askNo(2) })
    .thenEvent({ hops: 2 });
  world.and(asks(4, web, api, 'deep', { hops: limits.hops })).thenApplied();
  world
    .when(api, 'ask.open', { to: 'db', text: 'deeper', caused_by: askNo(4) })
    .thenRefused('hop_limit');
  world.and(asks(5, api, db, 'deeper', { hops: limits.hops + 1 })).thenVoid('hop_limit');
});

t.test('who leaves is waited for by nobody, and waits for nobody', async t => {
  given(t, ...three, asks(1, web, api), asks(2, api, db), asks(3, db, web), leaves(api))
    .thenAsk(1, { state: 'closed', outcome: 'retired', reply: undefined })
    .thenAsk(2, { state: 'closed', outcome: 'retired' })
    .thenAsk(3, { state: 'open' })
    .thenInbox(web, { ref: askNo(3) }, { kind: 'reply', ref: askNo(1), outcome: 'retired' })
    .thenInbox(db)
    .thenInbox(api);
});

t.test('a killed peer’s asks end as a leaving one’s do', async t => {
  given(t, ...three, asks(1, web, api), p.kills(api))
    .thenAsk(1, { outcome: 'retired' })
    .thenInbox(web, { kind: 'reply', outcome: 'retired' })
    .and(closes(web, 1, 'cancelled'))
    .thenVoid('ask_closed');
});

t.test('whoever ends a peer, the notice of it is from who was asked', async t => {
  const gone = [p.disconnects(api), later(limits.peer_gone_ms), p.retired(api)];
  for (const ends of [[leaves(api)], [p.kills(api)], gone]) {
    given(t, ...three, asks(1, web, api), asks(2, api, db), ...ends)
      .thenApplied()
      .thenAsk(1, { outcome: 'retired', reply: undefined })
      .thenInbox(web, {
        kind: 'reply',
        from: api.peer,
        from_name: 'api',
        from_role: 'agent',
        outcome: 'retired',
        text: '',
      })
      .thenInbox(db);
  }
});

t.test('every asker is told that the peer left, however much text its asks hold', async t => {
  const text = 'x'.repeat(limits.text_bytes);
  const count = Math.ceil(limits.asks_closed_chars / limits.text_bytes) + 2;
  const many = Array.from({ length: count }, (_, n) => asks(n, web, api, text));
  const world = given(t, ...three);
  for (const ask of many) world.and(ask, p.sees(api, p.askNo(many.indexOf(ask))));
  world.and(leaves(api));
  t.ok(world.mesh.table.asks.dropped > 0, 'the tail could not keep them all');
  world.thenRow(table => table.inbox.boxes.get(web.peer)?.items.size, count);
});

t.test('a reply reaches its asker in another circle', async t => {
  const anywhere = p.person('anywhere');
  given(t, joins(anywhere), joins(far), asks(1, anywhere, far))
    .thenAsk(1, { circle: 'elsewhere' })
    .and({ ...closes(far, 1, 'replied', { text: 'yes' }) })
    .thenApplied()
    .thenInbox(anywhere, { kind: 'reply', text: 'yes' });
});

t.test('too many open asks of one peer are refused until some are closed', async t => {
  const world = given(t, ...three);
  const { asks: rows } = world.mesh.table;
  const row = { state: 'open', circle: 'default', text: '', opened_at: 0, position: 0 } as const;
  for (let n = 0; n < limits.asks_open_rows; n++) {
    rows.add({ ...row, ask: askNo(n), from: web.peer, to: db.peer, hops: 0 });
  }
  world.when(web, 'ask.open', { to: 'api', text: 'more' }).thenRefused('inbox_full');
  world.and(asks(20_000, web, api)).thenVoid('inbox_full');
  world.and(closes(web, 0, 'cancelled'), asks(20_001, web, api)).thenApplied();
});
