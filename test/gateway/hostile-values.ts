// Values as a hostile or broken client makes them, in JSON text and in msgpack alike.
import { pack, packArray, packMap } from '../../schemas/codec.js';
import type { Chance } from '../dsl/chance.js';

/** What the two encodings say each in its own way, or JavaScript cannot say at all. */
export class Odd {
  readonly json: string;
  readonly packed: Uint8Array;

  constructor(json: string, packed: Uint8Array | number[]) {
    this.json = json;
    this.packed = Uint8Array.from(packed);
  }
}

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Odd
  | readonly Value[]
  | { readonly [key: string]: Value };

export function toText(value: Value): string {
  if (value instanceof Odd) return value.json;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(toText).join(',')}]`;
  const fields = Object.entries(value as Record<string, Value>);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${toText(field)}`).join(',')}}`;
}

export function toPacked(value: Value): Uint8Array {
  if (value instanceof Odd) return value.packed;
  if (typeof value !== 'object' || value === null) return pack(value);
  if (Array.isArray(value)) return packArray(value.map(toPacked));
  const fields = Object.entries(value as Record<string, Value>);
  return packMap(fields.map(([key, field]) => [key, toPacked(field)]));
}

export function pick<T>(chance: Chance, list: readonly T[]): T {
  return list[Math.floor(chance() * list.length)]!;
}

/** Keys that JavaScript, a validator, a packer or a promise may ask an object for. */
const keys =
  'length toString valueOf constructor toJSON then catch prototype hasOwnProperty size name value' +
  ' refusal result error buffer byteLength get set next done map forEach iterator id type by';
const traps: readonly Value[] = keys
  .split(' ')
  .flatMap(key => [
    { [key]: { toString: 1, valueOf: 1 } },
    { [key]: 1 },
    { [key]: null, length: { toString: 1 } },
  ]);

const numbers: readonly Value[] = [
  0,
  -0,
  -1,
  0.5,
  1.5,
  -1e-7,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  5e-324,
  653247040368672769n,
  -653247040368672769n,
  2n ** 63n - 1n,
  new Odd('1e400', pack(Number.POSITIVE_INFINITY)),
  new Odd('-1e400', pack(Number.NaN)),
  new Odd('1e-400', [0xca, 0x7f, 0xc0, 0, 0]),
];

const texts: readonly string[] = [
  '',
  ' ',
  'x',
  '*',
  '\u0000',
  '\ud83d',
  '\udc00x',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  '1e400',
  '-1',
  '99999999999999999999d',
  'in 999999999d',
  '2026-02-30',
  '275760-09-13T00:00:00.001Z',
  '* * 31 2 *',
  '*/99 * * * *',
  'peer_',
  'ask_01890000-0000-7000-8000-000000000001.99999999999',
  '01890000-0000-7000-8000-000000000001',
  'ffffffff-ffff-7fff-bfff-ffffffffffff',
  'https://github.com/a/b/pull/99999999999999999999',
  'x'.repeat(300),
  '\u2028<script>\r\n',
];

const odds: readonly Odd[] = [
  new Odd('{"__proto__":{"length":1}}', packMap([['__proto__', pack(1)]])),
  new Odd('{"a":1,"a":{"length":2}}', [0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2]),
  new Odd(`${'['.repeat(40)}${']'.repeat(40)}`, [...Array<number>(40).fill(0x91), 0xc0]),
  new Odd('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]', [0xd4, 0x72, 0x40]),
  new Odd('"\\ud83d\\ud83d"', [0xa3, 0xed, 0xa0, 0xbd]),
  new Odd('{"\\udc00":{}}', [0x81, 0x01, 0x02]),
  new Odd('0.10000000000000000000000000000000001', [0xc4, 2, 1, 2]),
  new Odd('{"":{"":{"":[]}}}', [0xd6, 0xff, 0, 0, 0, 1]),
  new Odd('[1e999,-1e999]', [0xc7, 3, 0x78, 0x92, 0xa1, 0x61]),
];

/** One value; now and then a large one, or several of them in one another. */
export function hostile(chance: Chance): Value {
  const roll = chance();
  if (roll < 0.3) return pick(chance, traps);
  if (roll < 0.45) return pick(chance, numbers);
  if (roll < 0.6) return pick(chance, texts);
  if (roll < 0.7) return pick(chance, odds);
  if (roll < 0.78) return pick(chance, [null, true, false, [], {}, [[]], [null], [{}]]);
  if (roll < 0.88) return [hostile(chance), hostile(chance)];
  if (roll < 0.98) return { [pick(chance, keys.split(' '))]: hostile(chance) };
  if (roll < 0.999) return Array.from({ length: 300 }, (_, i) => i);
  return 'y'.repeat(200_000);
}
