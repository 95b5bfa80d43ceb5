// A handover at the command line: a brief, once, and again; who writes to the former is told.
import t from 'tap';
import { openBroker, join as visit } from '../dsl/live-broker.js';
import { until } from '../dsl/until.js';
import { inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });
const boss = await visit(t, house, 'boss', { role: 'orchestrator' });
const deputy = await inside(t, house, 'deputy');
const worker = await inside(t, house, 'worker');
await deputy.ok(['join', '--role', 'orchestrator']);
await worker.ok(['join']);
const handover = ['orchestrator', 'handover'];

t.test('a brief, then all that is in it, and called again it says that it was done', async t => {
  await boss.ask('worker', 'build it?');
  await worker.ok(['ask', 'boss', 'which branch?']);
  boss.guest.hangUp();
  await until(async () => (await deputy.run([...handover, '--dry-run'])).code === 0);
  const dry = await deputy.json([...handover, '--dry-run', '--max', '1']);
  t.match(dry, { taken: false, asked: [{ text: 'build it?' }], owed: [{ text: 'which branch?' }] });
  const told = await deputy.ok(handover);
  t.match(told, /^boss {2}away.*build it\?.*which branch\?.*2 things are with you now/s);
  t.match(await deputy.ok(handover), /taken over from boss already/);
  t.match(await deputy.json(handover), { taken: false, already: true });
});

t.test('who writes to the former one is told who gets it', async t => {
  t.match(await worker.ok(['notify', 'boss', 'half done']), /to deputy instead, who took over/);
  t.match(await worker.json(['ask', 'boss', 'next?']), { successor: 'deputy' });
  t.match(await deputy.ok(['inbox']), /half done.*next\?/s);
});
