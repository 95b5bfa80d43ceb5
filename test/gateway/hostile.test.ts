// Hostile heads and frames: each is answered or closed as promised, and the gateway lives on.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import t from 'tap';
import { pack } from '../../schemas/codec.js';
import { closeCodes, PROTOCOL } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import {
  bearer,
  dial,
  type Guest,
  hear,
  house,
  OPERATOR_TOKEN,
  raw,
  visit,
} from '../dsl/gateway-house.js';

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

t.test('a head that does not end is answered 408 in time', async t => {
  const { gateway } = await house(t, { deadlines: { head_ms: 100 } });
  t.equal(statusOf(await raw(gateway.port, 'GET /livez HTTP/1.1\r\nHost: x\r\n')), 408);
  t.equal(statusOf(await raw(gateway.port)), 408, 'also one that never begins');

  const socket = await dial(gateway.port);
  const heard = hear(socket);
  socket.write('GET /livez HTTP/1.1\r\nX: ');
  const drip = setInterval(() => socket.write('X'), 5);
  t.equal(statusOf(await heard), 408, 'dripping does not prolong it');
  clearInterval(drip);
});

t.test('a head of too many bytes or fields is answered 431', async t => {
  const { gateway } = await house(t);
  const start = `GET /livez HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\n`;
  t.equal(statusOf(await raw(gateway.port, start, `X: ${'x'.repeat(20_000)}\r\n\r\n`)), 431);
  t.equal(statusOf(await raw(gateway.port, `${start}${'a:b\r\n'.repeat(150)}\r\n`)), 431);
  t.equal(statusOf(await raw(gateway.port, `${start}${'a:b\r\n'.repeat(5_000)}\r\n`)), 431);
});

t.test('what is no HTTP is answered 400', async t => {
  const { gateway } = await house(t);
  t.equal(statusOf(await raw(gateway.port, randomBytes(64), '\r\n\r\n')), 400);
  t.equal(statusOf(await raw(gateway.port, '\x16\x03\x01\x02\x00\x01\x00\x01')), 400, 'TLS');
});

t.test('a frame that cannot be read is answered, and the socket stays', async t => {
  const visited = await house(t);
  const guest = await visit(t, visited);
  for (const frame of ['', '{', 'nul', '\u0000', '1e', '"\\u12"', '{"id":1,}']) {
    guest.send(frame);
    t.match(await guest.next(), { id: null, error: { code: -32700 } }, JSON.stringify(frame));
  }
  const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
  for (const frame of [deep, '{"__proto__":1}', '"\\ud800"', '1e999']) {
    guest.send(frame);
    const answer = [await guest.next()].flat()[0];
    t.match(answer, { id: null, error: { data: { refusal: 'invalid' } } }, JSON.stringify(frame));
  }
  t.match(await guest.call(1, 'mesh.info'), { id: 1, result: {} });
});

t.test('a batch of too many calls is refused as one, and the socket stays', async t => {
  const guest = await visit(t, await house(t));
  guest.send(`[${'1,'.repeat(limits.frame_calls)}1]`);
  const many = { id: null, error: { code: -32600, message: /at most 20000 calls a frame/ } };
  t.match(await guest.next(), many);
  t.match(await guest.call(1, 'mesh.info'), { id: 1, result: {} });
});

t.test('a bomb in msgpack is answered as invalid and costs nothing', async t => {
  const visited = await house(t);
  const guest = await msgpackGuest(t, visited);
  const bombs: [string, Buffer][] = [
    ['an array of 4 billion', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])],
    ['a map of 4 billion', Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff])],
    ['a text of 4 GB', Buffer.from([0xdb, 0xff, 0xff, 0xff, 0xff])],
    ['bytes', Buffer.from([0xc4, 2, 1, 2])],
    ['an extension', Buffer.from([0xd4, 0x72, 0x40])],
    ['a regular expression', Buffer.from([0xc7, 3, 0x78, 0x92, 0xa1, 0x61])],
    ['a date', Buffer.from([0xd6, 0xff, 0, 0, 0, 1])],
    ['undefined', Buffer.from([0xd4, 0x00, 0x00])],
    ['nesting', Buffer.alloc(100_000, 0x91)],
    ['not a number', Buffer.from([0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0])],
    ['two values', Buffer.concat([pack(1), pack(2)])],
    ['nothing', Buffer.alloc(0)],
  ];
  const before = process.memoryUsage().rss;
  for (const [name, bomb] of bombs) {
    guest.ws.send(bomb);
    const answer = [await guest.next()].flat()[0];
    t.match(answer, { id: null, error: { data: { refusal: 'invalid' } } }, name);
  }
  t.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024, 'memory stays where it was');
  guest.ws.send(pack({ jsonrpc: '2.0', id: 1, method: 'mesh.info' }));
  t.match(await guest.next(), { id: 1, result: {} });
});

