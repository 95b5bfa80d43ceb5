// Tries the SDK over real sockets against a scripted broker: coming back, repeating, giving up.
import t from 'tap';
import { ClientError, connect, type Notice, RefusalError } from '../../client/index.js';
import { refused } from '../dsl/refused.js';
import { fakeBroker, type Heard, isOnBrokerTime } from './fake-broker.js';

const credential = 'a-credential-of-this-test';
const sent = { result: { position: 1, verdict: 'applied', message: 'msg_1', delivery: 'queued' } };

for (const encoding of ['json', 'msgpack'] as const) {
  t.test(`a client greets, joins and calls in ${encoding}, with its credential`, async t => {
    const broker = await fakeBroker(t, ({ method }) => (method === 'notify.send' ? sent : 'usual'));
    const client = await connect({ url: broker.url, credential, encoding, join: { name: 'web' } });
    t.teardown(() => client.close());
    const result = await client.peer.notify('api', 'hello');
    t.match(result, { message: 'msg_1', delivery: 'queued' });
    const methods = broker.heard.map(({ method }) => method);
    t.same(methods, ['peer.whoami', 'peer.join', 'notify.send']);
    t.same(broker.upgrades, [
      { protocol: `signalbox.v1.${encoding}`, authorization: `Bearer ${credential}` },
    ]);
    const { peer, secret } = client.peer.identity;
    t.match(broker.heard[1], { params: { name: 'web', peer, secret } });
    t.ok(broker.heard.slice(1).every(isOnBrokerTime), 'ids are minted on the broker’s time');
  });
}

t.test('an unanswered command is repeated under the same id, after attaching', async t => {
  const broker = await fakeBroker(t, (heard, broker) => {
    if (heard.method !== 'notify.send') return 'usual';
    if (heard.on > 1) return sent;
    broker.cut();
    return undefined;
  });
  const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  t.match(await client.peer.notify('api', 'hello'), { message: 'msg_1' });
  const [first, second] = await broker.hears('notify.send', 2);
  t.equal(first?.params.id, second?.params.id);
  t.same(order(broker.heard, 2), ['peer.whoami', 'peer.attach', 'notify.send']);
  t.same(broker.heard.find(each => each.method === 'peer.attach')?.params, client.peer.identity);
});

t.test('a frame that no broker sends costs the connection, never the program', async t => {
  const frames = ['null', '5', '[null]', '{"jsonrpc":"2.0","id":1,"result":null}', '{"id":2}'];
  frames.push('{"method":"inbox.item","params":null}', '{"id":1,"error":null}');
  const broker = await fakeBroker(t, ({ method }, broker) => {
    const frame = method === 'notify.send' ? frames.shift() : undefined;
    if (frame === undefined) return method === 'notify.send' ? sent : 'usual';
    broker.raw(frame);
    return undefined;
  });
  const client = await connect({
    url: broker.url,
    credential,
    encoding: 'json',
    join: { name: 'web' },
  });
  t.teardown(() => client.close());
  t.match(await client.call('notify.send', { to: 'api', text: 'hi' }), { message: 'msg_1' });
  t.equal(broker.connections, 8);
});

t.test('what cannot be written is refused, and the client goes on', async t => {
  const broker = await fakeBroker(t, ({ method }) => (method === 'notify.send' ? sent : 'usual'));
  const circle: Record<string, unknown> = {};
  circle.again = circle;
  for (const encoding of ['json', 'msgpack'] as const) {
    const client = await connect({ url: broker.url, credential, encoding });
    t.teardown(() => client.close());
    await t.rejects(client.join({ name: circle as unknown as string }), refused('invalid'));
    const web = await client.join({ name: 'web' });
    await t.rejects(web.notify('api', circle as unknown as string), refused('invalid'));
    t.match(await web.notify('api', 'hello'), { message: 'msg_1' });
  }
});

