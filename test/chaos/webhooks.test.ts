// Kill -9 of a broker in the middle of its deliveries: nothing is left out, and repeats are known.
import { readdir, readFile } from 'node:fs/promises';
import { join as pathTo } from 'node:path';
import { test } from 'tap';
import { join } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { isSignedBy, openReceiver } from '../dsl/receiver.js';
import { spawnBroker } from './hosts.js';

const SECRET = `whsec_${Buffer.from('a secret that nobody may ever see').toString('base64')}`;

test('after a kill in mid-delivery each is told in order, repeats under their ids', async t => {
  const dataDir = await tempDir(t);
  const receiver = await openReceiver(t);
  let broker = await spawnBroker(t, dataDir);
  let ann = await join(undefined, broker, 'ann');
  const said: string[] = [];
  const say = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const { message } = await ann.notify('ann', `${said.length}`);
      said.push(String(message).replace('msg_', 'evt_'));
    }
  };
  const { url } = receiver;
  const kinds = ['message'];
  const hook = { url, allow_private: '127.0.0.1', kinds, secret: SECRET };
  await ann.guest.command('webhook.add', hook);
  await say(10);
  await receiver.hears(1);
  // Of the next ones it is never known whether they arrived.
  receiver.will('silent');
  await say(2);
  await receiver.spent();
  await broker.kill('SIGKILL');
  broker = await spawnBroker(t, dataDir);
  ann = await join(undefined, broker, 'ann', { peer: ann.peer, secret: ann.secret });
  await say(1);
  while (receiver.heard.at(-1)?.id !== said.at(-1)) await receiver.hears(receiver.heard.length + 1);
  const told = receiver.heard.map(({ id }) => id);
  t.same([...new Set(told)], said, 'each of them, in the order in which it was said');
  t.ok(receiver.heard.every(one => isSignedBy(one, SECRET)));
  const { rows } = await ann.guest.call<{ rows: object[] }>('webhook.list');
  t.notMatch(JSON.stringify(rows), SECRET);
  const headers = { authorization: `Bearer ${broker.token}` };
  const figures = await (await fetch(`${broker.ready.url}/metrics`, { headers })).text();
  t.match(figures, /signalbox_webhook_deliveries_total\{outcome="delivered"\} [1-9]/);
  t.match(figures, /signalbox_webhooks\{state="active"\} 1/);
  await broker.kill('SIGKILL');
  const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const holding: string[] = [];
  for (const file of files.filter(each => each.isFile())) {
    const path = pathTo(file.parentPath, file.name);
    if ((await readFile(path)).includes(SECRET)) holding.push(file.name);
  }
  t.equal(holding.length, 1, 'it stands in its own file alone');
  t.match(holding[0], /^[0-9a-f-]{36}\.secret$/);
});