t.test('the wrong frame type for the subprotocol closes with 1003', async t => {
  const visited = await house(t);
  const guest = await visit(t, visited);
  guest.ws.send(Buffer.from('{}'));
  t.equal((await guest.closed).code, closeCodes.wrong_type);
  const packed = await msgpackGuest(t, visited);
  packed.ws.send('{}');
  t.equal((await packed.closed).code, closeCodes.wrong_type);
});

t.test('a frame over 1 MiB closes with 1009, one of just 1 MiB does not', async t => {
  const visited = await house(t);
  const guest = await visit(t, visited);
  guest.send(`"${'x'.repeat(limits.frame_bytes - 2)}"`);
  t.match(await guest.next(), { error: { code: -32600 } });
  guest.send(`"${'x'.repeat(limits.frame_bytes)}"`);
  t.equal((await guest.closed).code, closeCodes.too_large);

  const pieces = await visit(t, visited);
  for (let i = 0; i < 3; i++) pieces.ws.send('x'.repeat(400_000), { fin: false });
  t.equal((await pieces.closed).code, closeCodes.too_large, 'also in pieces');
});

t.test('64 fragments make a frame, 65 close the socket', async t => {
  const visited = await house(t);
  const guest = await visit(t, visited);
  for (const char of ' '.repeat(62).split('')) guest.ws.send(char, { fin: false });
  guest.ws.send('{}', { fin: false });
  guest.ws.send('', { fin: true });
  t.match(await guest.next(), { error: { code: -32600 } });
  for (let i = 0; i < 65; i++) guest.ws.send('', { fin: false });
  t.equal((await guest.closed).code, closeCodes.policy);
});

const frames: [string, number[], number][] = [
  ['without a mask', [0x81, 0x02, 0x7b, 0x7d], 1002],
  ['with a reserved bit', [0xc1, 0x80, 0, 0, 0, 0], 1002],
  ['with a reserved opcode', [0x83, 0x80, 0, 0, 0, 0], 1002],
  ['of a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0], 1002],
  ['of a ping in pieces', [0x09, 0x80, 0, 0, 0, 0], 1002],
  ['of a ping too long', [0x89, 0xfe, 0, 126, 0, 0, 0, 0], 1002],
  ['of a length beyond reason', [0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255], 1009],
  ['of bytes that are no text', [0x81, 0x81, 0, 0, 0, 0, 0xff], 1007],
];
for (const [name, bytes, code] of frames) {
  t.test(`a frame ${name} closes with ${code}`, async t => {
    const { gateway } = await house(t, { deadlines: { close_ms: 50 } });
    const socket = await dial(gateway.port);
    const heard = hear(socket);
    socket.write(head(gateway.port));
    await once(socket, 'data');
    socket.write(Buffer.from(bytes));
    const last = Buffer.from(await heard, 'latin1');
    const close = last.indexOf(Buffer.from([code >> 8, code & 0xff]), last.indexOf('\r\n\r\n'));
    t.ok(close > 0 && last[close - 2] === 0x88, 'a close frame with the code came');
  });
}

t.test('secrets and texts of hostile frames are never logged', async t => {
  const visited = await house(t);
  const secret = 'sesame-sesame-sesame';
  await t.rejects(visit(t, visited, bearer(secret)));
  const guest = await visit(t, visited);
  guest.send(`{"jsonrpc":"2.0","id":1,"method":"${secret}","params":{"text":"${secret}"}}`);
  t.notMatch(JSON.stringify(await guest.next()), secret);
  guest.ws.send(Buffer.from(secret));
  await guest.closed;
  const logged = visited.logged.join();
  t.notMatch(logged, secret);
  t.notMatch(logged, OPERATOR_TOKEN);
});

function head(port: number): string {
  return [
    'GET /ws HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Authorization: ${bearer().Authorization}`,
    '\r\n',
  ].join('\r\n');
}

function msgpackGuest(t: Parameters<typeof visit>[0], visited: Parameters<typeof visit>[1]) {
  return visit(t, visited, bearer(), [`${PROTOCOL}.msgpack`]) as Promise<Guest>;
}
