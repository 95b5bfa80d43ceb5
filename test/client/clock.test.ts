// A client goes by the broker's time: its own clock may be wrong, and be set while it runs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { callOnce, connect } from '../../client/index.js';
import { BrokerTime } from '../../client/sdk/identity.js';
import { TIME_HEADER } from '../../schemas/frame.js';
import { idTime } from '../../schemas/uuid.js';
import { refused } from '../dsl/refused.js';
import { fakeBroker, isOnBrokerTime, type Script } from './fake-broker.js';

const credential = 'a-credential-of-this-test';
const sent = { result: { position: 1, verdict: 'applied', message: 'msg_1', delivery: 'queued' } };
const HOUR = 3_600_000;

/** Sets the wall clock of this process until the test ends. */
function setClock(t: Test, by: number): () => void {
  const right = Date.now;
  const undo = () => {
    Date.now = right;
  };
  Date.now = () => right() + by;
  t.teardown(undo);
  return undo;
}

for (const by of [HOUR, -HOUR]) {
  t.test(`a clock set by ${by} ms while connected changes no id`, async t => {
    const broker = await fakeBroker(t, ({ method }) => (method === 'notify.send' ? sent : 'usual'));
    const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
    t.teardown(() => client.close());
    const undo = setClock(t, by);
    await client.peer.notify('api', 'hello');
    undo();
    const [heard] = await broker.hears('notify.send');
    t.ok(isOnBrokerTime(heard!));
  });
}

/** A broker that refuses the ids of notifies for their time, the first `most` of them. */
function refusing(most: number, told: number): Script {
  let count = 0;
  return ({ method }) => {
    if (method !== 'notify.send') return 'usual';
    return count++ < most ? { refusal: 'invalid', time: told } : sent;
  };
}

t.test('an id refused for its time is made anew, once, by the time that was told', async t => {
  const told = Date.UTC(2030, 0, 1);
  const broker = await fakeBroker(t, refusing(1, told));
  const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  t.match(await client.peer.notify('api', 'hello'), { message: 'msg_1' });
  const [first, second] = await broker.hears('notify.send', 2);
  t.not(first?.params.id, second?.params.id);
  t.ok(Math.abs(idTime(String(second?.params.id)) - told) < 60_000);

  broker.script = refusing(2, told);
  await t.rejects(client.peer.notify('api', 'again'), refused('invalid'));
});

t.test('an id that a former socket carried stays: it may have taken effect', async t => {
  const broker = await fakeBroker(t, (heard, broker) => {
    if (heard.method !== 'notify.send') return 'usual';
    if (heard.on > 1) return { refusal: 'invalid', time: 1 };
    broker.cut();
    return undefined;
  });
  const client = await connect({ url: broker.url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  await t.rejects(client.peer.notify('api', 'hello'), refused('invalid'));
  const [first, second] = await broker.hears('notify.send', 2);
  t.equal(first?.params.id, second?.params.id);
});

/** A desk for POSTs whose time is another, which refuses ids that are not of it. */
async function desk(t: Test, time: number, headers: Record<string, string> = {}) {
  const ids: string[] = [];
  const server = createServer(async (request, response) => {
    const { params } = JSON.parse(await text(request)) as { params: { id: string } };
    ids.push(params.id);
    const data = { refusal: 'invalid', retry: false, time };
    const isRight = Math.abs(idTime(params.id) - time) < 60_000;
    const body = isRight ? { result: { message: 'msg_1' } } : { error: { message: 'set', data } };
    response.writeHead(200, headers).end(JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ids, options: { url, credential } };
}

t.test('one call by POST heals alike, but not an id that was given', async t => {
  const { ids, options } = await desk(t, Date.now() - HOUR);
  const said = { to: 'api', text: 'hi' };
  t.match(await callOnce(options, 'notify.send', said), { message: 'msg_1' });
  t.equal(ids.length, 2);
  const given = { ...said, id: ids[0]! };
  await t.rejects(callOnce(options, 'notify.send', given), refused('invalid'));
  t.equal(ids.length, 3);
});

t.test('calls that share what they know of the time are right at once', async t => {
  const told = Date.now() + 24 * HOUR;
  const { ids, options } = await desk(t, told, { [TIME_HEADER]: String(told) });
  const time = new BrokerTime();
  t.ok(Math.abs(time.now() - Date.now()) < 60_000, 'our own while nothing was told');
  for (let n = 0; n < 3; n++) {
    await callOnce({ ...options, time }, 'notify.send', { to: 'api', text: 'hi' });
  }
  t.equal(ids.length, 4, 'refused the first time alone');
  setClock(t, -HOUR);
  t.ok(Math.abs(time.now() - told) < 60_000);
});
