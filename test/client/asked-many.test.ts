// Tries an ask of many, and questions, through the SDK against a real broker.
import t from 'tap';
import type { ReceivedAsk } from '../../client/index.js';
import { refused } from '../dsl/refused.js';
import { town } from './people.js';

t.test('an ask of many waits for all, and says who said what', async t => {
  const { peer } = await town(t);
  const [web, api, db] = await Promise.all(['web', 'api', 'db'].map(peer));
  const asked = await web!.askMany(['api', 'db'], 'ready?');
  t.equal(asked.asks.length, 2);
  t.match(await asked.rollup(), { state: 'pending', group: asked.group });
  const all = asked.wait();
  await ((await api!.inbox().next()).value as ReceivedAsk).reply('yes');
  t.match(await asked.rollup(), { state: 'partial' });
  await ((await db!.inbox().next()).value as ReceivedAsk).decline('no');
  t.match(await all, {
    state: 'complete',
    rows: [
      { name: 'api', status: 'replied', reply: { text: 'yes' } },
      { name: 'db', status: 'declined', reply: { text: 'no' } },
    ],
  });
  t.match(await asked.wait(), { state: 'complete' }, 'and once more, at once');
});

t.test('a quorum is enough, and so is the time that was given', async t => {
  const { peer } = await town(t);
  const [web, api] = await Promise.all(['web', 'api', 'db'].map(peer));
  const asked = await web!.askMany(['api', 'db'], 'ready?', { quorum: 1 });
  t.match(await asked.wait(0), { state: 'pending' });
  const enough = asked.wait();
  await ((await api!.inbox().next()).value as ReceivedAsk).acknowledge();
  t.match(await enough, { state: 'quorum', quorum: 1 });
});

t.test('a choice is answered by its option, a permission may be denied', async t => {
  const { peer } = await town(t);
  const [web, api] = await Promise.all(['web', 'api'].map(peer));
  const inbox = api!.inbox();
  const options = [
    { id: 'blue', label: 'The blue one' },
    { id: 'red', label: 'Red' },
  ];
  const which = await web!.ask('api', 'which?', { question: { kind: 'choice', options } });
  const item = (await inbox.next()).value as ReceivedAsk;
  t.match(item, { question: { kind: 'choice', options } });
  await t.rejects(item.choose('green'), refused('option_unknown'));
  await item.choose('blue', 'it is calmer');
  t.match(await which.reply(), { reply: { option: 'blue', text: 'it is calmer' } });
  const may = await web!.ask('api', 'drop it?', { question: { kind: 'permission' } });
  await ((await inbox.next()).value as ReceivedAsk).deny('never');
  t.match(await may.reply(), { outcome: 'denied', reply: { text: 'never' } });
});
