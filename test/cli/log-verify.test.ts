// The log held to a key from the command line: a key that signed none of it is not passed over.
import { join } from 'node:path';
import t from 'tap';
import { openBroker } from '../dsl/live-broker.js';
import { until } from '../dsl/until.js';
import { inside } from './inside.js';

const FOREIGN = 'ab'.repeat(32);
const house = await openBroker(t, { durability: 'os', checkpointEveryMs: 1 });
const ada = await inside(t, house, 'ada');
await ada.ok(['join']);
const { key } = (await ada.json(['log', 'key'])) as { key: string };

t.test('of a running broker', async t => {
  await until(async () => (await ada.run(['log', 'verify', '--key', key])).code === 0);
  t.match(await ada.json(['log', 'verify', '--key', key]), { ok: true, grade: 'signed' });
  t.match(await ada.json(['log', 'verify']), { ok: true, grade: 'self_consistent' });
  const foreign = await ada.run(['log', 'verify', '--key', FOREIGN]);
  t.match(foreign, { code: 1, stderr: /nothing in the log is signed by the key/ });
  const both = await ada.run(['log', 'verify', '--key', FOREIGN, '--key', key]);
  t.match(both, { code: 2, stderr: /one key/ }, 'none of several is passed over either');
});

t.test('of an export', async t => {
  const file = join(ada.home, 'log.jsonl');
  await ada.ok(['log', 'export', '-o', file]);
  const foreign = await ada.run(['log', 'verify', file, '--key', FOREIGN]);
  t.match(foreign, { code: 1, stderr: /nothing in it is signed by a key/ });
  await ada.ok(['log', 'verify', file, '--key', FOREIGN, '--key', key]);
});
