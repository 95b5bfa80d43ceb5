// First words at the same moment: whoever speaks from one fresh home joins once, as one peer.
import t from 'tap';
import { openBroker } from '../dsl/live-broker.js';
import { inside } from './inside.js';

const house = await openBroker(t, { durability: 'os' });

t.test('ten first words at the same moment are one join of one peer', async t => {
  const jo = await inside(t, house, 'jo');
  const words = Array.from({ length: 10 }, (_, n) => jo.run(['broadcast', `word ${n}`]));
  for (const { code, stderr } of await Promise.all(words)) t.equal(code, 0, stderr);
  const log = await jo.ok(['tail', '--from', 'start', '--no-follow', '--json']);
  t.equal(log.match(/"peer\.joined"/g)?.length, 1);
});
