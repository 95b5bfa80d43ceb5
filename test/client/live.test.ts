// Tries the SDK against the real broker over a real nats-server, across restarts of the broker.
import { readFile } from 'node:fs/promises';
import type { Test } from 'tap';
import t from 'tap';
import { type RunningBroker, start } from '../../broker/main.js';
import { type Batch, callOnce, connect, type Observation } from '../../client/index.js';
import { tempDir } from '../dsl/nats.js';
import { refused } from '../dsl/refused.js';

interface House {
  url: string;
  credential: string;
  restart(): Promise<void>;
}

/** A broker on a data directory of its own, which can be stopped and started on the same port. */
async function house(t: Test): Promise<House> {
  const dataDir = await tempDir(t);
  const binary = process.env.SIGNALBOX_NATS_SERVER;
  const run = (port: number): Promise<RunningBroker> =>
    start({
      host: '127.0.0.1',
      port,
      dataDir,
      mesh: 'test',
      durability: 'os',
      version: '0.0.0',
      ...(binary && { natsBinary: binary }),
      onProgress() {},
    });
  let broker = await run(0);
  t.teardown(() => broker.close());
  const { url, token_file } = broker.ready;
  return {
    url,
    credential: (await readFile(token_file, 'utf8')).trim(),
    restart: async () => {
      await broker.close();
      broker = await run(Number(new URL(url).port));
    },
  };
}

/** The types of all events up to and with the first one that is `last`. */
async function until(observation: Observation, last: string): Promise<Batch[]> {
  const batches: Batch[] = [];
  for (;;) {
    const { value, done } = await observation.next();
    if (done) return batches;
    batches.push(value);
    if ((value as Batch).records.some(({ event }) => event.type === last)) return batches;
  }
}

const types = (batches: Batch[]) =>
  batches.flatMap(({ records }) => records.map(({ event }) => event.type));

for (const encoding of ['json', 'msgpack'] as const) {
  t.test(`an ask walks from one peer to the other and back in ${encoding}`, async t => {
    const { url, credential } = await house(t);
    const web = await connect({ url, credential, encoding, join: { name: 'web' } });
    const api = await connect({ url, credential, encoding, join: { name: 'api' } });
    const watcher = await connect({ url, credential, encoding });
    t.teardown(() => Promise.all([web.close(), api.close(), watcher.close()]));
    const observation = watcher.observe({ from: 'start', filter: { kinds: ['ask'] } });

    const ask = await web.peer.ask('api', 'may I merge?');
    const { value: item } = await api.peer.inbox().next();
    t.match(item, { kind: 'ask', ref: ask.id, from_name: 'web', text: 'may I merge?' });
    if (item.kind === 'ask') await item.reply('yes');
    t.match(await ask.reply(), { state: 'closed', outcome: 'replied', reply: { text: 'yes' } });
    await t.rejects(ask.cancel(), refused('ask_closed'));

    const seen = await until(observation, 'ask.closed');
    t.same(types(seen), ['ask.opened', 'ask.closed']);
    t.same(
      (await web.peers()).map(({ name }) => name),
      ['api'],
      'all but the caller',
    );
  });
}

t.test('a restart of the broker loses nothing and shows nothing twice', async t => {
  const { url, credential, restart } = await house(t);
  const web = await connect({ url, credential, join: { name: 'web' } });
  const api = await connect({ url, credential, join: { name: 'api' } });
  t.teardown(() => Promise.all([web.close(), api.close()]));
  const observation = web.observe({ from: 'start', filter: { types: ['message.notified'] } });
  const inbox = api.peer.inbox();
  await web.peer.notify('api', 'before');
  const { value: before } = await inbox.next();
  t.equal(before.text, 'before');
  const waiting = await web.peer.ask('api', 'still there?');
  const reply = waiting.reply();

  await restart();

  await web.peer.notify('api', 'after');
  const { value: ask } = await inbox.next();
  t.match(ask, { kind: 'ask', text: 'still there?' }, 'the item of before is not shown again');
  await ask.reply('still here');
  t.match(await reply, { outcome: 'replied', reply: { text: 'still here' } });
  const { value: after } = await inbox.next();
  t.equal(after.text, 'after');
  await inbox.ackUpTo(after.position);
  const batches = [...(await until(observation, 'message.notified'))];
  if (types(batches).length < 2) batches.push(...(await until(observation, 'message.notified')));
  t.same(types(batches), ['message.notified', 'message.notified']);
  t.match(await api.call('inbox.read', {}), { items: [], remaining: 0 });
});

t.test('a second consumer takes the inbox from the first', async t => {
  const { url, credential } = await house(t);
  const first = await connect({ url, credential, join: { name: 'api' } });
  const second = await connect({ url, credential, attach: first.peer.identity });
  t.teardown(() => Promise.all([first.close(), second.close()]));
  const inbox = first.peer.inbox();
  const web = await connect({ url, credential, join: { name: 'web' } });
  t.teardown(() => web.close());
  await web.peer.notify('api', 'hello');
  t.equal((await inbox.next()).value.text, 'hello');
  const taken = inbox.next();
  t.match(await second.peer.inbox().next(), { value: { text: 'hello', repeated: true } });
  await t.rejects(taken, { code: 'inbox_taken' });
});

t.test('a peer’s own credential speaks for it by socket and by POST', async t => {
  const { url, credential } = await house(t);
  const { identity } = (await connect({ url, credential, join: { name: 'api' } }).then(own(t)))
    .peer;
  const own_credential = `${identity.peer}.${identity.secret}`;
  const again = await connect({ url, credential: own_credential }).then(own(t));
  t.equal(again.peer.name, 'api');
  const told = await callOnce({ url, credential: own_credential }, 'peer.whoami', {});
  t.match(told, { peer: identity.peer, name: 'api' });
});

t.test('a revoked token ends the clients that came with it', async t => {
  const { url, credential } = await house(t);
  const secret = 'a-secret-of-this-test-only';
  const rights = {
    name: 'guest',
    circles: ['*'],
    roles: ['agent' as const],
    verbs: ['speak' as const],
  };
  const { token } = await callOnce({ url, credential }, 'token.create', { ...rights, secret });
  const guest = await connect({ url, credential: secret, join: { name: 'guest' } });
  const inbox = guest.peer.inbox().next();
  await callOnce({ url, credential }, 'token.revoke', { token });
  await t.rejects(inbox, refused('unauthorized'));
  await t.rejects(guest.whoami(), refused('unauthorized'));
  await t.rejects(connect({ url, credential: secret }), refused('unauthorized'));
});

function own(t: Test) {
  return <C extends { close(): Promise<void> }>(client: C): C => {
    t.teardown(() => client.close());
    return client;
  };
}
