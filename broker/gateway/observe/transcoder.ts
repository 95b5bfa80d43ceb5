// Transcoding of msgpack to JSON text, byte by byte, without building what it says.
// https://github.com/msgpack/msgpack/blob/master/spec.md, https://www.rfc-editor.org/rfc/rfc8259

import { putWhole } from '../../../schemas/json-digits.js';
import { limits } from '../../../schemas/limits.js';
import { lengthAt } from '../../../schemas/msgpack-heads.js';
import type { ByteSink } from './byte-sink.js';

/** What a value takes in JSON at most, by its bytes in msgpack: a control character is six. */
export const GROWTH = 6;

/** Beyond these a map goes the long way: its keys are compared one with another. */
const MAP_KEYS = 32;
/** Longer texts are looked through first, and moved as a whole. */
const LONG = 64;
/** What is kept of a key: itself, in quotes and with its colon. */
const SLOT = 32;
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
/** The keys of the newest map at each depth, by their place in it, as JSON; most maps are alike. */
const told = Buffer.alloc(SLOT * MAP_KEYS * (limits.depth_levels + 1));
const toldSizes = new Uint8Array(MAP_KEYS * (limits.depth_levels + 1));

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
  const own = MAP_KEYS * depth;
  let isAlike = true;
  put(0x7b);
  for (let i = 0; i < count; i++) {
    if (i > 0) put(COMMA);
    const first = buffer[at++]!;
    const size = first < 0xc0 ? first & 0x1f : length(1 << (first - 0xd9));
    isAlike &&= writeToldKey(own + i, size);
    if (!isAlike && !writeNewKey(own, i, size)) return false;
    if (!writeValue(depth + 1)) return false;
  }
  put(0x7d);
  return true;
}

/**
 * Writes the key if it is the one that the last map had there. When all before it were, too, it
 * has not come before.
 */
function writeToldKey(slot: number, size: number): boolean {
  if (size === 0 || toldSizes[slot] !== size) return false;
  const from = slot * SLOT;
  for (let i = 0; i < size; i++) {
    const byte = buffer[at + i]!;
    if (byte !== told[from + 1 + i]) return false;
    buffer[out + 1 + i] = byte;
  }
  keys[2 * slot] = at;
  keys[2 * slot + 1] = size;
  buffer[out] = QUOTE;
  buffer[out + size + 1] = QUOTE;
  buffer[out + size + 2] = COLON;
  at += size;
  out += size + 3;
  return true;
}

/** Writes a key, and keeps it for the next map unless it is long or has an escape. */
function writeNewKey(own: number, index: number, size: number): boolean {
  const slot = own + index;
  if (!isNewKey(2 * own, index, at, size)) return false;
  const from = out;
  writeText(size);
  put(COLON);
  const isKept = size > 0 && out - from === size + 3 && size + 3 <= SLOT;
  toldSizes[slot] = isKept ? size : 0;
  // What stood behind it stood behind another.
  toldSizes[slot + 1] = 0;
  if (isKept) for (let i = from; i < out; i++) told[slot * SLOT + i - from] = buffer[i]!;
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
  if (size > LONG && isBare(from, to)) {
    buffer.copyWithin(out, from, to);
    out += size;
  } else writeEscaped(from, to);
  put(QUOTE);
  return true;
}

/** True when no byte needs an escape. */
function isBare(from: number, to: number): boolean {
  let place = from;
  for (; place + 4 <= to; place += 4) if (isAnyEscaped(view.getInt32(place, true))) return false;
  for (; place < to; place++) if (isEscaped(buffer[place]!)) return false;
  return true;
}

/** Of four bytes at a time, by the carries of a subtraction. */
function isAnyEscaped(four: number): boolean {
  const quotes = four ^ 0x22222222;
  const slashes = four ^ 0x5c5c5c5c;
  const low = (four - 0x20202020) & ~four;
  const found = low | ((quotes - 0x01010101) & ~quotes) | ((slashes - 0x01010101) & ~slashes);
  return (found & 0x80808080) !== 0;
}

function isEscaped(byte: number): boolean {
  return byte < SPACE || byte === QUOTE || byte === BACKSLASH;
}

function writeEscaped(from: number, to: number): void {
  let end = out;
  let place = from;
  while (place < to) {
    const four = place + 4 <= to ? view.getInt32(place, true) : 0;
    if (place + 4 <= to && !isAnyEscaped(four)) {
      view.setInt32(end, four, true);
      place += 4;
      end += 4;
      continue;
    }
    const byte = buffer[place++]!;
    if (!isEscaped(byte)) buffer[end++] = byte;
    else for (const char of escapes[byte]!) buffer[end++] = char;
  }
  out = end;
}
