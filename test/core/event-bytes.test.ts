// The short way of decoding an event gives what the codec gives, or leaves it to the codec.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { decodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { readPlain } from '../../broker/core/commits/event-bytes.js';
import { CodecError, pack, unpack } from '../../schemas/codec.js';
import { finds, history, runs } from '../dsl/histories.js';

type Reader = typeof readPlain;

/** What the codec makes of the bytes; undefined where it refuses them. */
function byCodec(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes);
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

/** Where the short way gives anything, the codec gives the same, down to the order of keys. */
function agrees(bytes: Uint8Array, reader: Reader): boolean {
  // As they lie in a commit: amid others, which must not be read.
  const amid = new Uint8Array(bytes.length + 9).fill(0xa1);
  amid.set(bytes, 4);
  const short = reader(amid, 4, 4 + bytes.length);
  if (short === undefined) return true;
  const whole = byCodec(bytes);
  return isDeepStrictEqual(short, whole) && JSON.stringify(short) === JSON.stringify(whole);
}

const value = fc.object({
  key: fc.oneof(fc.constantFrom('id', 'v', 'type', '', '__proto__', '1'), fc.string()),
  values: [
    fc.string({ unit: 'binary' }),
    fc.string({ minLength: 40, maxLength: 300 }),
    fc.constantFrom('\ufeffmarked', `\ufeff${'x'.repeat(80)}`, '\ufffd', 'a\0b'),
    fc.uuid(),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  ],
  maxDepth: 3,
});
const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });

function law(reader: Reader, count: number): void {
  const agreed = fc.property(value, damage, (plain, flips) => {
    const bytes = Uint8Array.from(pack(plain));
    for (const [at, byte] of flips) bytes[at % bytes.length] = byte;
    return agrees(bytes, reader);
  });
  fc.assert(agreed, runs(count));
}

t.test('11: whatever bytes there are, both ways of decoding agree', async t => {
  law(readPlain, 1_000);
  const sloppy: Record<string, Reader> = {
    'one that puts the keys in another order': (bytes, from, to) => {
      const entries = Object.entries(readPlain(bytes, from, to) ?? {});
      return Object.fromEntries(entries.reverse());
    },
    'one that takes what it does not know for text': (bytes, from, to) =>
      readPlain(bytes, from, to) ?? Buffer.from(bytes.subarray(from, to)).toString(),
  };
  for (const [what, reader] of Object.entries(sloppy)) finds(t, () => law(reader, 200), what);
});

t.test('what brokers write is decoded the short way', async t => {
  const isShort = fc.property(history, log =>
    log.every(({ bytes }) =>
      (decodeCommit(bytes)?.events ?? []).every(({ bytes: event }) => {
        const short = readPlain(event, 0, event.length);
        return short !== undefined || byCodec(event) === undefined;
      }),
    ),
  );
  fc.assert(isShort, runs(20));
  const text = pack({ text: 'Grüße aus Zürich, 你好, 🚂'.repeat(9), at: 1_767_603_600_000, n: -7 });
  t.same(readPlain(text, 0, text.length), unpack(text));
});

t.test('bytes at the edges are left to the codec', async t => {
  for (const odd of [
    [],
    [0xc1],
    [0xd9],
    [0xda, 0],
    [0xcb, 0],
    [0x81],
    [0x81, 1, 1],
    [0x91],
    [1, 1],
  ]) {
    t.equal(readPlain(Uint8Array.from(odd), 0, odd.length), undefined, `${odd}`);
  }
  const deep = Uint8Array.from([...new Array(40).fill(0x91), 1]);
  t.equal(readPlain(deep, 0, deep.length), undefined, 'nested too deep');
});
