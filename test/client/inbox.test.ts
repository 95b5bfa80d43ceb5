// Tries the inbox against a scripted broker: taking it anew, repeats, being replaced, answering.

import type { Test } from 'tap';
import t from 'tap';
import { type Client, connect } from '../../client/index.js';
import { refused } from '../dsl/refused.js';
import { type FakeBroker, fakeBroker, type Script } from './fake-broker.js';

const credential = 'a-credential-of-this-test';
const applied = { result: { position: 9, verdict: 'applied' } };

function item(position: number, kind = 'notify', more: object = {}): Record<string, unknown> {
  const from = { from: 'peer_api', from_name: 'api', from_role: 'agent' };
  return {
    position,
    time: 0,
    kind,
    ...from,
    text: `text ${position}`,
    ref: `msg_${position}`,
    ...more,
  };
}

/** Counts generations as a broker does; `taken` says what waits whenever the inbox is taken. */
function inboxOf(taken: (broker: FakeBroker, generation: number) => void): Script {
  let generation = 0;
  return ({ method, params, id }, broker) => {
    const time = Date.now();
    switch (method) {
      case 'peer.attach':
        return { result: { ...params, name: 'web', generation, cursor: 'log.0', time } };
      case 'inbox.subscribe':
        broker.answer(id, { position: 1, verdict: 'applied', generation: ++generation });
        taken(broker, generation);
        return undefined;
      case 'inbox.ack':
        return params.generation === generation ? applied : { refusal: 'generation_stale' };
      case 'ask.close':
        return applied;
      default:
        return 'usual';
    }
  };
}

async function joined(t: Test, script: Script): Promise<{ client: Client; broker: FakeBroker }> {
  const broker = await fakeBroker(t, script);
  const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  return { client, broker };
}

t.test('what waits and what comes is yielded in order, and acknowledged by its ref', async t => {
  const { client, broker } = await joined(
    t,
    inboxOf(broker => broker.notify('inbox.item', item(1))),
  );
  const inbox = client.peer.inbox();
  const { value: first } = await inbox.next();
  t.match(first, { position: 1, kind: 'notify', text: 'text 1' });
  broker.notify('inbox.item', item(2));
  const { value: second } = await inbox.next();
  t.match(second, { position: 2 });
  await second.ack();
  await inbox.ackUpTo(1);
  const acks = await broker.hears('inbox.ack', 2);
  t.match(acks, [
    { params: { refs: ['msg_2'], generation: 1 } },
    { params: { up_to: 1, generation: 1 } },
  ]);
});

t.test('after a reconnect the inbox is taken anew, and no item is shown twice', async t => {
  const { client, broker } = await joined(
    t,
    inboxOf((broker, generation) => {
      broker.notify('inbox.item', item(1, 'notify', { repeated: generation > 1 }));
      if (generation > 1) broker.notify('inbox.item', item(2));
    }),
  );
  const inbox = client.peer.inbox();
  const { value: first } = await inbox.next();
  broker.cut();
  const { value: second } = await inbox.next();
  t.match(second, { position: 2 });
  await first.ack();
  t.match((await broker.hears('inbox.ack')).at(-1), { params: { generation: 2 } });
});

t.test('an item that is gone before it was read is not shown', async t => {
  const { client, broker } = await joined(
    t,
    inboxOf(broker => {
      broker.notify('inbox.item', item(1));
      broker.notify('inbox.item', item(2));
      broker.notify('inbox.gone', { position: 1, ref: 'msg_1', reason: 'retracted' });
    }),
  );
  const inbox = client.peer.inbox();
  await broker.hears('inbox.subscribe');
  await client.call('mesh.info');
  t.match(await inbox.next(), { value: { position: 2 } });
});

