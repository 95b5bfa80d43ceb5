// Plain HTTP: calls by POST, health, figures, and what is said to those who ask for something else.
import t from 'tap';
import { decode, pack } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';
import { bearer, house, post, raw, UUID, visit } from '../dsl/gateway-house.js';

const call = (id: number, method = 'mesh.info', params?: object) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});

t.test('a POST answers a call with its result', async t => {
  const visited = await house(t);
  const answer = await post(visited, call(7));
  t.equal(answer.status, 200);
  t.equal(answer.headers.get('content-type'), 'application/json');
  t.equal(answer.headers.get('cache-control'), 'no-store');
  t.same(await answer.json(), { jsonrpc: '2.0', id: 7, result: { method: 'mesh.info' } });
});

t.test('a batch is answered as a batch, also one of one', async t => {
  const visited = await house(t);
  t.match(await (await post(visited, [call(1), call(2)])).json(), [{ id: 1 }, { id: 2 }]);
  t.match(await (await post(visited, [call(1)])).json(), [{ id: 1 }]);
  const mixed = [1, { ...call(1), id: undefined }, call(2, 'no.such')];
  t.match(await (await post(visited, mixed)).json(), [
    { id: null, error: { code: -32600 } },
    { id: 2, error: { code: -32601 } },
  ]);
  t.match(await (await post(visited, [])).json(), { id: null, error: { code: -32600 } });
  t.match(await (await post(visited, '{')).json(), { id: null, error: { code: -32700 } });
  const many = Array.from({ length: limits.post_calls + 1 }, () => 1);
  t.match(await (await post(visited, many)).json(), { id: null, error: { code: -32600 } });
});

t.test('notifications alone are answered with nothing', async t => {
  const visited = await house(t);
  const answer = await post(visited, { jsonrpc: '2.0', method: 'mesh.info' });
  t.equal(answer.status, 204);
  t.equal(visited.door.reads.length, 1, 'but they are carried out');
});

t.test('msgpack is answered in msgpack, other types are turned away', async t => {
  const visited = await house(t);
  const send = (type: string) =>
    fetch(`${visited.gateway.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': type, ...bearer() },
      body: pack([{ jsonrpc: '2.0', id: 3, method: 'mesh.info' }]),
    });
  const answer = await send('application/msgpack');
  t.equal(answer.headers.get('content-type'), 'application/msgpack');
  t.match(decode('msgpack', new Uint8Array(await answer.arrayBuffer())), [{ id: 3 }]);
  t.equal((await send('text/plain')).status, 415);
});

t.test('a POST that joins speaks for its peer in the calls behind it', async t => {
  const visited = await house(t);
  const peer = 'peer_01890000-0000-7000-8000-00000000000a';
  visited.door.onCommand = ({ command, decided, done }) => {
    decided();
    const { peer } = command.params as { peer?: string };
    setImmediate(done, { result: { position: 1, verdict: 'applied', ...(peer && { peer }) } });
  };
  const id = UUID;
  const secret = 'a-secret-0123456789';
  visited.door.addPeer(peer, secret, 'operator');
  const answer = await post(visited, [
    call(1, 'peer.join', { id, name: 'web', peer, secret }),
    call(2, 'peer.describe', { id, text: 'x' }),
  ]);
  t.match(await answer.json(), [{ result: { peer } }, { result: {} }]);
  const [join, describe] = visited.door.asked;
  t.match(join?.command, { author: { token: 'operator' }, connected: false });
  t.match(describe?.command, { author: { token: 'operator', peer }, connected: false });
  t.same(visited.door.attached, [], 'a POST is no presence');
});

t.test('what needs a socket is refused by POST', async t => {
  const visited = await house(t);
  const token = visited.door.addToken('token-secret-0123456789');
  visited.door.addPeer('peer_01', 'peer-secret-0123456789', token);
  const peer = bearer('peer_01.peer-secret-0123456789');
  const observe = await post(visited, call(1, 'log.observe', { from: 'now' }));
  t.match(await observe.json(), { error: { message: /WebSocket at \/ws/ } });
  const subscribe = await post(visited, call(1, 'inbox.subscribe', {}), peer);
  t.match(await subscribe.json(), { error: { message: /inbox\.read/ } });
  const start = await post(visited, call(1, 'session.start', { code: 'x'.repeat(16) }));
  t.match(await start.json(), { error: { data: { refusal: 'invalid' } } });
});

t.test('a body over 1 MiB is turned away, said or not', async t => {
  const visited = await house(t);
  const { port } = visited.gateway;
  const head = [
    'POST /rpc HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Authorization: ${bearer().Authorization}`,
    'Content-Type: application/json',
  ].join('\r\n');
  t.match(await raw(port, `${head}\r\nContent-Length: 2000000\r\n\r\n`), /^HTTP\/1.1 413/);
  const chunk = `80000\r\n${' '.repeat(0x80000)}\r\n`;
  const chunked = `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}1\r\n \r\n`;
  t.match(await raw(port, chunked), /^HTTP\/1.1 413/);
});

