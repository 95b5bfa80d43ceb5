// Several brokers of one mesh: the next is gone to, nothing is lost or doubled, no time goes back.
import { mock } from 'node:test';
import t from 'tap';
import { Brokers, callOnce, connect } from '../../client/index.js';
import type { CallRequest } from '../../client/sdk/calls.js';
import { ClientError } from '../../client/sdk/errors.js';
import { call } from '../../client/sdk/post.js';
import { Vigil } from '../../client/sdk/vigil.js';
import { limits } from '../../schemas/limits.js';
import { refused } from '../dsl/refused.js';
import { fakeBroker } from './fake-broker.js';
import { postDesk } from './post-desk.js';

const credential = 'a-credential-of-this-test';
const told = (position: number) => ({ position, verdict: 'applied', message: 'msg_1' });
const said = { to: 'api', text: 'hi' };

t.test('a command cut off at one broker is repeated at the next, which has all before', async t => {
  const first = await fakeBroker(t, ({ method, params }, broker) => {
    if (method !== 'notify.send') return 'usual';
    if (params.text === 'hi') return { result: told(70) };
    void broker.close();
    return undefined;
  });
  const second = await fakeBroker(t, ({ method }) =>
    method === 'notify.send' ? { result: told(71) } : 'usual',
  );
  const url = [first.url, second.url];
  const client = await connect({ url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  await client.peer.notify('api', 'hi');
  t.match(await client.peer.notify('api', 'cut off'), told(71));
  const [, lost] = await first.hears('notify.send', 2);
  const [repeated] = await second.hears('notify.send');
  t.equal(repeated?.params.id, lost?.params.id, 'it takes effect once');
  const methods = second.heard.map(({ method }) => method);
  t.same(methods, ['peer.whoami', 'peer.attach', 'notify.send']);
  t.same(second.heard[0]?.params, { min_position: 70 }, 'what one has been told is folded there');
});

t.test('a broker that is behind is passed over; one whose log was cut is believed', async t => {
  const first = await fakeBroker(t, ({ method }, broker) => {
    if (method !== 'notify.send') return 'usual';
    setImmediate(() => broker.close());
    return { result: told(70) };
  });
  const isBehind = { refusal: 'unavailable', retry: true };
  const second = await fakeBroker(t, ({ method, on }) =>
    method === 'peer.whoami' ? { ...isBehind, ...(on > 1 && { head: 5 }) } : 'usual',
  );
  const third = await fakeBroker(t, ({ method, on }) =>
    method === 'peer.whoami' && on === 1 ? isBehind : 'usual',
  );
  const url = [first.url, second.url, third.url];
  const client = await connect({ url, credential, join: { name: 'web' } });
  t.teardown(() => client.close());
  await client.peer.notify('api', 'hi');
  const [, again] = await third.hears('peer.whoami', 2);
  t.same(again?.params, {}, 'it is not waited for what is lost');
});

t.test('a credential that one broker refuses is offered to no other', async t => {
  const first = await fakeBroker(t, undefined, 401);
  const second = await fakeBroker(t);
  await t.rejects(connect({ url: [first.url, second.url], credential }), refused('unauthorized'));
  t.equal(second.connections, 0);
});

t.test('a POST goes to the next at once, and the next call begins where one answered', async t => {
  const dead = await postDesk(t, () => 'hang up');
  const good = await postDesk(t, n => ({ result: told(n) }));
  const url = new Brokers([dead.options.url, good.options.url]);
  const options = { url, credential };
  await call(options, 'notify.send', said);
  t.equal(dead.heard[0]?.params.id, good.heard[0]?.params.id, 'as the same command');
  await callOnce(options, 'notify.send', said);
  t.equal(dead.heard.length, 1);
  t.same(good.minima, [undefined, undefined], 'who told it need not be told');
});

t.test('a POST tells another broker what it must have folded', async t => {
  const first = await postDesk(t, n => (n === 1 ? { result: told(9) } : 'hang up'));
  const second = await postDesk(t, () => ({ result: told(10) }));
  const options = { url: new Brokers([first.options.url, second.options.url]), credential };
  await call(options, 'notify.send', said);
  await call(options, 'notify.send', said);
  t.same(second.minima, ['9']);
});

t.test('callOnce tries each broker once, and tells of all of them', async t => {
  const desks = [await postDesk(t, () => 'hang up'), await postDesk(t, () => 'hang up')];
  const url = desks.map(({ options }) => options.url);
  const error = await callOnce({ url, credential }, 'mesh.info', {}).catch(error => error);
  t.match(error, { code: 'unreachable', message: url.join(', ') });
  t.same(
    desks.map(({ heard }) => heard.length),
    [1, 1],
  );
});

t.test('several addresses may stand in one text; none is a mistake of the program', async t => {
  const { urls } = new Brokers('http://a:1,https://b/x,y , ws://c:2/ws');
  t.same(urls, ['http://a:1', 'https://b/x,y', 'ws://c:2/ws']);
  t.throws(() => new Brokers([]), { code: 'misuse' });
  t.throws(() => new Brokers(' , '), { code: 'misuse' });
});

t.test('a broker that does not answer, or cannot serve, is left; a lost socket is not', async t => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const asked: CallRequest[] = [];
  let deaths = 0;
  const vigil = new Vigil({ call: request => asked.push(request), onDead: () => deaths++ });
  vigil.begin();
  const pass = () => mock.timers.tick(limits.vigil_every_ms);
  pass();
  asked[0]?.done({ result: {} });
  pass();
  asked[1]?.done({ error: new ClientError('lost', 'the socket went') });
  t.equal(deaths, 0);
  pass();
  asked[2]?.done({ error: new ClientError('timeout', 'no answer') });
  t.equal(deaths, 1);
  vigil.begin();
  pass();
  vigil.end();
  asked[3]?.done({ error: new ClientError('timeout', 'of a connection that is over') });
  t.same([asked.length, deaths], [4, 1]);
});
