// Usage and budgets over the wire: what turns report is summed, and a spent budget says so.
import { type Test, test } from 'tap';
import { connect, type House, join, openBroker } from '../dsl/live-broker.js';
import { type Fields, refusalOf, refusedBy } from '../dsl/raw-client.js';

const usage = { model: 'opus', input_tokens: 100, output_tokens: 20, cost_usd: 0.1 };

test('what turns report is summed by peer and by day', async t => {
  const house = await openBroker(t);
  const ann = await join(t, house, 'ann');
  const bob = await join(t, house, 'bob', { circle: 'elsewhere' });
  await ann.guest.command('peer.turn', { state: 'idle', usage });
  const limited = { ...usage, model: 'sonnet', rate_limited: true };
  await ann.guest.command('peer.turn', { state: 'idle', usage: limited });
  await bob.guest.command('peer.turn', { state: 'idle', usage: { ...usage, cost_usd: 0.1 } });
  const both = await bob.guest.call('usage.list');
  const sum = { turns: 2, input_tokens: 200, output_tokens: 40, cost_usd: 0.2, rate_limited: 1 };
  t.match(both, {
    rows: [{ turns: Number }, { turns: Number }],
    total: { turns: 3, input_tokens: 300, cost_usd: 0.3, rate_limited_at: Number },
    budgets: [],
  });
  const { rows } = await bob.guest.call<{ rows: Fields[] }>('usage.list', { peer: ann.peer });
  t.match(rows, [{ peer: ann.peer, name: 'ann', circle: 'default', models: ['opus', 'sonnet'] }]);
  t.match(rows[0], sum);
  const byDay = await ann.guest.call<{ rows: Fields[] }>('usage.list', { peer: 'ann', by: 'day' });
  t.match(byDay.rows[0], { day: /^\d{4}-\d\d-\d\d$/ });
  const { rows: paged, next } = await ann.guest.call<{ rows: Fields[]; next: string }>(
    'usage.list',
    { max: 1 },
  );
  t.equal(paged.length, 1);
  const rest = await ann.guest.call<{ rows: Fields[] }>('usage.list', { after: next });
  t.strictSame(new Set([...paged, ...rest.rows].map(({ name }) => name)), new Set(['ann', 'bob']));
});

test('usage that cannot be is invalid', async t => {
  const ann = await join(t, await openBroker(t), 'ann');
  const nonsense = [
    { input_tokens: -1 },
    { output_tokens: 0.5 },
    { cost_usd: -1 },
    { input_tokens: 1e12 },
    { model: 7 },
    { unknown: 1 },
  ];
  for (const words of nonsense) {
    const turn = ann.guest.command('peer.turn', { state: 'idle', usage: { ...usage, ...words } });
    t.equal(await refusalOf(turn), 'invalid', Object.keys(words).join());
  }
  for (const params of [{ by: 'year' }, { days: 0 }, { days: 41 }]) {
    t.equal(await refusalOf(ann.guest.call('usage.list', params)), 'invalid');
  }
  t.equal(await refusalOf(ann.guest.call('usage.list', { peer: 'nobody' })), 'peer_unknown');
});

test('a spent budget stops what costs, until it is raised or removed', async t => {
  const house = await openBroker(t);
  const operator = await connect(t, house);
  const ann = await join(t, house, 'ann');
  await join(t, house, 'bob');
  await operator.command('usage.budget', { peer: 'ann', tokens_per_day: 120 });
  const ask = () => ann.ask('bob', 'more?');
  await ask();
  await ann.guest.command('peer.turn', { state: 'idle', usage });
  const { code, message, data } = await refusedBy(ask());
  t.match([code, data.refusal, data.retry], [-32004, 'budget_spent', false]);
  t.match(message, /"ann" is used up \(120 of 120 tokens\).*UTC; wait until then/);
  t.match(data, {
    budget: { peer: ann.peer, tokens_per_day: 120 },
    used: { tokens: 120, cost_usd: 0.1 },
    resets_at: Number,
    retry_after_s: Number,
  });
  t.equal(Number(data.resets_at) % 86_400_000, 0);
  await ann.notify('bob', 'a notice costs nothing');
  const spent = { peer: ann.peer, name: 'ann', tokens_today: 120, spent: true };
  t.match(await ann.guest.call('usage.list'), { budgets: [spent] });
  await operator.command('usage.budget', { peer: ann.peer, tokens_per_day: 500 });
  await ask();
  await operator.command('usage.budget', { circle: 'default', cost_usd_per_day: 0.1 });
  t.match((await refusedBy(ask())).message, /circle "default" is used up \(\$0\.1 of \$0\.1\)/);
  t.match(await operator.command('usage.budget', { circle: 'default' }), { verdict: 'applied' });
  await ask();
});

