// The rules of usage: what turns used adds up by peer and day, and budgets end in a clear refusal.
import t from 'tap';
import type { Table } from '../../../broker/core/rows/table.js';
import { dayOf } from '../../../broker/core/rows/usage.js';
import { budgetObjection } from '../../../broker/core/usage/rules.js';
import { limits } from '../../../schemas/limits.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import { api, far, joins, T0, tokenNo, web } from '../../dsl/events.js';
import { bounds, boundsCircle, uses } from '../../dsl/events-ledger.js';
import { given, later } from '../../dsl/given.js';

const DAY_MS = 86_400_000;
const MIDNIGHT = Date.UTC(2026, 0, 6);
const today = dayOf(T0);
const use = (table: Table, who = web) => table.usage.peers.get(who.peer);
const total = (table: Table) => use(table)?.total;

t.test('what turns used adds up, exactly, in all and for the day', async t => {
  const tally = {
    turns: 3,
    input_tokens: 30,
    output_tokens: 15,
    cost_micros: 300_000,
    rate_limited: 1,
    rate_limited_at: T0 + 7,
    models: ['opus', 'codex'],
  };
  given(t, joins(web), uses(web, { cost_usd: 0.1 }), uses(web, { cost_usd: 0.1, model: 'codex' }))
    .and(later(7), uses(web, { cost_usd: 0.1, rate_limited: true }))
    .thenApplied()
    .thenRow(total, tally)
    .thenRow(table => [...use(table)!.days], [[today, tally]]);
});

t.test('the day is that of log time in UTC', async t => {
  const days = (table: Table) => [...use(table)!.days].map(([day, { turns }]) => [day, turns]);
  given(t, joins(web), uses(web), later(MIDNIGHT - T0 - 1), uses(web), later(1), uses(web))
    .thenRow(days, [
      [today, 2],
      [today + 1, 1],
    ])
    .thenRow(table => total(table)?.turns, 3);
});

t.test('a turn that says nothing of usage, or nonsense, counts as a turn alone', async t => {
  const nonsense: object[] = [
    { input_tokens: -1 },
    { input_tokens: 0.5 },
    { output_tokens: Number.MAX_VALUE },
    { output_tokens: null },
    { input_tokens: limits.usage_turn_tokens + 1 },
    { output_tokens: '5' },
    { cost_usd: -0.01 },
    { cost_usd: limits.usage_turn_usd + 1 },
    { cost_usd: [1] },
    { model: 7 },
    { model: 'x'.repeat(limits.label_chars + 1) },
  ];
  const world = given(t, joins(web), p.turns(web, 'working')).thenApplied();
  for (const words of nonsense) world.and(uses(web, words)).thenApplied();
  world.and(p.says(web, 'peer.turned', { state: 'idle', usage: {} })).thenApplied();
  world.thenRow(total, undefined).thenPeer(web, { turn: 'idle' });
});

t.test('the newest models are kept, a few of them', async t => {
  const models = Array.from({ length: limits.usage_models_items + 2 }, (_, n) => `model-${n}`);
  const world = given(t, joins(web), ...models.map(model => uses(web, { model })));
  world.thenRow(table => total(table)?.models, models.slice(2));
});

t.test('sums stay numbers that count, however much a hostile log claims', async t => {
  const world = given(t, joins(web), uses(web, { cost_usd: limits.usage_turn_usd }));
  const row = world.mesh.table.usage.peers.get(web.peer)!;
  row.total.cost_micros = Number.MAX_SAFE_INTEGER - 1;
  world.and(uses(web, { cost_usd: limits.usage_turn_usd }));
  world.thenRow(table => total(table)?.cost_micros, Number.MAX_SAFE_INTEGER);
});

t.test('days too old are let go, totals stay, and who retired goes with its last day', async t => {
  const world = given(t, joins(web), joins(api), uses(web), uses(api), p.leaves(api));
  world.and(later((limits.usage_days_rows - 1) * DAY_MS), uses(web));
  world.thenRow(table => use(table)?.days.size, 2);
  world.thenRow(table => use(table, api)?.total.turns, 1);
  const { changes } = world.mesh.fold.table && world.and(later(DAY_MS)).mesh.one(uses(web));
  const gone = changes.filter(({ view, row }) => view === 'usage' && row === null);
  t.same(gone.map(({ key }) => key).sort(), [
    api.peer,
    `${api.peer}/2026-01-05`,
    `${web.peer}/2026-01-05`,
  ]);
  world.thenRow(table => use(table)?.days.size, 2);
  world.thenRow(total, { ...total(world.mesh.table)!, turns: 3 });
  world.thenRow(table => use(table, api), undefined);
});

