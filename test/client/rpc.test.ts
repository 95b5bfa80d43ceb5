// Tries the single call by POST: what is sent, what comes back, and each way it can go wrong.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import t from 'tap';
import { callOnce } from '../../client/index.js';
import { rpcUrl, socketUrl } from '../../client/sdk/address.js';
import { refused } from '../dsl/refused.js';

const credential = 'a-credential-of-this-test';
type Answered = { status?: number; body: string } | undefined;

async function desk(t: Test, answer: (body: string, request: IncomingMessage) => Answered) {
  const server = createServer(async (request, response) => {
    const answered = answer(await text(request), request);
    if (answered) response.writeHead(answered.status ?? 200).end(answered.body);
  });
  return { url: await listening(t, server), credential };
}

async function listening(t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('one call is one POST with the credential, and a command gets its id', async t => {
  const options = await desk(t, (body, { url, method, headers }) => {
    const sent = JSON.parse(body);
    t.match({ url, method }, { url: '/rpc', method: 'POST' });
    t.equal(headers.authorization, `Bearer ${credential}`);
    t.match(sent, { method: 'notify.send', params: { to: 'api', text: 'hi', id: /-7/ } });
    return { body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: { message: 'msg_1' } }) };
  });
  const sent = await callOnce(options, 'notify.send', { to: 'api', text: 'hi' });
  t.match(sent, { message: 'msg_1' });
});

t.test('an id that is given stays, and a read has none', async t => {
  const ids: unknown[] = [];
  const options = await desk(t, body => {
    ids.push(JSON.parse(body).params.id);
    return { body: '{"result":{}}' };
  });
  const id = '01890000-0000-7000-8000-000000000001';
  await callOnce(options, 'broadcast.send', { id, text: 'hi' });
  await callOnce(options, 'mesh.info', {});
  t.same(ids, [id, undefined]);
});

t.test('a refusal is a RefusalError with its data', async t => {
  const data = { refusal: 'peer_ambiguous', retry: false, candidates: [] };
  const options = await desk(t, () => ({
    body: JSON.stringify({ error: { code: -32004, message: 'which one?', data } }),
  }));
  await t.rejects(callOnce(options, 'mesh.info', {}), {
    name: 'RefusalError',
    refusal: 'peer_ambiguous',
    message: 'which one?',
    data,
  });
});

t.test('HTTP 401 and 403 are refusals too, whatever the body says', async t => {
  for (const [status, refusal] of [
    [401, 'unauthorized'],
    [403, 'forbidden'],
  ] as const) {
    const options = await desk(t, () => ({ status, body: 'go away' }));
    await t.rejects(callOnce(options, 'mesh.info', {}), refused(refusal));
  }
});

t.test('what is no broker is named with its status', async t => {
  const options = await desk(t, () => ({ status: 404, body: '<html>' }));
  await t.rejects(callOnce(options, 'mesh.info', {}), { code: 'unreachable', message: /404/ });
});

t.test('an answer that is no answer is no broker’s, whatever JSON it is', async t => {
  for (const body of ['null', '5', '[]', '{}', '"x"', '{"result":null}']) {
    const options = await desk(t, () => ({ body }));
    await t.rejects(callOnce(options, 'mesh.info', {}), { code: 'unreachable' }, body);
  }
});

t.test('an answer that is cut off or stands still is told with the command id', async t => {
  for (const [code, wait_ms] of [
    ['unreachable', 10_000],
    ['timeout', 500],
  ] as const) {
    let id: string | undefined;
    const server = createServer(async (request, response) => {
      id = JSON.parse(await text(request)).params.id;
      response.writeHead(200, { 'content-length': 100 }).write('{"result"');
      if (code === 'unreachable') response.destroy();
    });
    const url = await listening(t, server);
    const call = callOnce({ url, credential, wait_ms }, 'broadcast.send', { text: 'hi' });
    const error = await call.catch(e => e);
    t.match(error, { code, id });
  }
});

t.test('an answer may be waited for without end', async t => {
  const options = await desk(t, () => ({ body: '{"result":{}}' }));
  for (const wait_ms of [Infinity, 2 ** 40]) {
    t.same(await callOnce({ ...options, wait_ms }, 'mesh.info', {}), {});
  }
});

t.test('a credential that no header can hold is refused without being shown', async t => {
  const options = await desk(t, () => ({ body: '{"result":{}}' }));
  for (const odd of ['first\r\nsecond', 'first\0second', 'first😀second']) {
    const error = await callOnce({ ...options, credential: odd }, 'mesh.info', {}).catch(e => e);
    t.match(error, { refusal: 'unauthorized' });
    t.notMatch(error.message, /second/);
  }
  const padded = { ...options, credential: `${credential}\n` };
  t.same(await callOnce(padded, 'mesh.info', {}), {}, 'the end of a line is no part of it');
});

t.test('where nobody listens, the error names the URL and the next step', async t => {
  const url = 'http://127.0.0.1:1';
  await t.rejects(callOnce({ url, credential }, 'mesh.info', {}), {
    code: 'unreachable',
    message: /127\.0\.0\.1:1.*signalbox up/,
  });
});

t.test('a late answer is a time-out that carries the command id', async t => {
  let id: string | undefined;
  const options = await desk(t, body => {
    id = JSON.parse(body).params.id;
    return undefined;
  });
  const late = callOnce({ ...options, wait_ms: 2_000 }, 'broadcast.send', { text: 'hi' });
  const error = await late.catch(e => e);
  t.match(error, { name: 'ClientError', code: 'timeout' });
  t.equal(error.id, id);
});

t.test('one URL serves sockets and posts, in whichever form it is given', async t => {
  for (const url of ['http://h:7117', 'http://h:7117/', 'ws://h:7117/ws', 'http://h:7117/rpc']) {
    t.equal(socketUrl(url), 'ws://h:7117/ws', url);
    t.equal(rpcUrl(url), 'http://h:7117/rpc', url);
  }
  t.equal(socketUrl('https://h/base'), 'wss://h/base/ws');
  t.equal(rpcUrl('wss://h/base/ws'), 'https://h/base/rpc');
});
