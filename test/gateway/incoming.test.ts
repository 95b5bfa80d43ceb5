// What is no plain value is answered under its own id, and numbers come back as they were.
import t, { type Test } from 'tap';
import { readIncoming } from '../../broker/gateway/calls/incoming.js';
import { pack, packArray, packMap } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';
import { bearer, house, OPERATOR_TOKEN, visit } from '../dsl/gateway-house.js';

const INVALID = { code: -32602, data: { refusal: 'invalid', retry: false } };
const deep = (levels: number): string => (levels === 0 ? '1' : `{"a":${deep(levels - 1)}}`);

/** Values of JSON that are not to be had. */
const odd: Readonly<Record<string, string>> = {
  'half an emoji': '"done \\ud83d"',
  'half an emoji as a key': '{"\\udc00":1}',
  'a forbidden key': '{"__proto__":1}',
  'forty levels': deep(40),
  'a number beyond all': '1e400',
  'one below all': '1e-400',
  'one below all, in full': `0.${'0'.repeat(400)}1`,
  'a large whole number': '653247040368672769',
  'a large negative one': '-9007199254740993',
  'one in a float’s clothes': '653247040368672769.0',
  'one with an exponent': '6.53247040368672769e17',
};

const call = (id: string, text: string) =>
  `{"jsonrpc":"2.0","id":${id},"method":"notify.send","params":{"to":"w","text":${text}}}`;
const good = (id: string) => `{"jsonrpc":"2.0","id":${id},"method":"mesh.info"}`;

t.test('a call of JSON that is no plain value is answered under its own id', async t => {
  const guest = await visit(t, await house(t));
  for (const [name, text] of Object.entries(odd)) {
    guest.send(call('"mine"', text));
    t.match(await guest.next(), { id: 'mine', error: INVALID }, name);
  }
  guest.send(`{"id":8,"__proto__":{"id":9},"jsonrpc":"2.0","method":"mesh.info"}`);
  t.match(await guest.next(), { id: 8, error: INVALID }, 'also when the call itself is odd');
  guest.send(`{"jsonrpc":"2.0","method":"notify.send","params":{"text":${odd['half an emoji']}}}`);
  guest.send(good('"next"'));
  t.match(await guest.next(), { id: 'next' }, 'a notification is not answered');
});

t.test('one such call of a batch spoils no other, by socket or by POST', async t => {
  const visited = await house(t);
  const guest = await visit(t, visited);
  for (const [name, text] of Object.entries(odd)) {
    const batch = `[${good('1')},${call('"two"', text)},${good('3')}]`;
    const wanted = [
      { id: 1, result: {} },
      { id: 'two', error: INVALID },
      { id: 3, result: {} },
    ];
    guest.send(batch);
    t.match(await guest.next(), wanted, name);
    t.match(JSON.parse(await posted(visited.gateway.url, batch)), wanted, `${name}, by POST`);
  }
});

