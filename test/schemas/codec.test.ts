// Tries the codec with plain values: both encodings carry them whole, and splicing is packing.
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  compact,
  decode,
  encode,
  joinFrame,
  pack,
  packArray,
  packMap,
} from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import { plainObject, plainValue } from './plain.js';

const encodings: Encoding[] = ['json', 'msgpack'];

function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? new TextEncoder().encode(data) : data;
}

function through(encoding: Encoding, value: object): unknown {
  return decode(encoding, bytesOf(encode(encoding, value)));
}

for (const encoding of encodings) {
  t.test(`what is written as ${encoding} is read back as it was`, async () => {
    fc.assert(fc.property(plainObject, value => deepStrictEqual(through(encoding, value), value)));
  });

  t.test(`several ${encoding} messages join to one batch, a lone one stays itself`, async t => {
    const messages = [{ id: 1 }, { id: 2, text: 'two' }];
    const written = messages.map(message => encode(encoding, message));
    t.same(decode(encoding, bytesOf(joinFrame(written))), messages);
    t.same(decode(encoding, bytesOf(joinFrame(written.slice(0, 1)))), messages[0]);
  });
}

t.test('JSON and msgpack say the same of one value', async () => {
  fc.assert(
    fc.property(plainObject, value =>
      deepStrictEqual(through('msgpack', value), through('json', value)),
    ),
  );
});

t.test('the same value has the same bytes every time', async () => {
  fc.assert(fc.property(plainValue, value => deepStrictEqual(pack(value), pack(value))));
});

t.test('values packed one by one and spliced are read as the whole', async () => {
  fc.assert(
    fc.property(fc.array(plainValue), values =>
      deepStrictEqual(decode('msgpack', packArray(values.map(pack))), values),
    ),
  );
  fc.assert(
    fc.property(plainObject, value => {
      const entries = Object.entries(value).map(([key, field]) => [key, pack(field)] as const);
      deepStrictEqual(decode('msgpack', packMap(entries)), value);
    }),
  );
});

for (const count of [0, 1, 15, 16, 65_535, 65_536]) {
  t.test(`${count} items and ${count} entries splice whole`, async t => {
    const items = Array.from({ length: count }, (_, i) => i);
    t.ok(Buffer.from(packArray(items.map(pack))).equals(pack(items)), 'byte for byte');
    const map = decode('msgpack', packMap(items.map(i => [`key${i}`, pack(i)] as const)));
    t.strictSame(Object.values(map as object), items);
    t.equal(Object.keys(map as object).at(-1), count === 0 ? undefined : `key${count - 1}`);
  });
}

t.test('a text as long as texts may be comes back whole', async t => {
  const long = { text: 'é'.repeat(limits.text_bytes / 2), ascii: 'a'.repeat(limits.text_bytes) };
  for (const encoding of encodings) t.same(through(encoding, long), long);
});

t.test('whole numbers are read from every width of integer and from floats', async t => {
  const moment = 1_764_000_000_123;
  const wide = Buffer.alloc(9);
  wide.writeBigUInt64BE(BigInt(moment), 1);
  wide[0] = 0xcf;
  t.equal(decode('msgpack', wide), moment, 'uint64');
  wide[0] = 0xd3;
  t.equal(decode('msgpack', wide), moment, 'int64');
  wide.writeDoubleBE(moment, 1);
  wide[0] = 0xcb;
  t.equal(decode('msgpack', wide), moment, 'float64');
  t.equal(decode('msgpack', Uint8Array.of(0xca, 0x45, 0x80, 0, 0)), 4096, 'float32');
});

t.test('an integer over 2^53 is the nearest number, as in JSON', async t => {
  const wide = Buffer.from('cf0020000000000001', 'hex');
  t.equal(decode('msgpack', wide), decode('json', bytesOf('9007199254740993')));
});

t.test('compact leaves out what is undefined and keeps the rest', async t => {
  t.same(Object.keys(compact({ kept: null, zero: 0, gone: undefined })), ['kept', 'zero']);
});

t.test('keys that the packer takes for methods are keys like any other', async t => {
  const odd = { constructor: 1, toJSON: 1, length: { toString: 1 }, valueOf: [null, {}] };
  for (const value of [odd, { deep: [odd, 'x', 2 ** 40] }, [[odd]]]) {
    t.same(decode('msgpack', pack(value)), value);
  }
});
