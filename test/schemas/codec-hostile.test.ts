// Tries the codec with hostile bytes: a CodecError or a plain value, never a crash or a flood.
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import t from 'tap';
import { CodecError, decode, encode, pack, parseJson, unpack } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';
import { plainObject } from './plain.js';

const bytes = fc.uint8Array({ maxLength: 400 });

/** True when the codec reads the bytes or refuses them with a CodecError. */
function readOrRefused(read: () => unknown): boolean {
  try {
    const value = read();
    return JSON.stringify(value) !== undefined;
  } catch (error) {
    return error instanceof CodecError;
  }
}

function refused(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch (error) {
    return error instanceof CodecError;
  }
}

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Roughly how many bytes reading takes: what the heap has grown by right after it. */
function heapOf(read: () => unknown): number {
  const before = process.memoryUsage();
  readOrRefused(read);
  const after = process.memoryUsage();
  return after.heapUsed + after.external - before.heapUsed - before.external;
}

t.test('random bytes are read or refused, and nothing else happens', async () => {
  fc.assert(
    fc.property(bytes, given => readOrRefused(() => unpack(given))),
    { numRuns: 20_000 },
  );
  fc.assert(fc.property(bytes, given => readOrRefused(() => decode('json', given))));
});

t.test('what is read from random bytes is a plain value that packs again', async () => {
  fc.assert(
    fc.property(bytes, given => {
      if (!readOrRefused(() => unpack(given))) return false;
      try {
        return Buffer.from(pack(unpack(pack(unpack(given))))).equals(pack(unpack(given)));
      } catch (error) {
        return error instanceof CodecError;
      }
    }),
    { numRuns: 5_000 },
  );
});

t.test('a value cut short anywhere, or followed by more, is refused', async () => {
  fc.assert(
    fc.property(plainObject, fc.double({ min: 0, max: 0.999, noNaN: true }), (value, share) => {
      const whole = pack(value);
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      return (
        refused(() => unpack(cut)) && refused(() => unpack(Buffer.concat([whole, cut, whole])))
      );
    }),
  );
});

t.test('a value with any one byte changed is read or refused', async () => {
  fc.assert(
    fc.property(plainObject, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, where, flip) => {
      const changed = Uint8Array.from(pack(value));
      const at = where % changed.length;
      changed[at] = (changed[at] ?? 0) ^ flip;
      return readOrRefused(() => unpack(changed));
    }),
    { numRuns: 3_000 },
  );
});

const poison: Record<string, string> = {
  'an array that claims 4 billion items': 'dd ffffffff 01',
  'a map that claims 4 billion entries': 'df ffffffff a161 01',
  'a text that claims 4 GiB': 'db ffffffff 61',
  bytes: 'c4 01 00',
  'bytes that claim 4 GiB': 'c6 ffffffff 00',
  'the byte that means nothing': 'c1',
  'undefined (extension 0)': 'd4 00 00',
  'a timestamp of 32 bits': 'd6 ff 00000000',
  'a timestamp of 64 bits': 'd7 ff 0000000000000000',
  'a timestamp of 96 bits': 'c7 0c ff 000000000000000000000000',
  'a Set': 'd4 73 00 91 01',
  'a RegExp': 'd4 78 00 92 a3 2e2b2b a0',
  'an Error': 'd4 65 00 92 a5 4572726f72 a1 78',
  'a record definition': 'd4 72 40 91 a1 61 01',
  'a pointer into itself': 'd6 69 00000001 91 d6 70 00000001',
  'a typed array': 'c7 05 74 06 00000000',
  'a bundle of texts': 'd6 62 00000004 90',
  'a big integer': 'c7 09 42 010000000000000000',
  'a number as key': '81 01 01',
  'nothing as key': '81 c0 01',
  'a map as key': '81 80 01',
  '__proto__ as key': '81 a9 5f5f70726f746f5f5f 80',
  '__proto__ as a long key': '81 d9 09 5f5f70726f746f5f5f 80',
  'half a surrogate pair': 'a3 eda080',
  'a text that is not UTF-8': 'a2 c328',
  'an overlong slash': 'a2 c0af',
  'a cut letter at the end': 'a1 c3',
  NaN: 'cb 7ff8000000000000',
  infinity: 'cb fff0000000000000',
  'infinity in four bytes': 'ca 7f800000',
  'nothing at all': '',
};