t.test('a date goes over the wire as its text', async t => {
  const broker = await fakeBroker(t, ({ method }) => (method === 'notify.send' ? sent : 'usual'));
  const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  const expires_at = new Date(0) as unknown as string;
  await client.peer.notify('api', 'hello', { expires_at });
  t.match(await broker.hears('notify.send'), [
    { params: { expires_at: '1970-01-01T00:00:00.000Z' } },
  ]);
});

t.test('a join that was cut off is repeated under the same id and identity', async t => {
  const broker = await fakeBroker(t, (heard, broker) => {
    if (heard.method !== 'peer.join' || heard.on > 1) return 'usual';
    broker.cut();
    return undefined;
  });
  const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  const [first, second] = await broker.hears('peer.join', 2);
  t.same(first?.params, second?.params);
});

t.test('calls made while offline are held and sent in order after the reconnect', async t => {
  const notices: Notice[] = [];
  const broker = await fakeBroker(t);
  const { client, whenWaiting } = await watched(broker.url, notices);
  t.teardown(() => client.close());
  broker.cut(1012);
  await whenWaiting;
  const calls = [client.call('mesh.info'), client.call('peer.whoami'), client.call('peer.list')];
  t.equal(broker.connections, 1, 'nothing is sent before the reconnect');
  await Promise.all(calls);
  t.same(order(broker.heard, 2), ['peer.whoami', 'mesh.info', 'peer.whoami', 'peer.list']);
  t.match(notices, [{ kind: 'ready' }, { kind: 'waiting' }, { kind: 'ready' }]);
});

async function watched(url: string, notices: Notice[]) {
  let waiting = () => {};
  const whenWaiting = new Promise<void>(resolve => {
    waiting = resolve;
  });
  const onNotice = (notice: Notice) => {
    notices.push(notice);
    if (notice.kind === 'waiting') waiting();
  };
  return { client: await connect({ url, credential, onNotice }), whenWaiting };
}

t.test('the next broker of the list takes over when one is gone', async t => {
  const [first, second] = [await fakeBroker(t), await fakeBroker(t)];
  const client = await connect({ url: [first.url, second.url], credential });
  t.teardown(() => client.close());
  await first.close();
  await client.call('mesh.info');
  t.equal(second.connections, 1);
});

t.test(
  'a broker that says later is asked again with the same command, until it agrees',
  async t => {
    let asked = 0;
    const broker = await fakeBroker(t, ({ method }) => {
      if (method !== 'notify.send') return 'usual';
      return ++asked < 3 ? { refusal: 'unavailable', retry: true } : sent;
    });
    const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
    t.teardown(() => client.close());
    await client.peer.notify('api', 'hello');
    const ids = (await broker.hears('notify.send', 3)).map(({ params }) => params.id);
    t.equal(new Set(ids).size, 1);
    t.equal(broker.connections, 1);
  },
);

t.test('a broker that says later for too long is quoted to the caller', async t => {
  const broker = await fakeBroker(t, ({ method }) =>
    method === 'mesh.info' ? { refusal: 'rate_limited', retry: true, retry_after_s: 60 } : 'usual',
  );
  const client = await connect({ url: broker.url, credential });
  t.teardown(() => client.close());
  await t.rejects(client.call('mesh.info', {}, { wait_ms: 3_000 }), refused('rate_limited'));
});

t.test('a refusal reaches the caller as it came', async t => {
  const broker = await fakeBroker(t, ({ method }) =>
    method === 'mesh.info' ? { refusal: 'forbidden' } : 'usual',
  );
  const client = await connect({ url: broker.url, credential });
  t.teardown(() => client.close());
  await t.rejects(client.call('mesh.info'), { name: 'RefusalError', refusal: 'forbidden' });
});

t.test('a call whose time is over says that its outcome is unknown, and its id', async t => {
  const broker = await fakeBroker(t, ({ method }) =>
    method === 'notify.send' ? undefined : 'usual',
  );
  const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  const params = { to: 'api', text: 'hello' };
  const error = await client.call('notify.send', params, { wait_ms: 50 }).catch(e => e);
  const [heard] = await broker.hears('notify.send');
  t.match(error, { name: 'ClientError', code: 'timeout', id: heard?.params.id });
});

