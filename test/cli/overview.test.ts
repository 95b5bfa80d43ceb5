// What whoever coordinates looks at: presence, turns, use and budgets, and how much there is.
import t from 'tap';
import { connect } from '../../client/index.js';
import { watchLog } from '../client/people.js';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });
const [ada, bob] = await Promise.all([inside(t, house, 'ada'), inside(t, house, 'bob')]);
for (const person of [ada, bob]) await person.ok(['join']);

t.test('an orchestrator is there or not: 0 or 5', async t => {
  const none = await ada.run(['orchestrator', 'status']);
  t.match(none, { code: 5, stdout: '', stderr: /no orchestrator is there/ });
  const { ready, token: credential } = house;
  const join = { name: 'boss', role: 'orchestrator' } as const;
  const boss = await connect({ url: ready.url, credential, join });
  t.match(
    await ada.ok(['orchestrator', 'status']),
    /^boss {2}present, seen just now \(stale after/,
  );
  t.match(await ada.json(['orchestrator', 'status', '--circle', 'default']), { name: 'boss' });
  const elsewhere = await ada.run(['orchestrator', 'status', '--circle', 'nowhere', '--json']);
  t.equal(elsewhere.code, 5);
  t.match(JSON.parse(elsewhere.stdout), { present: false, circle: 'nowhere' });
  const gone = await watchLog(t, house, 'peer.disconnected');
  await boss.close();
  await gone.came;
});

t.test('a turn tells how it stands, what it is about and what it used', async t => {
  const used = ['--model', 'opus', '--in', '1200', '--out', '300', '--cost', '0.04'];
  t.equal(await ada.ok(['turn', 'idle', ...used]), 'idle\n');
  await bob.ok(['turn', 'working', '--model', 'opus', '--rate-limited']);
  t.equal(await bob.ok(['turn', 'awaiting', 'which', 'one?']), 'awaiting input\n');
  t.match(await ada.ok(['peers', '--all']), /bob .*awaits input: which one\?/);
  t.match(await ada.run(['turn', 'dancing']), { code: 2 });
  t.match(await ada.run(['turn', 'idle', '--in', '5']), { code: 2, stderr: /--model/ });
});

t.test('use is shown by peer and by day, with what it comes to', async t => {
  const usage = await ada.ok(['usage']);
  t.match(usage, /^PEER +CIRCLE +TURNS +IN +OUT +COST +LIMITED +MODELS\n/);
  t.match(usage, /ada +default +1 +1,200 +300 +\$0\.04 +opus\n/);
  t.match(usage, /\nin all: \d turns, 1,200 in, 300 out, \$0\.04\n$/);
  t.match(
    await ada.ok(['usage', '--by', 'day', '--peer', 'ada', '--days', '1']),
    /^DAY .*\n2\S+ +ada/,
  );
  const rows = { rows: [{ name: 'ada' }], total: { input_tokens: 1_200 } };
  t.match(await ada.json(['usage', 'list', '--peer', 'ada']), rows);
  t.match(await ada.run(['usage', '--by', 'year']), { code: 2 });
});

t.test('a budget that is spent refuses with 6, until it is cleared', async t => {
  await ada.ok(['usage', 'budget', '--peer', 'ada', '--tokens', '1000', '--cost', '2.50']);
  t.match(
    await bob.ok(['usage']),
    'budget of ada today: 1,500 of 1,000 tokens, $0.04 of $2.50 – spent\n',
  );
  t.match(await ada.run(['ask', 'bob', 'hi']), { code: 6, stderr: /signalbox usage/ });
  t.equal(await ada.ok(['usage', 'budget', '--peer', 'ada', '--clear']), 'ada has no budget now\n');
  await ada.ok(['ask', 'bob', 'hi']);
  await ada.ok(['usage', 'budget', '--circle', 'web', '--cost', '25']);
  t.match(await ada.json(['usage']), { budgets: [{ circle: 'web', cost_usd_per_day: 25 }] });
  for (const args of [
    ['--tokens', '5'],
    ['--peer', 'ada'],
    ['--peer', 'ada', '--cost', 'much'],
  ]) {
    t.match(await ada.run(['usage', 'budget', ...args]), { code: 2 }, args.join(' '));
  }
  t.match(await ada.run(['usage', 'budget', '--peer', 'carol', '--clear']), { code: 5 });
});

t.test('who is away is shown with since when and why, and all of it is counted', async t => {
  const peers = await ada.ok(['peers', '--all']);
  t.match(peers, /boss +orchestrator +offline \d+ s, disconnected/);
  t.match(
    await ada.ok(['stats']),
    /^log +\d+ commits\nbrokers +1\npeers +(\d online, )?\d offline/,
  );
  t.match(await ada.json(['stats']), { asks: { open: 1 }, malformed: 0 });
});
