// The only parser and packer: msgpack and JSON, plain values only.
import { Packr } from 'msgpackr';
import type { Encoding } from './frame.js';
import { type Doubts, noteNumber, toJson } from './json-numbers.js';
import { limits } from './limits.js';
import { headBytes, writeArrayHead, writeMapHead } from './msgpack-heads.js';
import { flawOf } from './plain-bytes.js';

const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The bytes or text were not plain values: nothing of them is used. */
export class CodecError extends Error {}

/**
 * Packs plain values as msgpack. A key whose value is undefined must be absent: `compact` it.
 * https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function pack(value: unknown): Uint8Array {
  try {
    return packr.pack(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The packer calls what it takes for methods; plain data may have keys of these names.
    return packPlain(value);
  }
}

function packPlain(value: unknown): Uint8Array {
  if (typeof value !== 'object' || value === null) return packr.pack(value);
  if (Array.isArray(value)) return packArray(value.map(packPlain));
  return packMap(Object.entries(value).map(([key, field]) => [key, packPlain(field)]));
}

/** Unpacks msgpack that may be hostile. Throws CodecError on anything but plain values. */
export function unpack(bytes: Uint8Array, mayRound = true): unknown {
  const flaw = flawOf(bytes, mayRound);
  if (flaw) throw new CodecError(`not msgpack of plain values: ${flaw}`);
  return packr.unpack(bytes);
}

/** Parses JSON that may be hostile. Throws CodecError on anything but plain values. */
export function parseJson(text: string): unknown {
  const value = parseAny(text);
  assertPlain(value, limits.depth_levels);
  return value;
}

/** Whatever JSON says, which may be no plain value. Throws CodecError on what is no JSON. */
export function parseAny(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CodecError(`not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}

/** JSON can say more than msgpack carries: huge numbers, half characters, endless depth. */
export function assertPlain(value: unknown, depth: number, doubts?: Doubts): void {
  if (typeof value === 'string') assertWellFormed(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CodecError('a number is not finite');
    if (doubts) noteNumber(value, doubts);
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) throw new CodecError(`nested deeper than ${limits.depth_levels} levels`);
  if (Array.isArray(value)) {
    for (const item of value) assertPlain(item, depth - 1, doubts);
    return;
  }
  for (const key in value) {
    if (key === '__proto__') throw new CodecError('a key must not be __proto__');
    assertWellFormed(key);
    assertPlain((value as Record<string, unknown>)[key], depth - 1, doubts);
  }
}

function assertWellFormed(text: string): void {
  // A lone surrogate would come back from the log as another character.
  if (!text.isWellFormed()) throw new CodecError('a text has half a surrogate pair');
}

/**
 * A copy without the keys whose value is undefined, at the top level alone: what is within stays
 * shared.
 */
export function compact<T extends object>(value: T): T {
  const copy: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) if (field !== undefined) copy[key] = field;
  return copy as T;
}

/**
 * One packed array of the packed items, joined without decoding them; they are believed to be
 * whole.
 */
export function packArray(items: readonly Uint8Array[]): Uint8Array {
  return joinBytes(writeArrayHead, items.length, items);
}

/**
 * One packed map of the packed values, joined without decoding them; they are believed to be whole.
 */
export function packMap(entries: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const parts = entries.flatMap(([key, value]) => [pack(key), value]);
  return joinBytes(writeMapHead, entries.length, parts);
}

function joinBytes(
  writeHead: typeof writeArrayHead,
  count: number,
  parts: readonly Uint8Array[],
): Uint8Array {
  let length = headBytes(count);
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = writeHead(joined, 0, count);
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** One message, ready for `joinFrame`: text in JSON, bytes in msgpack. */
export function encode(encoding: Encoding, message: object): Uint8Array | string {
  return encoding === 'json' ? toJson(message) : pack(message);
}

/**
 * One frame of the messages given: a lone message as it is, several as a batch.
 * https://www.jsonrpc.org/specification#batch
 */
export function joinFrame(messages: readonly (Uint8Array | string)[]): Uint8Array | string {
  const first = messages[0];
  if (messages.length === 1 && first !== undefined) return first;
  if (typeof first === 'string') return `[${messages.join(',')}]`;
  return packArray(messages as Uint8Array[]);
}

/** Reads one frame or body as plain values, whoever sent it. Throws CodecError. */
export function decode(encoding: Encoding, data: Uint8Array): unknown {
  return encoding === 'msgpack' ? unpack(data) : parseJson(textOf(data));
}

/** The text of bytes that must be UTF-8; nothing is replaced. Throws CodecError. */
export function textOf(data: Uint8Array): string {
  try {
    return utf8.decode(data);
  } catch {
    throw new CodecError('not UTF-8');
  }
}