t.test('a revoked credential ends the client: open calls and later ones are refused', async t => {
  const broker = await fakeBroker(t, ({ method }, broker) => {
    if (method === 'mesh.info') broker.cut(4001);
    return method === 'mesh.info' ? undefined : 'usual';
  });
  const notices: Notice[] = [];
  const { client } = await watched(broker.url, notices);
  await t.rejects(client.call('mesh.info'), refused('unauthorized'));
  await t.rejects(client.call('peer.whoami'), refused('unauthorized'));
  t.match(notices.at(-1), { kind: 'stopped', error: RefusalError });
  t.equal(broker.connections, 1);
});

t.test('a credential that is not valid, or a strange Host, is told at once', async t => {
  const closed = await fakeBroker(t, undefined, 401);
  await t.rejects(connect({ url: closed.url, credential }), refused('unauthorized'));
  const strange = await fakeBroker(t, undefined, 403);
  await t.rejects(connect({ url: strange.url, credential }), refused('forbidden'));
});

t.test('where nobody listens, the error names the address and the next step', async t => {
  const broker = await fakeBroker(t);
  const { url } = broker;
  await broker.close();
  const error = await connect({ url, credential, wait_ms: 0 }).catch(e => e);
  t.match(error, { name: 'ClientError', code: 'unreachable', message: /signalbox up/ });
  t.match(error.message, new URL(url).host);
});

t.test('a join that is refused rejects the connect and closes the connection', async t => {
  const broker = await fakeBroker(t, ({ method }) =>
    method === 'peer.join' ? { refusal: 'circle_forbidden' } : 'usual',
  );
  const join = { name: 'web', circle: 'secret' };
  await t.rejects(connect({ url: broker.url, credential, join }), refused('circle_forbidden'));
});

t.test(
  'a later join that is refused leaves the client as it was, and may be tried anew',
  async t => {
    let joins = 0;
    const broker = await fakeBroker(t, ({ method }) =>
      method === 'peer.join' && joins++ === 0 ? { refusal: 'invalid' } : 'usual',
    );
    const client = await connect({ url: broker.url, credential });
    t.teardown(() => client.close());
    t.throws(() => client.peer, { code: 'misuse' });
    await t.rejects(client.join({ name: 'web' }), refused('invalid'));
    await client.call('mesh.info');
    t.equal((await client.join({ name: 'api' })).name, 'api');
    await t.rejects(client.join({ name: 'third' }), { code: 'misuse' });
  },
);

t.test('closing rejects what is open and dials no more', async t => {
  const broker = await fakeBroker(t, ({ method }) =>
    method === 'mesh.info' ? undefined : 'usual',
  );
  const client = await connect({ url: broker.url, credential });
  const open = client.call('mesh.info');
  await client.close();
  await t.rejects(open, { code: 'closed' });
  await t.rejects(client.call('peer.whoami'), ClientError);
  t.equal(broker.connections, 1);
});

t.test('a frame that is no answer makes the client begin anew and repeat its calls', async t => {
  const broker = await fakeBroker(t, ({ method, on }, broker) => {
    if (method !== 'mesh.info' || on > 1) return 'usual';
    broker.raw('{"jsonrpc":"2.0","id":null,"error":{"message":"what?"}}');
    return undefined;
  });
  const client = await connect({ url: broker.url, credential, encoding: 'json' });
  t.teardown(() => client.close());
  await client.call('mesh.info');
  t.equal(broker.connections, 2);
});

t.test('what no broker would take is refused before it is sent', async t => {
  const broker = await fakeBroker(t);
  const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  await t.rejects(client.peer.notify('api', 'x'.repeat(1_100_000)), refused('too_large'));
  await t.rejects(client.peer.notify('api', 'half \ud800'), refused('invalid'));
  t.equal(broker.heard.length, 2, 'greeting and join, nothing else');
});

function order(heard: Heard[], on: number): string[] {
  return heard.filter(each => each.on === on).map(({ method }) => method);
}