test('budgets are an operator’s to set, on what it may see', async t => {
  const house = await openBroker(t);
  const operator = await connect(t, house);
  const ann = await join(t, house, 'ann');
  const guestWith = async (circles: string[], verbs: string[]) => {
    const made = await operator.command('token.create', { name: 'x', circles, roles: [], verbs });
    return connect(t, house, { credential: String(made.secret) });
  };
  const budget = { circle: 'default', tokens_per_day: 1 };
  const speaker = await guestWith(['*'], ['speak', 'observe']);
  t.equal(await refusalOf(speaker.command('usage.budget', budget)), 'forbidden');
  const abroad = await guestWith(['elsewhere'], ['operate']);
  t.equal(await refusalOf(abroad.command('usage.budget', budget)), 'circle_forbidden');
  const onPeer = (peer: string) => abroad.command('usage.budget', { peer, tokens_per_day: 1 });
  t.equal(await refusalOf(onPeer(ann.peer)), 'peer_unknown');
  t.equal(await refusalOf(onPeer('ann')), 'peer_unknown');
  t.equal(await refusalOf(operator.command('usage.budget', { tokens_per_day: 1 })), 'invalid');
  const negative = { circle: 'default', tokens_per_day: -1 };
  t.equal(await refusalOf(operator.command('usage.budget', negative)), 'invalid');
});

test('mesh.stats counts by state what the caller may see', async t => {
  const house = await openBroker(t);
  const operator = await connect(t, house);
  const ann = await join(t, house, 'ann');
  const bob = await join(t, house, 'bob');
  await bob.guest.command('peer.turn', { state: 'working' });
  await bob.close(await ann.ask('bob', 'one?'), 'declined');
  await ann.ask('bob', 'two?');
  t.match(await operator.call('mesh.stats'), {
    brokers: 1,
    malformed: 0,
    commits: Number,
    peers: { online: 1, busy: 1, offline: 0 },
    asks: { open: 1, closed: 1 },
    jobs: {},
    schedules: {},
    inbox: { waiting: 2 },
  });
  const rights = { name: 'bound', circles: ['elsewhere'], roles: [], verbs: ['observe'] };
  const { secret } = await operator.command('token.create', rights);
  const bound = await connect(t, house, { credential: String(secret) });
  t.match(await bound.call('mesh.stats'), {
    brokers: 0,
    peers: { online: 0, busy: 0, offline: 0 },
    asks: { open: 0, closed: 0 },
    inbox: { waiting: 0 },
  });
  await figures(t, house, String(secret));
});

/** The figures of the mesh are for a token that may see all of it. */
async function figures(t: Test, { ready, token }: House, bound: string) {
  const text = async (credential: string) => {
    const headers = { authorization: `Bearer ${credential}` };
    return (await fetch(`${ready.url}/metrics`, { headers })).text();
  };
  t.match(await text(token), /^signalbox_peers\{status="busy"\} 1$/m);
  t.match(await text(token), /^signalbox_connections /m);
  t.notMatch(await text(bound), /signalbox_(peers|jobs|schedules)/);
  t.match(await text(bound), /^signalbox_connections /m);
}