for (const [name, bytes] of Object.entries(poison)) {
  t.test(`msgpack refuses ${name}, alone and inside a frame`, async t => {
    t.ok(refused(() => unpack(hex(bytes))));
    t.ok(refused(() => unpack(Buffer.concat([hex('82 a161 01 a162'), hex(bytes)]))));
  });
}

t.test('what another library packs of things that are not plain is refused', async t => {
  const theirs = new Packr({ moreTypes: true, structuredClone: true, useBigIntExtension: true });
  const things = [new Date(), new Set([1]), /a+/, new Map([[1, 2]]), Buffer.from('x'), undefined];
  for (const thing of [...things, { a: 1 }, new Error('x'), 10n ** 30n, new Float64Array(2)]) {
    t.ok(refused(() => unpack(theirs.pack(thing))));
  }
});

t.test('a hostile frame leaves nothing behind that changes the next one', async t => {
  const innocent = pack({ id: 64, list: [65, 66, 127] });
  t.ok(refused(() => unpack(hex(poison['a record definition'] ?? ''))));
  t.same(unpack(innocent), { id: 64, list: [65, 66, 127] });
});

for (const [name, text] of Object.entries({
  'half a surrogate pair': '{"a":"\\ud800"}',
  'half a surrogate pair as key': '{"\\udfff":1}',
  '__proto__ as key': '{"a":{"__proto__":{"admin":true}}}',
  'a number that is not finite': '[1e999]',
  'a byte order of its own': '\u0000{}',
  'two values': '{} {}',
  nothing: '',
})) {
  t.test(`JSON refuses ${name}`, async t => {
    t.ok(refused(() => parseJson(text)));
  });
}

t.test('JSON that is not UTF-8 is refused', async t => {
  t.ok(refused(() => decode('json', hex('22 c328 22'))));
});

t.test('values nest to the limit and no deeper, in both encodings alike', async t => {
  const nest = (levels: number) => {
    let value: object = {};
    for (let i = 1; i < levels; i++) value = i % 2 ? [value] : { in: value };
    return value;
  };
  const deepest = nest(limits.depth_levels);
  t.same(unpack(pack(deepest)), deepest);
  t.same(parseJson(encode('json', deepest) as string), deepest);
  const deeper = nest(limits.depth_levels + 1);
  t.ok(refused(() => unpack(pack(deeper))));
  t.ok(refused(() => parseJson(encode('json', deeper) as string)));
});

t.test('a frame full of brackets is refused without a deep stack', async t => {
  t.ok(refused(() => unpack(Buffer.alloc(limits.frame_bytes, 0x91))));
  t.ok(refused(() => unpack(Buffer.alloc(limits.frame_bytes, 0x81))));
  t.ok(refused(() => parseJson('['.repeat(limits.frame_bytes))));
  const half = limits.frame_bytes / 2;
  t.ok(refused(() => parseJson('['.repeat(half) + ']'.repeat(half))));
});

t.test('a small lie about a length costs next to no memory', async t => {
  for (const lie of ['dd7fffffff', 'df7fffffff', 'db7fffffff', 'dcffff', 'deffff', 'daffff']) {
    t.ok(heapOf(() => unpack(Buffer.concat([hex(lie), Buffer.alloc(16)]))) < 1_048_576, lie);
  }
});

t.test('a whole frame of the smallest values stays under 100 times its size', async t => {
  for (const filler of [0x80, 0x90, 0xa0, 0xc0]) {
    const frame = Buffer.alloc(limits.frame_bytes, filler);
    frame.set([0xdd, 0, 0x0f, 0xff, 0xfb]);
    const heap = heapOf(() => unpack(frame));
    t.ok(heap < 100 * limits.frame_bytes, `${filler.toString(16)}: ${heap} bytes`);
  }
});