t.test('whoever watches usage is told the peer’s row, its day’s and the budgets on it', async t => {
  const world = given(t, joins(web), bounds(web, { tokens_per_day: 20 }), uses(web));
  const { changes } = world.mesh.one(uses(web, { cost_usd: 0.5 }));
  const row = { peer: web.peer, name: 'web', circle: 'default', turns: 2, cost_usd: 0.5 };
  t.match(
    changes.filter(({ view }) => view === 'usage'),
    [
      { key: web.peer, row },
      { key: `${web.peer}/2026-01-05`, row: { ...row, day: '2026-01-05' } },
      {
        key: `budget/peer/${web.peer}`,
        row: { peer: web.peer, tokens_per_day: 20, tokens_today: 30, spent: true },
      },
    ],
  );
});

t.test('a budget is spent when a bound is reached, and not before', async t => {
  const objects = (table: Table) => budgetObjection(table, web.peer, table.time) !== undefined;
  const world = given(t, joins(web), joins(api), bounds(web, { tokens_per_day: 30 }), uses(web));
  world.thenRow(objects, false).and(uses(web)).thenRow(objects, true);
  world.thenRow(table => budgetObjection(table, api.peer, table.time), undefined);
  world.and(bounds(web, { cost_usd_per_day: 0.3 })).thenRow(objects, false);
  world.and(uses(web, { cost_usd: 0.1 }), uses(web, { cost_usd: 0.1 })).thenRow(objects, false);
  world.and(uses(web, { cost_usd: 0.1 })).thenRow(objects, true);
  world.and(bounds(web)).thenApplied().thenRow(objects, false);
});

t.test('the budget of a circle counts everyone in it, and nobody else', async t => {
  const world = given(t, joins(web), joins(api), joins(far), uses(web), uses(far));
  world.and(boundsCircle('default', { tokens_per_day: 30 }));
  const objects = (who: p.Person) => (table: Table) =>
    budgetObjection(table, who.peer, table.time) !== undefined;
  world.thenRow(objects(web), false).and(uses(api));
  world.thenRow(objects(web), true).thenRow(objects(api), true).thenRow(objects(far), false);
});

t.test('a budget begins anew at midnight UTC', async t => {
  const world = given(t, joins(web), joins(api), uses(web), bounds(web, { tokens_per_day: 15 }));
  world.and(boundsCircle('default', { tokens_per_day: 15 }));
  const { table } = world.mesh;
  t.ok(budgetObjection(table, web.peer, MIDNIGHT - 1));
  t.notOk(budgetObjection(table, web.peer, MIDNIGHT));
  t.notOk(budgetObjection(table, api.peer, MIDNIGHT));
});

t.test('a spent budget stops an ask, at the door and in the fold, and says what to do', async t => {
  const world = given(t, joins(web), joins(api), uses(web, { cost_usd: 0.25 }));
  world.and(bounds(web, { tokens_per_day: 10, cost_usd_per_day: 2 }));
  const refusal = world.when(web, 'ask.open', { to: 'api', text: 'more?' });
  refusal.thenRefused('budget_spent', {
    budget: { peer: web.peer, circle: 'default', tokens_per_day: 10, cost_usd_per_day: 2 },
    used: { tokens: 15, cost_usd: 0.25 },
    resets_at: MIDNIGHT,
    retry_after_s: (MIDNIGHT - T0) / 1_000,
  });
  t.match(refusal.outcome, {
    message:
      'Today’s budget of "web" is used up (15 of 10 tokens, $0.25 of $2). It begins anew at ' +
      '2026-01-06 00:00 UTC; wait until then, or ask an operator to raise it.',
  });
  world
    .and(p.asks(1, web, api))
    .thenVoid('budget_spent')
    .thenAsk(1, undefined);
  world.and(p.asks(2, api, web)).thenApplied();
  world.and(boundsCircle('default', { cost_usd_per_day: 0 }), p.asks(3, api, web));
  world.thenVoid('budget_spent');
  const { outcome } = world.when(api, 'ask.open', { to: 'web', text: 'more?' });
  t.match(outcome, { message: /of circle "default" is used up \(\$0.25 of \$0\)/ });
});

