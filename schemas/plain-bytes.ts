// Validation of msgpack that may be hostile, so that nothing but plain values is ever decoded.
import { limits } from './limits.js';
import { lengthAt } from './msgpack-heads.js';

// A place in the bytes is never negative, so a flaw is.
const SHORT = -1;
const LONG = -2;
const EXTENSION = -3;
const BINARY = -4;
const DEEP = -5;
const KEY = -6;
const PROTO = -7;
const TEXT = -8;
const INFINITE = -9;
const ROUNDED = -10;

/** Said of a number that JavaScript would change; JSON has such too. */
export const TOO_FINE = 'a number is not what a double can hold; send it as a text';

const flaws: Readonly<Record<number, string>> = {
  [SHORT]: 'it ends too early',
  [LONG]: 'more follows the value',
  [EXTENSION]: 'an extension type is no plain value',
  [BINARY]: 'bytes are no plain value; send text',
  [DEEP]: `nested deeper than ${limits.depth_levels} levels`,
  [KEY]: 'a key must be text',
  [PROTO]: 'a key must not be __proto__',
  [TEXT]: 'a text is not UTF-8',
  [INFINITE]: 'a number is not finite',
  [ROUNDED]: TOO_FINE,
};

const utf8 = new TextDecoder('utf-8', { fatal: true });
const protoKey = new TextEncoder().encode('__proto__');

/**
 * Why the bytes are not one plain value; undefined when they are. Believes no length. A whole
 * number that no double holds is a flaw of what is said to us, and was none in old logs.
 */
export function flawOf(bytes: Uint8Array, mayRound = true): string | undefined {
  isExact = !mayRound;
  const end = skip(bytes, 0, limits.depth_levels);
  if (end === bytes.length) return undefined;
  return flaws[end < 0 ? end : LONG];
}

/** The position after the value at `at`, or a flaw. */
function skip(bytes: Uint8Array, at: number, depth: number): number {
  const first = bytes[at];
  if (first === undefined) return SHORT;
  if (first < 0x80 || first >= 0xe0) return at + 1;
  if (first < 0x90) return skipMap(bytes, at + 1, first & 0x0f, depth);
  if (first < 0xa0) return skipArray(bytes, at + 1, first & 0x0f, depth);
  if (first < 0xc0) return skipText(bytes, at + 1, first & 0x1f);
  switch (first) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return at + 1;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return BINARY;
    case 0xca:
    case 0xcb:
      return skipFloat(bytes, at + 1, first === 0xca ? 4 : 8);
    case 0xcc:
    case 0xd0:
      return skipBytes(bytes, at + 1, 1);
    case 0xcd:
    case 0xd1:
      return skipBytes(bytes, at + 1, 2);
    case 0xce:
    case 0xd2:
      return skipBytes(bytes, at + 1, 4);
    case 0xcf:
    case 0xd3:
      return skipWide(bytes, at + 1, first === 0xd3);
    case 0xd9:
      return skipText(bytes, at + 2, lengthAt(bytes, at + 1, 1));
    case 0xda:
      return skipText(bytes, at + 3, lengthAt(bytes, at + 1, 2));
    case 0xdb:
      return skipText(bytes, at + 5, lengthAt(bytes, at + 1, 4));
    case 0xdc:
      return skipArray(bytes, at + 3, lengthAt(bytes, at + 1, 2), depth);
    case 0xdd:
      return skipArray(bytes, at + 5, lengthAt(bytes, at + 1, 4), depth);
    case 0xde:
      return skipMap(bytes, at + 3, lengthAt(bytes, at + 1, 2), depth);
    case 0xdf:
      return skipMap(bytes, at + 5, lengthAt(bytes, at + 1, 4), depth);
    default:
      return EXTENSION;
  }
}

function skipBytes(bytes: Uint8Array, at: number, length: number): number {
  return at + length > bytes.length ? SHORT : at + length;
}

/** How the walk under way looks at whole numbers of 64 bits; nothing waits while it walks. */
let isExact = false;

function skipWide(bytes: Uint8Array, at: number, isSigned: boolean): number {
  const end = skipBytes(bytes, at, 8);
  if (end < 0 || !isExact) return end;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  const value = isSigned ? view.getBigInt64(0) : view.getBigUint64(0);
  return BigInt(Number(value)) === value ? end : ROUNDED;
}

function skipFloat(bytes: Uint8Array, at: number, size: number): number {
  const end = skipBytes(bytes, at, size);
  if (end < 0) return end;
  // An exponent of nothing but ones marks the infinities and NaN.
  const mask = size === 4 ? 0x80 : 0xf0;
  const ones =
    ((bytes[at] as number) & 0x7f) === 0x7f && ((bytes[at + 1] as number) & mask) === mask;
  return ones ? INFINITE : end;
}

function skipText(bytes: Uint8Array, at: number, length: number): number {
  const end = at + length;
  if (end > bytes.length) return SHORT;
  // Over a short text a loop is faster than a call into the decoder.
  if (length > limits.ascii_scan_bytes) return isUtf8(bytes.subarray(at, end)) ? end : TEXT;
  let seen = 0;
  for (let i = at; i < end; i++) seen |= bytes[i] as number;
  return seen < 0x80 || isUtf8(bytes.subarray(at, end)) ? end : TEXT;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function skipArray(bytes: Uint8Array, at: number, count: number, depth: number): number {
  if (depth === 0) return DEEP;
  // Every item takes a byte at least, so a count beyond the rest is a lie.
  if (count > bytes.length - at) return SHORT;
  let next = at;
  for (let i = 0; i < count && next >= 0; i++) next = skip(bytes, next, depth - 1);
  return next;
}

function skipMap(bytes: Uint8Array, at: number, count: number, depth: number): number {
  if (depth === 0) return DEEP;
  if (count * 2 > bytes.length - at) return SHORT;
  let next = at;
  for (let i = 0; i < count && next >= 0; i++) {
    next = skipKey(bytes, next);
    if (next >= 0) next = skip(bytes, next, depth - 1);
  }
  return next;
}

function skipKey(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first >= 0xa0 && first < 0xc0) return skipKeyText(bytes, at + 1, first & 0x1f);
  const size = keyLengthBytes(first);
  return size === 0 ? KEY : skipKeyText(bytes, at + 1 + size, lengthAt(bytes, at + 1, size));
}

function keyLengthBytes(first: number): number {
  if (first === 0xd9) return 1;
  if (first === 0xda) return 2;
  return first === 0xdb ? 4 : 0;
}

function skipKeyText(bytes: Uint8Array, at: number, length: number): number {
  return length === protoKey.length && isProto(bytes, at) ? PROTO : skipText(bytes, at, length);
}

function isProto(bytes: Uint8Array, at: number): boolean {
  return protoKey.every((char, i) => bytes[at + i] === char);
}