t.test('when another consumer takes the inbox, the iterator ends with that error', async t => {
  const { client, broker } = await joined(
    t,
    inboxOf(broker => broker.notify('inbox.item', item(1))),
  );
  const inbox = client.peer.inbox();
  await inbox.next();
  broker.notify('inbox.taken', { generation: 2 });
  await t.rejects(inbox.next(), { code: 'inbox_taken' });
  t.same(await inbox.next(), { value: undefined, done: true });
  await broker.hears('inbox.subscribe');
  t.doesNotThrow(() => client.peer.inbox(), 'it may be taken back');
});

t.test('an inbox that was taken while the client was away is not taken back', async t => {
  let isAway = false;
  const usual = inboxOf(broker => broker.notify('inbox.item', item(1)));
  const { client, broker } = await joined(t, (heard, broker) => {
    if (heard.method !== 'peer.attach' || !isAway) return usual(heard, broker);
    const { params } = heard;
    return { result: { ...params, name: 'web', generation: 7, cursor: 'log.0', time: Date.now() } };
  });
  const inbox = client.peer.inbox();
  await inbox.next();
  isAway = true;
  broker.cut();
  await t.rejects(inbox.next(), { code: 'inbox_taken' });
  t.equal((await broker.hears('inbox.subscribe')).length, 1);
});

t.test('an ask can be replied to, declined and acknowledged where it is read', async t => {
  const { client, broker } = await joined(
    t,
    inboxOf(broker => {
      for (const at of [1, 2, 3])
        broker.notify('inbox.item', item(at, 'ask', { ref: `ask_${at}` }));
    }),
  );
  const inbox = client.peer.inbox();
  const deeds = ['reply', 'decline', 'acknowledge'] as const;
  for (const deed of deeds) {
    const { value } = await inbox.next();
    if (value.kind === 'ask') await value[deed](`by ${deed}`);
  }
  t.match(await broker.hears('ask.close', 3), [
    { params: { ask: 'ask_1', outcome: 'replied', text: 'by reply' } },
    { params: { ask: 'ask_2', outcome: 'declined', text: 'by decline' } },
    { params: { ask: 'ask_3', outcome: 'acknowledged' } },
  ]);
});

t.test('a close that lost in the log is a refusal with its reason', async t => {
  const { client } = await joined(t, ({ method }) => {
    if (method !== 'ask.close') return 'usual';
    return { result: { position: 9, verdict: 'void', reason: 'ask_closed' } };
  });
  await t.rejects(client.peer.answer('ask_1', 'replied', 'yes'), refused('ask_closed'));
});

t.test('the inbox of one client is open once', async t => {
  const { client } = await joined(
    t,
    inboxOf(() => {}),
  );
  const inbox = client.peer.inbox();
  t.throws(() => client.peer.inbox(), { code: 'misuse' });
  await inbox.return();
  t.same(await inbox.next(), { value: undefined, done: true });
  t.doesNotThrow(() => client.peer.inbox());
});

t.test('a reply is waited for over a reconnect', async t => {
  const thread = { ask: 'ask_1', from: 'a', to: 'b', circle: 'default', text: 'may I?' };
  const { client } = await joined(t, ({ method, on }, broker) => {
    if (method === 'ask.open') {
      return { result: { position: 1, verdict: 'applied', ask: 'ask_1', delivery: 'queued' } };
    }
    if (method !== 'ask.wait') return 'usual';
    if (on === 1) broker.cut();
    return { result: { ...thread, state: 'closed', outcome: 'replied', reply: { text: 'yes' } } };
  });
  const ask = await client.peer.ask('api', 'may I?');
  t.match(ask, { id: 'ask_1', delivery: 'queued' });
  t.match(await ask.reply(), { state: 'closed', reply: { text: 'yes' } });
});

t.test('a wait whose time is over gives the thread as it is, still open', async t => {
  const { client } = await joined(t, ({ method }) =>
    method === 'ask.wait' ? { result: { ask: 'ask_1', state: 'open' } } : 'usual',
  );
  t.match(await client.peer.asked('ask_1').reply(0), { state: 'open' });
});
