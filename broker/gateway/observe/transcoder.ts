// Transcoding of msgpack to JSON text, byte by byte, without building what it says.
// https://github.com/msgpack/msgpack/blob/master/spec.md, https://www.rfc-editor.org/rfc/rfc8259
import { limits } from '../../../schemas/limits.js';
import { lengthAt } from '../../../schemas/msgpack-heads.js';
import type { ByteSink } from './byte-sink.js';

/** What a value takes in JSON at most, by its bytes in msgpack: a control character is six. */
export const GROWTH = 6;

/** Beyond these a map goes the long way: its keys are compared one with another. */
const MAP_KEYS = 32;
/** From here on a text is looked through and moved as a whole. */
const MOVED_FROM = 8;
const BILLION = 1e9;
/** Below it every whole number has the same digits however it is written. */
const PLAIN_WHOLE = 1e15;
const WORD = 0x1_0000_0000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;

const word = (text: string) => Buffer.from(text, 'latin1');
const NULL = word('null');
const TRUE = word('true');
const FALSE = word('false');
/** What stands for a character that JSON escapes, as `JSON.stringify` writes it. */
const escapes = Array.from({ length: SPACE }, (_, code) =>
  word(JSON.stringify(String.fromCharCode(code)).slice(1, -1)),
);
escapes[QUOTE] = word('\\"');
escapes[BACKSLASH] = word('\\\\');

/** The walk under way, of what is read and of what is written; nothing waits while it walks. */
let buffer: Buffer;
let view: DataView;
let at = 0;
let out = 0;
/** Where the keys of the maps around it begin, with their lengths by turns. */
const keys = new Int32Array(2 * MAP_KEYS * (limits.depth_levels + 1));

/**
 * Writes what the loaded bytes `from..to` say, exactly as `JSON.stringify` would say it of what
 * they unpack to, whole numbers with all their digits. The bytes must be one value that was let in
 * once. False for what only an object can tell: a key that comes twice or is an index of an array,
 * and more keys than `MAP_KEYS`; what was written then is no use. Room for `GROWTH` times the bytes
 * must be there.
 */
export function writeJson(into: ByteSink, from: number, to: number): boolean {
  ({ buffer, view, at: out } = into);
  at = from;
  const isDone = writeValue(0) && at === to;
  into.at = out;
  return isDone;
}

/** Writes a whole number that is not negative and that a double holds. */
export function writeWhole(into: ByteSink, value: number): void {
  into.at = putWhole(into.buffer, into.at, value);
}

function putWhole(into: Buffer, place: number, value: number): number {
  if (value < BILLION) return putDigits(into, place, value, digitsOf(value));
  const high = Math.floor(value / BILLION);
  return putDigits(into, putWhole(into, place, high), value - high * BILLION, 9);
}

