// Decoding of an event the short way: one walk over its bytes, and no string is made twice.
import { eventTypes } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { lengthAt } from '../../../schemas/msgpack-heads.js';

/** What of a Buffer works on any bytes; both are calls into native code. */
interface Slicer {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
}
const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Slicer;

/** Strings up to this length are looked for among those made lately. */
const SHORT = 48;
/** How many of those are remembered: one for each place that a hash may name. */
const PLACES = 8_192;
/** How many of a string's last bytes name its place. */
const HASHED = 8;
const lately = new Array<string>(PLACES).fill('');
/** Their bytes, each string's at its place: to compare these costs less than to ask the strings. */
const latelyBytes = new Uint8Array(PLACES * SHORT);
const latelyLengths = new Uint8Array(PLACES);
/** Which keys came first, second, … in the newest events of a kind, and in maps within any. */
const others: string[] = [];
const guesses = new Map<string, string[]>(eventTypes.map(type => [type, []]));
const GUESSES = 16;
const ID_LENGTH = 36;
/** Of a text whose length takes one byte. */
const TEXT_HEAD = 0xd9;
const REPLACED = '\ufffd';
const MARKED = 0xfeff;

/** The walk under way; nothing waits while it walks. */
let bytes: Uint8Array;
let at = 0;
let end = 0;
let isOdd = false;
/** What the head of the commit says that the event is. */
let said = '';
let likely = others;
const double = new DataView(new ArrayBuffer(8));

/**
 * The plain value at `from..to`, as `unpack` would give it; a `type` in it that is the one given is
 * that very string. Undefined for what is no plain value, and for what is plain and yet odd (a wide
 * number, a text that begins with a mark of its byte order): a decoder is to judge of these.
 */
export function readPlain(source: Uint8Array, from: number, to: number, type = ''): unknown {
  said = type;
  likely = guesses.get(type) ?? others;
  bytes = source;
  at = from;
  end = to;
  isOdd = false;
  const value = read(limits.depth_levels);
  return isOdd || at !== end ? undefined : value;
}

function odd(): undefined {
  isOdd = true;
  at = end;
  return undefined;
}

function read(depth: number): unknown {
  if (at >= end) return odd();
  const first = bytes[at++] as number;
  if (first < 0x80) return first;
  if (first < 0x90) return readMap(first & 0x0f, depth);
  if (first < 0xa0) return readArray(first & 0x0f, depth);
  if (first < 0xc0) return readText(first & 0x1f);
  if (first >= 0xe0) return first - 0x100;
  switch (first) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xcb:
      return readDouble();
    case 0xcc:
      return readSize(1);
    case 0xcd:
      return readSize(2);
    case 0xce:
      return readSize(4);
    case 0xd9:
      return readText(readSize(1));
    case 0xda:
      return readText(readSize(2));
    case 0xdb:
      return readText(readSize(4));
    case 0xdc:
      return readArray(readSize(2), depth);
    case 0xde:
      return readMap(readSize(2), depth);
    default:
      return odd();
  }
}

/** A whole number without a sign. */
function readSize(size: number): number {
  if (at + size > end) {
    odd();
    return 0;
  }
  const value = lengthAt(bytes, at, size);
  at += size;
  return value;
}

function readDouble(): unknown {
  if (at + 8 > end) return odd();
  for (let i = 0; i < 8; i++) double.setUint8(i, bytes[at++] as number);
  const value = double.getFloat64(0);
  return Number.isFinite(value) ? value : odd();
}

function readArray(count: number, depth: number): unknown {
  if (depth === 0 || count > end - at) return odd();
  const items: unknown[] = [];
  for (let i = 0; i < count && !isOdd; i++) items.push(read(depth - 1));
  return items;
}

function readMap(count: number, depth: number): unknown {
  if (depth === 0 || count * 2 > end - at) return odd();
  const keys = depth === limits.depth_levels ? likely : others;
  const map: Record<string, unknown> = {};
  for (let i = 0; i < count && !isOdd; i++) {
    const key = readKey(i, keys);
    if (key === undefined || key === '__proto__') return odd();
    // No two events have the same id, so it was not made lately.
    if (key === 'id' && isUuidNext()) map[key] = readId();
    else if (key === 'type' && isSaidNext()) map[key] = said;
    else map[key] = read(depth - 1);
  }
  return map;
}

/** Steps over the type that was said before. */
function isSaidNext(): boolean {
  const { length } = said;
  const from = at + 1;
  const isHere = bytes[at] === (0xa0 | length) && from + length <= end;
  if (!isHere || length >= 0x20 || !isText(said, length, from)) return false;
  at = from + length;
  return true;
}

function readKey(place: number, keys: string[]): string | undefined {
  if (at >= end) return odd();
  const first = bytes[at++] as number;
  if (first < 0xa0 || first >= 0xc0) return first === TEXT_HEAD ? readText(readSize(1)) : odd();
  const length = first & 0x1f;
  const guess = keys[place];
  if (guess !== undefined && at + length <= end && isText(guess, length, at)) {
    at += length;
    return guess;
  }
  const key = readText(length);
  if (key !== undefined && place < GUESSES) keys[place] = key;
  return key;
}

function isUuidNext(): boolean {
  return bytes[at] === TEXT_HEAD && bytes[at + 1] === ID_LENGTH;
}

function readId(): string | undefined {
  const from = at + 2;
  if (from + ID_LENGTH > end) return odd();
  let seen = 0;
  for (let i = from; i < from + ID_LENGTH; i++) seen |= bytes[i] as number;
  if (seen >= 0x80) return odd();
  at = from + ID_LENGTH;
  return latin1Slice.call(bytes, from, at);
}

function readText(length: number): string | undefined {
  const from = at;
  at += length;
  if (at > end) return odd();
  if (length > SHORT) return readWide(from);
  const place = placeOf(from, length);
  if (latelyLengths[place] === length && isLately(place * SHORT, from)) {
    return lately[place] as string;
  }
  let seen = 0;
  for (let i = from; i < at; i++) seen |= bytes[i] as number;
  if (seen >= 0x80) return readWide(from);
  const text = latin1Slice.call(bytes, from, at);
  lately[place] = text;
  latelyLengths[place] = length;
  for (let i = from, j = place * SHORT; i < at; i++, j++) latelyBytes[j] = bytes[i] as number;
  return text;
}

/** By the length and the last bytes: it is there that ids differ. */
function placeOf(from: number, length: number): number {
  let hash = length;
  for (let i = Math.max(from, at - HASHED); i < at; i++) {
    hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  }
  return (hash ^ (hash >>> 13)) & (PLACES - 1);
}

/** True when the text that ends here is the one whose bytes are kept there. */
function isLately(kept: number, from: number): boolean {
  const source = bytes;
  for (let i = from, j = kept; i < at; i++, j++) if (source[i] !== latelyBytes[j]) return false;
  return true;
}

function isText(text: string, length: number, from: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}

function readWide(from: number): string | undefined {
  const text = utf8Slice.call(bytes, from, at);
  // What is not UTF-8 comes out as this character, which a text may hold, too.
  if (text.includes(REPLACED) || text.charCodeAt(0) === MARKED) return odd();
  return text;
}