t.test('anyone may ask whether it lives and is ready, not why', async t => {
  const visited = await house(t);
  const get = (path: string, headers = {}) => fetch(visited.gateway.url + path, { headers });
  t.equal((await get('/livez')).status, 200);
  t.equal((await get('/readyz')).status, 200);
  t.equal((await get('/readyz?verbose')).status, 401);
  t.match(await (await get('/readyz?verbose', bearer())).json(), { checks: { log: { ok: true } } });
  visited.door.ready = false;
  t.equal((await get('/readyz')).status, 503);
  t.equal((await get('/readyz?verbose', bearer())).status, 503);
  t.match(await (await get('/openrpc.json')).json(), { openrpc: '1.3.2' });
});

t.test('figures need a token and name nobody', async t => {
  const visited = await house(t);
  const { gateway, door } = visited;
  door.addPeer('peer_01', 'peer-secret-0123456789', 'operator', { circle: 'hidden-circle' });
  t.equal((await fetch(`${gateway.url}/metrics`)).status, 401);
  const guest = await visit(t, visited, bearer('peer_01.peer-secret-0123456789'));
  await guest.call(1, 'mesh.info');
  await guest.call(2, 'nobody.knows.this');
  const text = await (await fetch(`${gateway.url}/metrics`, { headers: bearer() })).text();
  t.match(text, /signalbox_calls_total\{method="mesh.info",outcome="ok"\} 1/);
  t.match(text, /signalbox_calls_total\{method="unknown",outcome="method_unknown"\} 1/);
  t.match(text, /signalbox_connections 1/);
  t.match(text, /signalbox_turned_away_total\{status="401"\} 1/);
  t.notMatch(text, /peer_01|hidden-circle|nobody/);
});

t.test('other paths and methods are told what there is', async t => {
  const { gateway } = await house(t);
  t.equal((await fetch(`${gateway.url}/nowhere`)).status, 404);
  t.equal((await fetch(`${gateway.url}/rpc`)).status, 405);
  t.equal((await fetch(`${gateway.url}/rpc`, { method: 'OPTIONS' })).status, 405);
  t.equal((await fetch(`${gateway.url}/ws`)).status, 426);
});

t.test('who asks wrongly is told by the header what would be right', async t => {
  const { gateway } = await house(t);
  const ask = (path: string, init: RequestInit = {}) => fetch(gateway.url + path, init);
  const allow = async (path: string, method: string) =>
    (await ask(path, { method })).headers.get('allow');
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
    t.equal(await allow('/rpc', method), 'POST', method);
    t.equal((await ask('/webhooks/github', { method })).status, 405);
  }
  for (const path of ['/livez', '/readyz', '/metrics', '/openrpc.json', '/ws']) {
    t.equal(await allow(path, 'POST'), 'GET, HEAD', path);
  }
  t.equal((await ask('/livez', { method: 'HEAD' })).status, 200);
  t.equal((await ask('/ws')).headers.get('upgrade'), 'websocket');
  const headers = { ...bearer(), 'content-type': 'text/plain' };
  const typed = await ask('/rpc', { method: 'POST', headers });
  t.match(typed.headers.get('accept'), 'application/json, application/msgpack');
  const zipped = { ...bearer(), 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const coded = await ask('/rpc', { method: 'POST', headers: zipped, body: '{}' });
  t.match([coded.status, coded.headers.get('accept-encoding')], [415, 'identity']);
});

t.test('a route that fails is answered 500 and logged, and the next request is served', async t => {
  const { gateway, door, logged } = await house(t);
  const { health } = door;
  door.health = () => {
    throw new TypeError('a planted fault');
  };
  const answer = await fetch(`${gateway.url}/readyz`);
  t.equal(answer.status, 500);
  t.match(await answer.json(), { error: { code: -32603, data: { refusal: 'internal' } } });
  t.match(logged.join(), /a planted fault/);
  door.health = health;
  t.equal((await fetch(`${gateway.url}/readyz`)).status, 200);
});

t.test('a taken port is said, and a closed gateway frees it', async t => {
  const first = await house(t);
  const { port } = first.gateway;
  await t.rejects(house(t, { port }), { code: 'EADDRINUSE' });
  await first.gateway.close();
  const second = await house(t, { port });
  t.equal(second.gateway.port, port);
});
