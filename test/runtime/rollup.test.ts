// The rollup of a fan-out: its state and rows, who may see it, and how it is read when it is old.
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { api, askNo, db, far, joins, orch, person, tokenNo, web } from '../dsl/events.js';
import { askOf, closesOf, fansOut, lapses, permission } from '../dsl/events-asks.js';
import { given, later } from '../dsl/given.js';
import { reads, type World } from '../dsl/reads.js';

const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91) });
const binding = p.makesToken(91, { circles: ['elsewhere'], verbs: ['speak', 'operate'] });
const all = [binding, joins(web), joins(api), joins(db), joins(orch), joins(far), joins(bound)];

interface Rollup {
  state: string;
  quorum?: number;
  rows: { status: string; reason?: string; reply?: { text?: string; cut?: boolean } }[];
}

const rollup = async (world: World, who: p.Person | string = web, group = askNo(1)) =>
  (await reads(world, who, 'ask.rollup', { group })) as unknown as Rollup;

t.test('a row says how each ask stands, whichever way it ended', async t => {
  const ends = [
    ['replied', 'replied'],
    ['acknowledged', 'acknowledged'],
    ['declined', 'declined'],
    ['denied', 'declined'],
  ] as const;
  for (const [outcome, status] of ends) {
    const world = given(t, ...all, fansOut(1, web, [api, db]));
    world.and(closesOf(api, askOf(1, 1), outcome, { text: 'so' }));
    t.match(await rollup(world), {
      group: askNo(1),
      state: 'partial',
      rows: [
        { peer: api.peer, name: 'api', ask: askOf(1, 1), status, reply: { text: 'so' } },
        { peer: db.peer, name: 'db', ask: askOf(1, 2), status: 'pending' },
      ],
    });
  }
  const over = { deadline_at: p.T0 + 1_000 };
  const lapse = [later(1_000), lapses(askOf(1, 1))];
  const cases = [
    [[fansOut(1, web, [api]), closesOf(web, askOf(1, 1), 'cancelled')], 'failed'],
    [[fansOut(1, web, [api]), p.leaves(api)], 'failed'],
    [[fansOut(1, web, [api], over), ...lapse], 'expired'],
    [[fansOut(1, web, [api], { ...over, question: permission }), ...lapse], 'declined'],
  ] as const;
  for (const [steps, status] of cases) {
    const { state, rows } = await rollup(given(t, ...all, ...steps));
    t.same([state, rows[0]?.status, rows[0]?.reply], ['complete', status, undefined]);
    const isLapsed = steps.length > 2;
    t.equal(rows[0]?.reason, isLapsed ? 'deadline' : undefined);
  }
});

t.test('only who answered makes a quorum; when all have ended, it may not be reached', async t => {
  const world = given(t, ...all, fansOut(1, web, [api, db], { quorum: 2 }));
  world.and(closesOf(api, askOf(1, 1), 'replied'), closesOf(db, askOf(1, 2), 'declined'));
  t.match(await rollup(world), { state: 'complete', quorum: 2, answered: 1 });
});

t.test('the state goes from pending over partial and quorum to complete', async t => {
  const world = given(t, ...all, fansOut(1, web, [api, db, orch, far], { quorum: 2 }));
  const state = async () => (await rollup(world)).state;
  t.same([await state(), (await rollup(world)).quorum], ['pending', 2]);
  world.and(closesOf(api, askOf(1, 1), 'declined'));
  t.equal(await state(), 'partial');
  world.and(closesOf(db, askOf(1, 2), 'acknowledged'));
  t.equal(await state(), 'partial', 'a decline is no answer');
  world.and(closesOf(orch, askOf(1, 3), 'replied'));
  t.equal(await state(), 'quorum');
  world.and(closesOf(far, askOf(1, 4), 'replied'));
  t.equal(await state(), 'complete');
});

t.test('without a quorum some answers are partial', async t => {
  const world = given(t, ...all, fansOut(1, web, [api, db]));
  world.and(closesOf(api, askOf(1, 1), 'replied'));
  t.match(await rollup(world), { state: 'partial', quorum: undefined });
});

