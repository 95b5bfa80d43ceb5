// The rules of a fan-out: who may be asked together, in which circle, and what each then has.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import { api, askNo, db, far, joins, orch, person, web } from '../../dsl/events.js';
import { askOf, choice, closesOf, fansOut, lapses } from '../../dsl/events-asks.js';
import { given, later } from '../../dsl/given.js';

const all = [joins(web), joins(api), joins(db), joins(orch), joins(far)];
const thread = (group: number, n: number) => (table: ReturnType<typeof given>['mesh']['table']) =>
  table.asks.get(askOf(group, n));

t.test('each recipient has an ask of its own, numbered from 1 in the order given', async t => {
  const world = given(t, ...all)
    .when(web, 'ask.fan_out', {
      id: p.uuid(1),
      to: ['db', 'api'],
      text: 'ready?',
      question: choice as never,
      deadline_at: '1h',
      attachments: [{ name: 'a', url: 'https://a.example' }],
    })
    .thenAnswer({ group: askNo(1), asks: [askOf(1, 1), askOf(1, 2)] });
  for (const [n, who] of [db, api].entries()) {
    const deadline_at = p.T0 + 3_600_000;
    const item = { kind: 'ask', ref: askOf(1, n + 1), text: 'ready?', from: web.peer };
    const attachments = [{ name: 'a', url: 'https://a.example' }];
    world.thenInbox(who, { ...item, question: choice, deadline_at, attachments });
    const row = thread(1, n + 1)(world.mesh.table);
    t.match(row, { from: web.peer, to: who.peer, circle: 'default', group: askNo(1), deadline_at });
  }
  world.thenAsk(1, undefined);
});

t.test('each ask is answered, cancelled and expires by itself', async t => {
  const out = fansOut(1, web, [api, db, orch], { deadline_at: p.T0 + 1_000 });
  const world = given(t, ...all, out, closesOf(api, askOf(1, 1), 'replied', { text: 'yes' }))
    .thenApplied()
    .thenInbox(web, { kind: 'reply', ref: askOf(1, 1), text: 'yes', from: api.peer })
    .and(closesOf(db, askOf(1, 1), 'replied'))
    .thenVoid('not_yours')
    .and(closesOf(web, askOf(1, 2), 'cancelled'))
    .thenInbox(db)
    .and(later(1_000), lapses(askOf(1, 2)))
    .thenVoid('stale')
    .and(lapses(askOf(1, 3)))
    .thenApplied();
  const ends = [1, 2, 3].map(n => thread(1, n)(world.mesh.table)?.outcome);
  t.same(ends, ['replied', 'cancelled', 'expired']);
  t.same(
    [1, 2, 3].map(n => thread(1, n)(world.mesh.table)?.group),
    [1, 1, 1].map(askNo),
  );
});

t.test('a refusal names the recipient it is about, as the caller wrote it', async t => {
  const gone = person('gone');
  const world = given(t, ...all, joins(gone), p.leaves(gone));
  const cases = [
    [['api', 'nobody'], 'peer_unknown', 'nobody'],
    [['api', gone.peer], 'peer_retired', gone.peer],
    [['api', 'web'], 'invalid', 'web'],
    [['api', 'db', api.peer], 'invalid', api.peer],
    [['api', 'api'], 'invalid', 'api'],
  ] as const;
  for (const [to, refusal, about] of cases) {
    const decision = world.when(web, 'ask.fan_out', { to: [...to], text: '?' });
    decision.thenRefused(refusal);
    t.match(decision.outcome, { data: { to: about } });
  }
});

t.test('a name that several bear is ambiguous in a fan-out too', async t => {
  const svc = (circle: string) => person(`svc-${circle}`, { name: 'svc', circle, role: 'service' });
  const world = given(t, ...all, joins(svc('x')), joins(svc('y')));
  const decision = world.when(web, 'ask.fan_out', { to: ['api', 'svc'], text: '?' });
  decision.thenRefused('peer_ambiguous');
  t.match(decision.outcome, { data: { to: 'svc', candidates: { length: 2 } } });
});

t.test('the log judges the recipients as the door does', async t => {
  const gone = person('gone');
  const world = given(t, ...all, joins(gone), p.leaves(gone));
  world.and(fansOut(1, web, [api, web])).thenVoid('invalid');
  world.and(fansOut(2, web, [api, api])).thenVoid('invalid');
  world.and(fansOut(3, web, [api, gone])).thenVoid('peer_retired');
  world.and(fansOut(4, web, [api, person('nobody')])).thenVoid('peer_unknown');
  world.and(fansOut(5, web, [api], { to: [] })).thenVoid('invalid');
  const many = Array.from({ length: limits.fan_out_items + 1 }, (_, n) => `peer_${n}`);
  world.and(fansOut(6, web, [api], { to: many })).thenVoid('invalid');
  world.and(fansOut(7, web, [api], { hops: limits.hops + 1 })).thenVoid('hop_limit');
  world.and(fansOut(8, web, [api], { question: { kind: 'choice' } })).thenVoid('malformed');
  world.thenInbox(api).thenRow(table => table.asks.open.size, 0);
});

