// Who gets through the door: Host, Origin, subprotocols, and the code of a page.
import t from 'tap';
import { closeCodes, PROTOCOL } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import { bearer, dial, hear, house, raw, visit } from '../dsl/gateway-house.js';

const upgrade = (host: string, ...more: string[]) =>
  [
    'GET /ws HTTP/1.1',
    host,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Authorization: ${bearer().Authorization}`,
    ...more,
    '\r\n',
  ].join('\r\n');

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

t.test('a Host is one that we answer to, with our own port', async t => {
  const { gateway } = await house(t);
  const { port } = gateway;
  for (const host of [
    'Host: evil.example',
    `Host: evil.example:${port}`,
    'Host: 127.0.0.1',
    `Host: 127.0.0.1:${port + 1}`,
    `Host: 127.0.0.1:${port}\r\nHost: 127.0.0.1:${port}`,
    `Host: 127.0.0.1:${port}\r\nhost: evil.example`,
    `Host: 127.0.0.1:${port}, evil.example`,
    'Host:',
    'X-No-Host: 1',
  ]) {
    t.equal(statusOf(await raw(port, upgrade(host))), 403, host);
    const plain = `GET /livez HTTP/1.1\r\n${host}\r\n\r\n`;
    t.equal(statusOf(await raw(port, plain)), 403, `plain: ${host}`);
  }
});

t.test('loopback names and configured hosts are let in', async t => {
  const { gateway } = await house(t);
  for (const host of [
    `127.0.0.1:${gateway.port}`,
    `LOCALHOST:${gateway.port}`,
    `[::1]:${gateway.port}`,
    'box.example',
  ]) {
    const plain = `GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    t.equal(statusOf(await raw(gateway.port, plain)), 200, host);
  }
});

t.test('a request for a whole URL cannot smuggle another host in', async t => {
  const { gateway } = await house(t);
  const host = `Host: 127.0.0.1:${gateway.port}\r\n\r\n`;
  const target = `GET http://evil.example/livez HTTP/1.1\r\n${host}`;
  t.equal(statusOf(await raw(gateway.port, target)), 400);
});

t.test('a page of another origin is refused even with a token', async t => {
  const { gateway } = await house(t);
  const host = `Host: 127.0.0.1:${gateway.port}`;
  const own = `http://127.0.0.1:${gateway.port}`;
  for (const origin of [
    'http://evil.example',
    'http://127.0.0.1',
    'null',
    `${own}.evil.example`,
    `${own}/`,
    `${own}\r\nOrigin: ${own}`,
    `https://127.0.0.1:${gateway.port}`,
  ]) {
    t.equal(statusOf(await raw(gateway.port, upgrade(host, `Origin: ${origin}`))), 403, origin);
  }
  const guest = await visit(t, { gateway }, { ...bearer(), Origin: own });
  t.match(await guest.call(1, 'mesh.info'), { id: 1, result: {} }, 'its own page is let in');
  const answer = await raw(gateway.port, upgrade(host, 'Origin: null'));
  t.notMatch(answer, /access-control/i, 'there is no CORS');
});

t.test('without a credential nobody but a page gets a socket', async t => {
  const { gateway } = await house(t);
  await t.rejects(visit(t, { gateway }, {}), { message: 'status 401' });
  await t.rejects(visit(t, { gateway }, bearer('wrong')), { message: 'status 401' });
  await t.rejects(visit(t, { gateway }, { Authorization: 'Basic b3A6eA==' }), /401/);
  const twice = upgrade(`Host: 127.0.0.1:${gateway.port}`, 'Authorization: Bearer other');
  t.equal(statusOf(await raw(gateway.port, twice)), 400, 'two credentials are none');
});

t.test('the subprotocol chooses the encoding', async t => {
  const { gateway } = await house(t);
  t.equal((await visit(t, { gateway })).ws.protocol, '', 'none offered is JSON');
  const both = [`${PROTOCOL}.msgpack`, `${PROTOCOL}.json`];
  t.equal((await visit(t, { gateway }, bearer(), both)).ws.protocol, both[0]);
  const late = ['graphql-ws', `${PROTOCOL}.json`];
  t.equal((await visit(t, { gateway }, bearer(), late)).ws.protocol, late[1]);
  await t.rejects(visit(t, { gateway }, bearer(), ['graphql-ws']), { message: 'status 400' });
});