t.test('who asked and who may look there sees it, for others it never was', async t => {
  const asked = fansOut(1, web, [api, db]);
  const across = fansOut(2, bound, [far, bound], { to: [far.peer], circle: 'elsewhere' });
  const world = given(t, ...all, asked, across, fansOut(3, web, [api, far]));
  t.match(await rollup(world, api), { state: 'pending' });
  t.match(await rollup(world, bound, askNo(2)), { state: 'pending' });
  const unseen = await reads(world, bound, 'ask.rollup', { group: askNo(1) });
  const unknown = await reads(world, bound, 'ask.rollup', { group: askNo(9) });
  t.match(unseen, { refusal: 'ask_unknown' });
  const words = (answer: object | undefined) =>
    JSON.stringify(answer).replace(/ask_[0-9a-f-]{36}/g, '');
  t.equal(words(unseen), words(unknown));
  t.match(await rollup(world, bound, askNo(3)), { refusal: 'ask_unknown' }, 'of all circles');
  t.match(await rollup(world, tokenNo(91), askNo(2)), { state: 'pending' });
});

t.test('what has left the table is read back from the log in one pass', async t => {
  const world = given(t, ...all, fansOut(1, web, [api, db, orch], { quorum: 1 }));
  world.and(closesOf(api, askOf(1, 1), 'replied', { text: 'yes' }), fansOut(2, web, [api]));
  world.and(closesOf(orch, askOf(1, 3), 'declined'));
  const hot = await rollup(world);
  const { asks } = world.mesh.table;
  asks.closed.clear();
  asks.dropped = 2;
  t.strictSame(await rollup(world), hot, 'its closed asks');
  asks.groups.clear();
  t.match(await rollup(world), { refusal: 'ask_unknown' }, 'none has fallen off yet');
  for (let n = 0; n < limits.groups_rows; n++) {
    asks.addGroup({ group: `g${n}`, from: '', circle: '*', asks: [] });
  }
  t.strictSame(await rollup(world), hot, 'the group itself');
  t.match(await rollup(world, bound), { refusal: 'ask_unknown' }, 'still hidden');
  t.match(await rollup(world, web, askNo(9)), { refusal: 'ask_unknown' });
});

t.test('a void fan-out is none, cold or hot', async t => {
  const world = given(t, ...all, fansOut(1, web, [web])).thenVoid('invalid');
  for (let n = 0; n < limits.groups_rows; n++) {
    world.mesh.table.asks.addGroup({ group: `g${n}`, from: '', circle: '*', asks: [] });
  }
  t.match(await rollup(world), { refusal: 'ask_unknown' });
});

t.test('many long replies share the room of one answer', async t => {
  const text = `${'x'.repeat(limits.answer_chars / 4 - 1)}🚂${'x'.repeat(50_000)}`;
  const world = given(t, ...all, fansOut(1, web, [api, db, orch, far]));
  for (const [n, who] of [api, db].entries()) {
    world.and(closesOf(who, askOf(1, n + 1), 'replied', { text }));
  }
  world.and(closesOf(orch, askOf(1, 3), 'replied', { text: 'short' }));
  const { rows } = await rollup(world);
  t.same(rows[0]?.reply, {
    text: text.slice(0, limits.answer_chars / 4 - 1),
    by: api.peer,
    cut: true,
  });
  t.same(rows[2]?.reply, { text: 'short', by: orch.peer });
  const whole = await reads(world, web, 'ask.get', { ask: askOf(1, 1) });
  t.match(whole, { reply: { text } });
});

t.test('the id of a fan-out is no ask; who may see it is told where to look', async t => {
  const world = given(t, ...all, fansOut(1, web, [api]));
  for (const [method, key] of [
    ['ask.get', 'ask'],
    ['message.trace', 'ref'],
  ] as const) {
    const params = { [key]: askNo(1) };
    const told = await reads(world, web, method, params);
    t.match(told, { refusal: 'ask_unknown', message: /ask\.rollup/ });
    t.notMatch(await reads(world, bound, method, params), { message: /ask\.rollup/ });
  }
  const close = { ask: askNo(1), outcome: 'replied' } as const;
  const refused = world.when(api, 'ask.close', close);
  refused.thenRefused('ask_unknown');
  t.match(refused.outcome, { message: /ask\.rollup/ });
  t.notMatch(world.when(bound, 'ask.close', close).outcome, { message: /ask\.rollup/ });
});
