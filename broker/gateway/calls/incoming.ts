// Parsing a JSON-RPC batch: one frame or body into its calls; a flaw of one spoils no other.
import { assertPlain, CodecError, parseAny, textOf, unpack } from '../../../schemas/codec.js';
import type { Encoding } from '../../../schemas/frame.js';
import {
  type Doubts,
  type LostNumber,
  lostNumbers,
  mayHaveLost,
} from '../../../schemas/json-numbers.js';
import { limits } from '../../../schemas/limits.js';
import { isScalarHead } from '../../../schemas/msgpack-heads.js';
import { fieldsOf, isWhole, itemsOf, type Span } from '../../../schemas/msgpack-walk.js';
import { TOO_FINE } from '../../../schemas/plain-bytes.js';
import { asCallId, type CallId, SourceId } from './call-id.js';

/** A call that can be told from its neighbours, but carries what is no plain value. */
export class FlawedCall {
  /** Undefined when nobody waits for an answer. */
  readonly id: CallId | undefined;
  readonly flaw: string;
  /**
   * It came by itself, and is answered so: whoever writes such a thing has the least of clients,
   * which may not look for its answer in a batch.
   */
  readonly isAlone: boolean;

  constructor(id: CallId | undefined, flaw: string, isAlone: boolean) {
    this.id = id;
    this.flaw = flaw;
    this.isAlone = isAlone;
  }
}

export interface Incoming {
  /** At least one: a call as it came, a FlawedCall, or whatever else somebody sent. */
  items: readonly unknown[];
  isBatch: boolean;
}

/**
 * The calls of a frame or body. Throws CodecError when the bytes are no JSON or msgpack at all.
 * https://www.jsonrpc.org/specification#batch
 */
export function readIncoming(encoding: Encoding, data: Uint8Array): Incoming {
  return encoding === 'json' ? readJson(textOf(data)) : readPacked(data);
}

/** An empty batch is a call that is none. */
function incoming(frame: unknown): Incoming {
  if (!Array.isArray(frame)) return { items: [frame], isBatch: false };
  return frame.length > 0 ? { items: frame, isBatch: true } : { items: [frame], isBatch: false };
}

function readJson(text: string): Incoming {
  const { items, isBatch } = incoming(parseAny(text));
  const doubts: Doubts = { hasZero: false, hasLarge: false };
  const flaws = items.map(item => flawOf(item, doubts));
  const isDoubtful = flaws.some(flaw => flaw !== undefined) || mayHaveLost(text, doubts);
  if (!isDoubtful) return { items, isBatch };
  const lost = byItem(lostNumbers(text));
  const read = items.map((item, at) => {
    const numbers = lost.get(at);
    const flaw = flaws[at] ?? (numbers === undefined ? undefined : TOO_FINE);
    return flaw === undefined ? item : new FlawedCall(idOf(item, numbers), flaw, !isBatch);
  });
  return { items: read, isBatch };
}

/** A frame may hold a hundred thousand of them: no call looks through those of the others. */
function byItem(lost: readonly LostNumber[]): Map<number, LostNumber[]> {
  const known = new Map<number, LostNumber[]>();
  for (const number of lost) {
    const beside = known.get(number.item);
    if (beside) beside.push(number);
    else known.set(number.item, [number]);
  }
  return known;
}

function flawOf(item: unknown, doubts: Doubts): string | undefined {
  try {
    assertPlain(item, limits.depth_levels, doubts);
    return undefined;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return error.message;
  }
}

function idOf(item: unknown, lost: readonly LostNumber[] = []): CallId | undefined {
  const written = lost.findLast(number => number.isId);
  const id = own(item, 'id');
  // Of an id said twice the last one counts, which then is no number of that text.
  if (written !== undefined && Number(written.text) === id) return new SourceId(written.text);
  return id === undefined && own(item, 'method') !== undefined ? undefined : asCallId(id);
}

function own(item: unknown, key: string): unknown {
  const isThere = typeof item === 'object' && item !== null && Object.hasOwn(item, key);
  return isThere ? (item as Record<string, unknown>)[key] : undefined;
}

function readPacked(data: Uint8Array): Incoming {
  try {
    return incoming(unpack(data, false));
  } catch (error) {
    if (!(error instanceof CodecError) || !isWhole(data)) throw error;
    const spans = itemsOf(data);
    if (spans === undefined) return { items: [readOne(data, true)], isBatch: false };
    const items = spans.map(({ from, to }) => readOne(data.subarray(from, to), false));
    return { items, isBatch: true };
  }
}

function readOne(bytes: Uint8Array, isAlone: boolean): unknown {
  try {
    return unpack(bytes, false);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return new FlawedCall(packedId(bytes), error.message, isAlone);
  }
}

/** The id of a packed call, of which nothing else need be readable. */
function packedId(bytes: Uint8Array): CallId | undefined {
  const fields = fieldsOf(bytes) ?? [];
  const bytesOf = ({ from, to }: Span) => bytes.subarray(from, to);
  let id: CallId | undefined;
  let isCall = false;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const key = keyOf(bytesOf(fields[i]!));
    if (key === 'id') id = sourceOf(bytesOf(fields[i + 1]!));
    if (key === 'method') isCall = true;
  }
  return id === undefined && isCall ? undefined : asCallId(id);
}

function keyOf(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes);
  } catch {
    return undefined;
  }
}

/** Texts and numbers are ids. */
function sourceOf(bytes: Uint8Array): CallId {
  return isScalarHead(bytes[0] ?? 0) ? new SourceId(bytes.slice()) : null;
}
