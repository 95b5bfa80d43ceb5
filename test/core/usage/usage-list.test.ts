// Reading usage: each peer in all or day by day, the sum, the budgets, and who may see which.
import t from 'tap';
import { limits } from '../../../schemas/limits.js';
import type { BudgetRow, UsageRow } from '../../../schemas/usage.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import * as p from '../../dsl/events.js';
import { api, far, joins, person, tokenNo, web } from '../../dsl/events.js';
import { bounds, boundsCircle, uses } from '../../dsl/events-ledger.js';
import { given, later } from '../../dsl/given.js';
import { reads, type World } from '../../dsl/reads.js';

const DAY_MS = 86_400_000;

interface Answer {
  rows: UsageRow[];
  next?: string;
  total: UsageRow;
  budgets: BudgetRow[];
}

const list = async (world: World, who: p.Person | string, params: object = {}) =>
  (await reads(world, who, 'usage.list', params)) as unknown as Answer;
const brief = ({ rows }: Answer) => rows.map(({ name, day, turns }) => [name, day, turns]);

/** web used something on three days, api on the first, far on the last. */
const world = (t: Parameters<typeof given>[0]) =>
  given(t, joins(web), joins(api), joins(far))
    .and(uses(web, { cost_usd: 0.1 }), uses(api, { rate_limited: true }), later(DAY_MS))
    .and(uses(web, { cost_usd: 0.2 }), later(DAY_MS), uses(web), uses(far, { model: 'codex' }));

t.test('by peer: all that each ever used, and the sum of all', async t => {
  const answer = await list(world(t), OPERATOR);
  t.strictSame(answer.rows[0], {
    peer: api.peer,
    name: 'api',
    circle: 'default',
    turns: 1,
    input_tokens: 10,
    output_tokens: 5,
    cost_usd: 0,
    rate_limited: 1,
    rate_limited_at: p.T0,
    models: ['opus'],
  });
  t.same(brief(answer), [
    ['api', undefined, 1],
    ['far', undefined, 1],
    ['web', undefined, 3],
  ]);
  t.strictSame(answer.total, {
    turns: 5,
    input_tokens: 50,
    output_tokens: 25,
    cost_usd: 0.3,
    rate_limited: 1,
    rate_limited_at: p.T0,
  });
});

t.test('by peer over some days: who used nothing in them is not there', async t => {
  const answer = await list(world(t), OPERATOR, { days: 2 });
  t.same(brief(answer), [
    ['far', undefined, 1],
    ['web', undefined, 2],
  ]);
  t.equal(answer.total.turns, 3);
});

t.test('by day: the newest first, and of each day every peer', async t => {
  t.same(brief(await list(world(t), OPERATOR, { by: 'day' })), [
    ['far', '2026-01-07', 1],
    ['web', '2026-01-07', 1],
    ['web', '2026-01-06', 1],
    ['api', '2026-01-05', 1],
    ['web', '2026-01-05', 1],
  ]);
  t.same((await list(world(t), OPERATOR, { by: 'day', days: 1 })).rows.length, 2);
});

t.test('pages hold the same sum, and follow one another', async t => {
  const all = world(t);
  for (const by of ['day', 'peer']) {
    const whole = await list(all, OPERATOR, { by });
    const seen: UsageRow[] = [];
    let after: string | undefined;
    do {
      const page = await list(all, OPERATOR, { by, max: 2, ...(after && { after }) });
      t.strictSame(page.total, whole.total);
      seen.push(...page.rows);
      after = page.next;
    } while (after !== undefined);
    t.strictSame(seen, whole.rows);
  }
});

t.test('one peer, or one circle, by name or id', async t => {
  const all = world(t);
  t.same(brief(await list(all, api, { peer: 'web' })), [['web', undefined, 3]]);
  t.same(brief(await list(all, OPERATOR, { peer: 'far' })), [['far', undefined, 1]]);
  t.same(brief(await list(all, api, { peer: far.peer })), [['far', undefined, 1]]);
  t.same(brief(await list(all, api, { circle: 'elsewhere' })), [['far', undefined, 1]]);
  t.match(await list(all, api, { peer: 'nobody' }), { refusal: 'peer_unknown' });
  t.match(await list(all, api, { peer: 'far', circle: 'default' }), { refusal: 'peer_unknown' });
  t.same(brief(await list(all, api, { peer: 'far', circle: '*' })), [['far', undefined, 1]]);
});

t.test('budgets say what is used of them today, and whether that is all', async t => {
  const all = world(t).and(
    bounds(web, { tokens_per_day: 15 }),
    bounds(far, { tokens_per_day: 16 }),
  );
  all.and(boundsCircle('default', { cost_usd_per_day: 1 }));
  const { budgets } = await list(all, OPERATOR);
  t.strictSame(budgets, [
    {
      circle: 'default',
      tokens_today: 15,
      cost_usd_today: 0,
      spent: true,
      peer: web.peer,
      tokens_per_day: 15,
      name: 'web',
    },
    {
      circle: 'elsewhere',
      tokens_today: 15,
      cost_usd_today: 0,
      spent: false,
      peer: far.peer,
      tokens_per_day: 16,
      name: 'far',
    },
    {
      circle: 'default',
      tokens_today: 15,
      cost_usd_today: 0,
      spent: false,
      cost_usd_per_day: 1,
    },
  ]);
  const ofApi = (await list(all, OPERATOR, { peer: api.peer })).budgets;
  t.same(
    ofApi.map(({ peer, circle }) => [peer, circle]),
    [[undefined, 'default']],
    'those its use counts against',
  );
  all.and(later(DAY_MS));
  const tomorrow = (await list(all, OPERATOR)).budgets;
  t.ok(tomorrow.every(({ tokens_today, spent }) => tokens_today === 0 && !spent));
});

t.test('a bound token sees no usage and no budget outside its circles', async t => {
  const bound = person('bound', { circle: 'elsewhere', token: tokenNo(91) });
  const all = world(t).and(p.makesToken(91, { circles: ['elsewhere'] }), joins(bound));
  all.and(boundsCircle('default', { tokens_per_day: 1 }), bounds(web, { tokens_per_day: 1 }));
  for (const who of [bound, tokenNo(91)]) {
    const answer = await list(all, who);
    t.same(brief(answer), [['far', undefined, 1]]);
    t.equal(answer.total.turns, 1);
    t.same(answer.budgets, []);
    t.match(await list(all, who, { circle: 'default' }), { refusal: 'circle_forbidden' });
    t.match(await list(all, who, { peer: web.peer }), { refusal: 'peer_unknown' });
    t.match(await list(all, who, { peer: 'web' }), { refusal: 'peer_unknown' });
  }
});

t.test('who left is still there with what it used, under its name', async t => {
  const all = world(t).and(p.leaves(api));
  t.same(brief(await list(all, OPERATOR, { peer: api.peer })), [['api', undefined, 1]]);
  all.and(later(limits.usage_days_rows * DAY_MS), uses(web));
  t.same((await list(all, OPERATOR, { peer: api.peer })).rows, []);
});