t.test('sockets are at /ws and nowhere else', async t => {
  const { gateway } = await house(t);
  const host = `Host: 127.0.0.1:${gateway.port}`;
  const elsewhere = upgrade(host).replace('/ws', '/rpc');
  t.equal(statusOf(await raw(gateway.port, elsewhere)), 404);
  const other = upgrade(host).replace('Upgrade: websocket', 'Upgrade: h2c');
  t.equal(statusOf(await raw(gateway.port, other)), 400);
  const badKey = upgrade(host).replace('dGhlIHNhbXBsZSBub25jZQ==', 'short');
  t.equal(statusOf(await raw(gateway.port, badKey)), 400);
});

const offer = async (t: Tap, visited: House) => {
  const operator = await visit(t, visited);
  return (await operator.call(1, 'session.offer')).result.code as string;
};
type Tap = Parameters<typeof visit>[0];
type House = Parameters<typeof visit>[1];
const page = ({ gateway }: House) => ({ Origin: `http://127.0.0.1:${gateway.port}` });

t.test('a page shows its one-time code first and then speaks as the token', async t => {
  const visited = await house(t);
  const code = await offer(t, visited);
  const guest = await visit(t, visited, page(visited));
  const { result } = await guest.call(1, 'session.start', { code });
  t.match(result, { resume: String, time: Number, cursor: 'log_test.7.000000000000' });
  t.match(await guest.call(2, 'mesh.info'), { id: 2, result: {} });
  t.match(visited.door.reads.at(-1), { author: { token: 'operator' } });

  const again = await visit(t, visited, page(visited));
  t.match(await again.call(1, 'session.start', { code }), { error: { code: -32001 } });
  t.equal((await again.closed).code, closeCodes.policy, 'a code works once');

  const back = await visit(t, visited, page(visited));
  const { resume } = result;
  t.match(await back.call(1, 'session.start', { code: resume }), { result: { resume: String } });
});

t.test('a resume code outlives the broker, a foreign or old one is refused', async t => {
  const first = await house(t);
  const code = await offer(t, first);
  const guest = await visit(t, first, page(first));
  const { resume } = (await guest.call(1, 'session.start', { code })).result;
  await first.gateway.close();
  t.equal((await guest.closed).code, closeCodes.restart);

  const second = await house(t);
  const back = await visit(t, second, page(second));
  t.match(await back.call(1, 'session.start', { code: resume }), { result: {} });

  const foreign = await house(t, { sessionKey: 'another key' });
  const lost = await visit(t, foreign, page(foreign));
  t.match(await lost.call(1, 'session.start', { code: resume }), { error: { code: -32001 } });

  const stale = await offer(t, second);
  second.door.ahead_ms = 31_000;
  const late = await visit(t, second, page(second));
  t.match(await late.call(1, 'session.start', { code: stale }), { error: { code: -32001 } });
});

t.test('a page that begins with anything else is told so and shown out', async t => {
  const visited = await house(t);
  const guest = await visit(t, visited, page(visited));
  t.match(await guest.call(1, 'mesh.info'), { error: { data: { refusal: 'unauthorized' } } });
  t.equal((await guest.closed).code, closeCodes.policy);
  t.same(visited.door.reads, [], 'nothing was carried out');
});

t.test('nothing of a first frame that is no session.start by its size is read', async t => {
  const visited = await house(t);
  const code = 'x'.repeat(limits.first_frame_bytes);
  const guest = await visit(t, visited, page(visited));
  guest.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'session.start', params: { code } }));
  t.equal((await guest.closed).code, closeCodes.too_large);
  const known = await visit(t, visited, page(visited));
  await known.call(1, 'session.start', { code: await offer(t, visited) });
  const query = { subscription: 'x'.repeat(limits.first_frame_bytes) };
  t.match(await known.call(2, 'log.unobserve', query), { id: 2 }, 'later ones may be large');
});

t.test('a page that says nothing is closed at the first-frame deadline', async t => {
  const visited = await house(t, { deadlines: { first_frame_ms: 30, close_ms: 50 } });
  const silent = await visit(t, visited, page(visited));
  t.equal((await silent.closed).code, closeCodes.policy);
  const holder = await visit(t, visited);
  t.equal(holder.ws.readyState, holder.ws.OPEN, 'a socket with a token may be silent');
  const half = await dial(visited.gateway.port);
  const heard = hear(half);
  const head = upgrade(
    `Host: 127.0.0.1:${visited.gateway.port}`,
    `Origin: ${page(visited).Origin}`,
  );
  half.write(head.replace(/Authorization: .*\r\n/, ''));
  half.write(Buffer.from([0x01, 0x81]));
  const said = await heard;
  t.match(said, /101 Switching/);
  const policy = Buffer.from([closeCodes.policy >> 8, closeCodes.policy & 0xff]);
  t.ok(Buffer.from(said, 'latin1').includes(policy), 'half a frame is no first frame');
});