t.test('a budget is set on a peer by name or id, or on a circle', async t => {
  const budgets = (table: Table) => [...table.usage.budgets.values()];
  const world = given(t, joins(web), joins(far));
  world
    .when(OPERATOR, 'usage.budget', { peer: 'far', tokens_per_day: 5 })
    .thenEvent({ type: 'usage.budgeted', peer: far.peer, circle: 'elsewhere', tokens_per_day: 5 })
    .when(OPERATOR, 'usage.budget', { peer: web.peer, cost_usd_per_day: 1.5 })
    .thenEvent({ peer: web.peer, circle: 'default', cost_usd_per_day: 1.5 })
    .when(OPERATOR, 'usage.budget', { circle: 'default', tokens_per_day: 9 })
    .thenEvent({ peer: undefined, circle: 'default' });
  t.match(budgets(world.mesh.table), [
    { peer: far.peer, tokens_per_day: 5 },
    { peer: web.peer, cost_micros_per_day: 1_500_000 },
    { circle: 'default', tokens_per_day: 9 },
  ]);
  world.when(OPERATOR, 'usage.budget', { circle: 'default' }).thenEvent({ circle: 'default' });
  world.when(OPERATOR, 'usage.budget', { circle: 'default' }).thenEvent({ circle: 'default' });
  world.thenRow(table => budgets(table).length, 2);
});

t.test('a name several bear in the circles a bare token sees is ambiguous', async t => {
  const twin = p.person('twin', { name: 'web', circle: 'elsewhere' });
  given(t, joins(web), joins(twin))
    .when(OPERATOR, 'usage.budget', { peer: 'web' })
    .thenRefused('peer_ambiguous')
    .when(OPERATOR, 'usage.budget', { peer: 'web', circle: 'elsewhere' })
    .thenEvent({ peer: twin.peer })
    .when(OPERATOR, 'usage.budget', { peer: 'nobody' })
    .thenRefused('peer_unknown');
});

t.test('only an operator bounds, and only in the circles of its token', async t => {
  const speaker = p.makesToken(91);
  const bound = p.makesToken(92, { circles: ['elsewhere'], verbs: ['operate'] });
  const world = given(t, speaker, bound, joins(web), joins(far));
  world.when(tokenNo(91), 'usage.budget', { circle: 'default' }).thenRefused('forbidden');
  const inDefault = { circle: 'default', tokens_per_day: 1 };
  world.when(tokenNo(92), 'usage.budget', inDefault).thenRefused('circle_forbidden');
  world.when(tokenNo(92), 'usage.budget', { peer: web.peer }).thenRefused('peer_unknown');
  world.when(tokenNo(92), 'usage.budget', { peer: 'web' }).thenRefused('peer_unknown');
  world.when(tokenNo(92), 'usage.budget', { peer: 'far', tokens_per_day: 1 }).thenEvent({});
});

t.test('a bound is a number that can be reached, of a peer that is there', async t => {
  const world = given(t, joins(web), bounds(web, { tokens_per_day: -1 })).thenVoid('invalid');
  const dear = { cost_usd_per_day: limits.budget_usd + 1 };
  world.and(bounds(web, dear)).thenVoid('invalid').and(bounds(api)).thenVoid('peer_unknown');
  world.and(bounds({ ...web, circle: 'elsewhere' })).thenVoid('peer_unknown');
  world.thenRow(table => table.usage.budgets.size, 0);
});

t.test('who leaves keeps its budget, who is killed needs none', async t => {
  const world = given(t, joins(web), uses(web), bounds(web, { tokens_per_day: 1 }), joins(api));
  world.and(p.leaves(web), joins(web), p.asks(1, web, api)).thenVoid('budget_spent');
  const { changes } = world.mesh.one(p.kills(web));
  t.match(
    changes.filter(({ view }) => view === 'usage'),
    [{ key: `budget/peer/${web.peer}`, row: null }],
  );
  world.thenRow(table => table.usage.budgets.size, 0);
  world.and(bounds(web, { tokens_per_day: 1 })).thenVoid('peer_retired');
});

t.test(
  'there are no more budgets than the mesh can hold, but those there are may change',
  async t => {
    const world = given(t, joins(web), joins(api), bounds(web, { tokens_per_day: 1 }));
    const { budgets } = world.mesh.table.usage;
    for (let n = budgets.size; n < limits.budgets_rows; n++) {
      budgets.set(`circle/${n}`, { circle: String(n), tokens_per_day: 1 });
    }
    world.and(bounds(api, { tokens_per_day: 1 })).thenVoid('too_large');
    world.and(bounds(web, { tokens_per_day: 2 })).thenApplied();
    world
      .and(bounds(web))
      .thenApplied()
      .and(bounds(api, { tokens_per_day: 1 }))
      .thenApplied();
  },
);
