// Bytes of events transcoded to JSON are to the byte what JSON.stringify says of the decoded event.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ByteSink } from '../../broker/gateway/observe/byte-sink.js';
import { GROWTH, writeJson, writeWhole } from '../../broker/gateway/observe/transcoder.js';
import { pack, packMap, unpack } from '../../schemas/codec.js';
import { toJson } from '../../schemas/json-numbers.js';

const sink = new ByteSink();

/** Undefined when it has to go the long way. */
function transcoded(bytes: Uint8Array): string | undefined {
  sink.begin();
  sink.load(bytes);
  sink.reserve(GROWTH * bytes.length + 64);
  const isDone = writeJson(sink, 0, bytes.length);
  return isDone ? Buffer.from(sink.end()).toString() : undefined;
}

const stringified = (bytes: Uint8Array) => toJson(unpack(bytes));

/** One value in the bytes given, of any of the widths that msgpack has for it. */
const wide = (head: number, body: number[]) => Uint8Array.of(head, ...body);
const bytes = (count: number) => fc.array(fc.nat(255), { minLength: count, maxLength: count });
const anyNumber = fc.oneof(
  fc.nat(0x7f).map(value => wide(value, [])),
  fc.integer({ min: 0xe0, max: 0xff }).map(value => wide(value, [])),
  ...[
    [0xcc, 1],
    [0xcd, 2],
    [0xce, 4],
    [0xcf, 8],
    [0xd0, 1],
    [0xd1, 2],
    [0xd2, 4],
    [0xd3, 8],
  ].map(([head, size]) => bytes(size!).map(body => wide(head!, body))),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => {
    const body = Buffer.alloc(8);
    body.writeDoubleBE(value);
    return wide(0xcb, [...body]);
  }),
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(value => {
    const body = Buffer.alloc(4);
    body.writeFloatBE(value);
    return wide(0xca, [...body]);
  }),
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ maxLength: 200 }),
);
const { value: anyValue } = fc.letrec<{ value: Uint8Array; array: Uint8Array; map: Uint8Array }>(
  tie => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(anyText, fc.boolean(), fc.constant(null)).map(pack),
      anyNumber,
      tie('array'),
      tie('map'),
    ),
    array: fc.array(tie('value'), { maxLength: 20 }).map(items => {
      const head = items.length < 16 ? [0x90 | items.length] : [0xdc, 0, items.length];
      return Buffer.concat([Buffer.from(head), ...items]);
    }),
    // Keys may come twice here.
    map: fc
      .array(fc.tuple(fc.oneof(anyText, fc.constantFrom('a', 'b')), tie('value')))
      .map(packMap),
  }),
);

t.test('any value is told as JSON.stringify tells it, or not at all', async t => {
  let told = 0;
  fc.assert(
    fc.property(anyValue, value => {
      let expected: string;
      try {
        expected = stringified(value);
      } catch {
        return;
      }
      const text = transcoded(value);
      if (text !== undefined) assert.equal(text, expected);
      if (text !== undefined) told++;
    }),
    { numRuns: 2_000 },
  );
  t.ok(told > 1_000, `${told} of 2,000 went the short way`);
});

t.test('keys are told apart whatever the maps before had for keys', async t => {
  const keys = fc.array(fc.constantFrom('a', 'b', 'cc', 'dd', 'e"', ''), { maxLength: 5 });
  const law = fc.property(fc.array(keys, { minLength: 1, maxLength: 6 }), maps => {
    for (const names of maps) {
      const map = packMap(names.map((name, i) => [name, pack(i)] as const));
      const isPlain = new Set(names).size === names.length;
      assert.equal(transcoded(map), isPlain ? stringified(map) : undefined);
    }
  });
  fc.assert(law, {
    numRuns: 1_000,
    examples: [
      [
        [
          ['a', 'b', 'cc'],
          ['a', 'cc'],
          ['a', 'cc', 'cc'],
        ],
      ],
    ],
  });
  t.pass();
});

t.test('what only an object can tell goes the long way', async t => {
  const [one, two] = [pack(1), pack(2)];
  const twice = packMap([
    ['a', one],
    ['a', two],
  ]);
  t.equal(transcoded(twice), undefined, 'a key twice');
  const moved = packMap([
    ['b', one],
    ['1', two],
  ]);
  t.equal(transcoded(moved), undefined, 'a key that an object puts first');
  const many = Array.from({ length: 33 }, (_, i) => [`k${i}`, one] as const);
  t.equal(transcoded(packMap(many)), undefined, 'many keys');
  t.equal(transcoded(packMap(many.slice(1)))?.length, stringified(packMap(many.slice(1))).length);
});

t.test(
  'every character of one byte is escaped as JSON escapes it, in short texts and long',
  async t => {
    for (let code = 0; code < 0x80; code++) {
      for (const size of [0, 23, 24, 25, 26, 27, 28]) {
        const bytes = pack(`${'x'.repeat(size)}${String.fromCharCode(code)}y`);
        if (transcoded(bytes) !== stringified(bytes)) t.fail(`${code} behind ${size}`);
      }
    }
    t.pass();
  },
);

t.test('whole numbers have all their digits', async t => {
  const written = (value: number) => {
    sink.begin();
    sink.reserve(64);
    writeWhole(sink, value);
    return Buffer.from(sink.end()).toString();
  };
  const tens = Array.from({ length: 16 }, (_, i) => 10 ** i);
  for (const value of [0, ...tens, ...tens.map(ten => ten - 1), Number.MAX_SAFE_INTEGER]) {
    t.equal(written(value), String(value));
  }
  for (const value of [2 ** 60, 2 ** 63, -(2 ** 63), 1e21, 1e300, 123_456_789_012_345_680_000]) {
    t.equal(transcoded(pack(value)), stringified(pack(value)));
  }
});