t.test('an id comes back as it was written, whatever it is', async t => {
  const visited = await house(t);
  const ids = ['653247040368672769', '-653247040368672769', '1e400', '1E-999', '"\\ud83d"'];
  for (const id of ids) {
    const said = await posted(visited.gateway.url, call(id, '"x"'));
    t.ok(said.startsWith(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32602`), said.slice(0, 60));
  }
  const twice = `{"id":653247040368672769,"jsonrpc":"2.0","\\u0069d":5,"method":"mesh.info"}`;
  t.match(JSON.parse(await posted(visited.gateway.url, twice)), { id: 5 }, 'the last one counts');
});

t.test('numbers that a double holds pass, however they are written', async t => {
  const visited = await house(t);
  const numbers = ['0', '-0', '0.0e-500', '9007199254740992', '1152921504606846976', '1e23'];
  numbers.push('0.1', '6.532470403686728e+17', '9007199254740992.000', '1.7976931348623157e308');
  numbers.push('5e-324', '9007199254740994', '"653247040368672769"', '0.30000000000000004');
  for (const number of numbers) {
    const read = `{"jsonrpc":"2.0","id":1,"method":"mesh.info","params":{"odd":${number}}}`;
    const { error } = JSON.parse(await posted(visited.gateway.url, read));
    t.match(error.message, /does not know it/, `${number}: it is only the wrong parameter`);
  }
});

t.test('a whole number leaves with all its digits', async t => {
  const visited = await house(t);
  const result = { id: 2 ** 60, list: [-(2 ** 60), 1e21, 0.5, null], text: '11529215046068470001' };
  visited.door.onRead = () => ({ result });
  const said = await posted(visited.gateway.url, good('1'));
  t.match(said, '"id":1152921504606846976,"list":[-1152921504606846976,1e+21,0.5,null]');
  t.same(JSON.parse(said).result, result);
});

/** Values of msgpack that are not to be had. */
const oddBytes: Readonly<Record<string, Uint8Array>> = {
  'a uint64 that no double holds': pack(653247040368672769n),
  'an int64 that no double holds': pack(-653247040368672769n),
  'an infinity': pack(Number.POSITIVE_INFINITY),
  'not a number': pack(Number.NaN),
  bytes: Buffer.from([0xc4, 2, 1, 2]),
  'an extension': Buffer.from([0xd4, 0x72, 0x40]),
  'a timestamp': Buffer.from([0xd6, 0xff, 0, 0, 0, 1]),
  'a key that is no text': Buffer.from([0x81, 0x01, 0x02]),
  'a forbidden key': packMap([['__proto__', pack(1)]]),
  'half an emoji': Buffer.from([0xa3, 0xed, 0xa0, 0xbd]),
  'forty levels': Buffer.concat([Buffer.alloc(40, 0x91), Buffer.from([1])]),
  'a hundred thousand levels': Buffer.concat([Buffer.alloc(100_000, 0x91), Buffer.from([1])]),
};

const packedCall = (id: Uint8Array, value: Uint8Array) =>
  packMap([
    ['jsonrpc', pack('2.0')],
    ['method', pack('notify.send')],
    ['params', packMap([['text', value]])],
    ['id', id],
  ]);
const packedGood = (id: number) => pack({ jsonrpc: '2.0', id, method: 'mesh.info' });

t.test('a call of msgpack that is no plain value is answered under its own id', async t => {
  const guest = await packedGuest(t);
  for (const [name, value] of Object.entries(oddBytes)) {
    guest.ws.send(packedCall(pack('mine'), value));
    t.match(await guest.next(), { id: 'mine', error: INVALID }, name);
    guest.ws.send(packArray([packedGood(1), packedCall(pack(2), value), packedGood(3)]));
    const wanted = [
      { id: 1, result: {} },
      { id: 2, error: INVALID },
      { id: 3, result: {} },
    ];
    t.match(await guest.next(), wanted, `${name}, in a batch`);
  }
});

t.test('an id of msgpack comes back byte by byte', async t => {
  const guest = await packedGuest(t);
  const raw = new Promise<Buffer>(resolve => guest.ws.once('message', resolve));
  const id = pack(653247040368672769n);
  guest.ws.send(packedCall(id, pack('x')));
  t.ok((await raw).includes(Buffer.from(id)));
});

t.test('wide numbers that a double holds pass', async t => {
  const guest = await packedGuest(t);
  for (const odd of [2n ** 53n, 2n ** 60n, -(2n ** 63n), 4_294_967_296n]) {
    guest.ws.send(pack({ jsonrpc: '2.0', id: 1, method: 'mesh.info', params: { odd } }));
    t.match(await guest.next(), { error: { message: /does not know it/ } }, String(odd));
  }
});

async function packedGuest(t: Test) {
  return visit(t, await house(t), bearer(), ['signalbox.v1.msgpack']);
}

async function posted(url: string, body: string): Promise<string> {
  const authorization = `Bearer ${OPERATOR_TOKEN}`;
  const headers = { 'content-type': 'application/json', authorization };
  const answer = await fetch(`${url}/rpc`, { method: 'POST', body, headers });
  return answer.text();
}

t.test('a frame full of what no double holds takes no longer than another of its size', t => {
  const read = (text: string) => readIncoming('json', Buffer.from(text)).items;
  const many = Math.floor(limits.frame_bytes / 40);
  const calls = read(`[${`{"id":9007199254740993,"method":"m"},`.repeat(many)}1]`);
  t.match(calls[many - 1], { id: { source: '9007199254740993' }, flaw: String });
  const gone = read(`[${'1e-999,'.repeat(many)}1]`);
  t.match(gone[many - 1], { flaw: /not what a double can hold/ });
  t.equal(gone[many], 1, 'its neighbour is as it was');
  // As many steps as the square of these noughts would outlive whoever waits for this test.
  const noughts = '0'.repeat(limits.frame_bytes - 1_000);
  const [call] = read(`{"id":1,"method":"m","params":${'1'.repeat(300)}.${noughts}1}`);
  t.match(call, { id: 1, flaw: /not what a double can hold/ });
  t.end();
});