function putDigits(into: Buffer, from: number, value: number, count: number): number {
  let rest = value | 0;
  for (let place = from + count - 1; place >= from; place--) {
    const tenth = (rest / 10) | 0;
    into[place] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return from + count;
}

function digitsOf(value: number): number {
  let count = 1;
  for (let power = 10; value >= power; power *= 10) count++;
  return count;
}

function put(byte: number): void {
  buffer[out++] = byte;
}

function writeValue(depth: number): boolean {
  const first = buffer[at++]!;
  if (first < 0x80) return writeInteger(first);
  if (first >= 0xe0) return writeInteger(first - 0x100);
  if (first < 0x90) return writeMap(first & 0x0f, depth);
  if (first < 0xa0) return writeArray(first & 0x0f, depth);
  if (first < 0xc0) return writeText(first & 0x1f);
  switch (first) {
    case 0xc0:
      return writeWord(NULL);
    case 0xc2:
      return writeWord(FALSE);
    case 0xc3:
      return writeWord(TRUE);
    case 0xd9:
    case 0xda:
    case 0xdb:
      return writeText(length(1 << (first - 0xd9)));
    case 0xdc:
    case 0xdd:
      return writeArray(length(first === 0xdc ? 2 : 4), depth);
    case 0xde:
    case 0xdf:
      return writeMap(length(first === 0xde ? 2 : 4), depth);
    default:
      return writeWideNumber(first);
  }
}

/** The length of `size` bytes that stands here. */
function length(size: number): number {
  const value = lengthAt(buffer, at, size);
  at += size;
  return value;
}

function writeWord(text: Buffer): boolean {
  buffer.set(text, out);
  out += text.length;
  return true;
}

function writeWideNumber(first: number): boolean {
  const from = at;
  switch (first) {
    case 0xca:
      at += 4;
      return writeNumber(view.getFloat32(from));
    case 0xcb:
      at += 8;
      return writeNumber(view.getFloat64(from));
    case 0xcc:
    case 0xcd:
    case 0xce:
      return writeInteger(length(1 << (first - 0xcc)));
    case 0xcf:
      at += 8;
      return writeNumber(view.getUint32(from) * WORD + view.getUint32(from + 4));
    case 0xd0:
      at += 1;
      return writeInteger(view.getInt8(from));
    case 0xd1:
      at += 2;
      return writeInteger(view.getInt16(from));
    case 0xd2:
      at += 4;
      return writeInteger(view.getInt32(from));
    case 0xd3:
      at += 8;
      return writeNumber(view.getInt32(from) * WORD + view.getUint32(from + 4));
    default:
      return false;
  }
}

function writeNumber(value: number): boolean {
  if (Number.isInteger(value)) return writeInteger(value);
  return writeWord(word(JSON.stringify(value)));
}

function writeInteger(value: number): boolean {
  if (value >= 0 && value < PLAIN_WHOLE) {
    out = putWhole(buffer, out, value);
    return true;
  }
  const text = JSON.stringify(value);
  // JSON fills up with noughts where the digits of a large number end.
  return writeWord(word(text.includes('e') ? text : BigInt(value).toString()));
}

function writeArray(count: number, depth: number): boolean {
  put(0x5b);
  for (let i = 0; i < count; i++) {
    if (i > 0) put(COMMA);
    if (!writeValue(depth + 1)) return false;
  }
  put(0x5d);
  return true;
}

function writeMap(count: number, depth: number): boolean {
  if (count > MAP_KEYS || depth > limits.depth_levels) return false;
  const own = 2 * MAP_KEYS * depth;
  put(0x7b);
  for (let i = 0; i < count; i++) {
    if (i > 0) put(COMMA);
    const first = buffer[at++]!;
    const size = first < 0xc0 ? first & 0x1f : length(1 << (first - 0xd9));
    if (!isNewKey(own, i, at, size)) return false;
    writeText(size);
    put(COLON);
    if (!writeValue(depth + 1)) return false;
  }
  put(0x7d);
  return true;
}

/** False for a key that the map has had before, or that an object would put in another place. */
function isNewKey(own: number, index: number, from: number, size: number): boolean {
  const first = buffer[from]!;
  if (size > 0 && first >= ZERO && first <= NINE) return false;
  for (let i = own; i < own + 2 * index; i += 2) {
    if (keys[i + 1] === size && isSame(keys[i]!, from, size)) return false;
  }
  keys[own + 2 * index] = from;
  keys[own + 2 * index + 1] = size;
  return true;
}

function isSame(one: number, other: number, size: number): boolean {
  for (let i = 0; i < size; i++) if (buffer[one + i] !== buffer[other + i]) return false;
  return true;
}

function writeText(size: number): boolean {
  const from = at;
  const to = from + size;
  at = to;
  put(QUOTE);
  if (size < MOVED_FROM || !isBare(from, to)) writeEscaped(from, to);
  else {
    buffer.copyWithin(out, from, to);
    out += size;
  }
  put(QUOTE);
  return true;
}

/** True when no byte needs an escape: four at a time, by the carries of a subtraction. */
function isBare(from: number, to: number): boolean {
  let place = from;
  for (; place + 4 <= to; place += 4) {
    const four = view.getInt32(place, true);
    const quotes = four ^ 0x22222222;
    const slashes = four ^ 0x5c5c5c5c;
    const low = (four - 0x20202020) & ~four;
    const found = low | ((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes);
    if ((found & 0x80808080) !== 0) return false;
  }
  for (; place < to; place++) if (isEscaped(buffer[place]!)) return false;
  return true;
}

function isEscaped(byte: number): boolean {
  return byte < SPACE || byte === QUOTE || byte === BACKSLASH;
}

function writeEscaped(from: number, to: number): void {
  let end = out;
  for (let place = from; place < to; place++) {
    const byte = buffer[place]!;
    if (!isEscaped(byte)) buffer[end++] = byte;
    else for (const char of escapes[byte]!) buffer[end++] = char;
  }
  out = end;
}