t.test('a quorum is at least one and at most as many as are asked', async t => {
  const world = given(t, ...all);
  const to = ['api', 'db'];
  world.when(web, 'ask.fan_out', { to, text: '?', quorum: 3 }).thenRefused('invalid');
  world.when(web, 'ask.fan_out', { to, text: '?', quorum: 2 }).thenEvent({ quorum: 2 });
  for (const [n, quorum] of [0, -1, 2].entries()) {
    world.and(fansOut(n, web, [api], { quorum })).thenVoid('invalid');
  }
});

t.test('an id that is taken is never fanned out over', async t => {
  const world = given(t, ...all, fansOut(1, web, [api]), p.asks(2, web, api));
  world.and({ ...fansOut(1, db, [api]), id: p.uuid(3) }).thenVoid('invalid');
  world.and({ ...fansOut(2, db, [api]), id: p.uuid(4) }).thenVoid('invalid');
  world.and({ ...p.asks(5, db, api), ask: askOf(6, 1) } as p.Draft).thenApplied();
  world.and(fansOut(6, db, [web])).thenVoid('invalid');
  t.match(thread(1, 1)(world.mesh.table), { from: web.peer });
});

t.test('recipients of one circle make it the event’s, several need a token for all', async t => {
  const bound = person('bound', { token: p.tokenNo(91) });
  const binding = p.makesToken(91, { circles: ['default', 'elsewhere'] });
  const world = given(t, ...all, binding, joins(bound));
  world.when(web, 'ask.fan_out', { to: ['far'], circle: 'elsewhere', text: '?' }).thenEvent({
    circle: 'elsewhere',
  });
  world.when(web, 'ask.fan_out', { to: ['api', far.peer], text: '?' }).thenEvent({ circle: '*' });
  world
    .when(bound, 'ask.fan_out', { to: ['api', far.peer], text: '?' })
    .thenRefused('circle_forbidden');
  world.and(fansOut(9, bound, [api, far])).thenVoid('circle_forbidden');
  world.when(bound, 'ask.fan_out', { to: ['api', 'db'], text: '?' }).thenEvent({
    circle: 'default',
  });
});

t.test('who was asked across circles answers from its own', async t => {
  const bound = person('bound', { circle: 'elsewhere', token: p.tokenNo(91) });
  const binding = p.makesToken(91, { circles: ['elsewhere'] });
  given(t, ...all, binding, joins(bound), fansOut(1, web, [api, bound]))
    .when(bound, 'ask.close', { ask: askOf(1, 2), outcome: 'replied', text: 'yes' })
    .thenEvent({ circle: 'elsewhere' })
    .thenInbox(web, { kind: 'reply', text: 'yes' })
    .when(bound, 'ask.close', { ask: askOf(1, 1), outcome: 'replied' })
    .thenRefused('ask_unknown');
});

t.test('every ask of a fan-out counts as an open one of its asker', async t => {
  const world = given(t, ...all);
  const { asks } = world.mesh.table;
  const row = { state: 'open', circle: 'default', text: '', opened_at: 0, position: 0 } as const;
  for (let n = 0; n < limits.asks_open_rows - 1; n++) {
    asks.add({ ...row, ask: askNo(n), from: web.peer, to: orch.peer, hops: 0 });
  }
  world.when(web, 'ask.fan_out', { to: ['api', 'db'], text: '?' }).thenRefused('inbox_full');
  world.and(fansOut(20_000, web, [api, db])).thenVoid('inbox_full');
  world.when(web, 'ask.fan_out', { to: ['api'], text: '?' }).thenEvent({});
});

t.test('a full inbox of one recipient stops the whole fan-out', async t => {
  const world = given(t, ...all);
  const text = 'x'.repeat(limits.text_bytes);
  const fit = Math.floor(limits.inbox_chars / text.length);
  for (let n = 0; n < fit; n++) world.and(p.tells(n, web, db, text));
  const decision = world.when(web, 'ask.fan_out', { to: ['api', 'db'], text });
  decision.thenRefused('inbox_full').thenInbox(api);
  t.match(decision.outcome, { data: { to: 'db' } });
});

t.test('a chain of causes goes on through a fan-out', async t => {
  given(t, ...all, p.tells(1, web, api, 'go'))
    .when(api, 'ask.fan_out', { id: p.uuid(2), to: ['web'], text: '?', caused_by: p.msgNo(1) })
    .thenEvent({ hops: 1 })
    .when(web, 'ask.open', { to: 'db', text: '?', caused_by: askOf(2, 1) })
    .thenEvent({ hops: 2 });
});

t.test('the oldest fan-outs fall off the table', async t => {
  const world = given(t, ...all);
  const { asks } = world.mesh.table;
  for (let n = 0; n < limits.groups_rows; n++) {
    asks.addGroup({ group: `g${n}`, from: '', circle: '*', asks: [] });
  }
  t.equal(asks.groups.has('g0'), true);
  world.and(fansOut(1, web, [api]));
  t.match([asks.groups.size, asks.groups.has('g0')], [limits.groups_rows, false]);
});
