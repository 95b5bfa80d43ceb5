// What a socket is to the client, and what is heard on it: Node and pages each bring their own.
import { CodecError, decode, encode, parseJson } from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import { asRefused, type CallAnswer, RefusalError, refused } from './errors.js';
import type { Lost } from './life.js';

/** One connection, as the client uses it. */
export interface Socket {
  send(frame: string | Uint8Array): void;
  /** Ends the connection; `lost` follows, or nothing. */
  close(): void;
}

/** Who hears what happens on a socket. */
export interface Ears {
  opened(): void;
  heard(frame: string | Uint8Array): void;
  lost(why: Lost): void;
}

/** Opens one socket with one subprotocol. Never throws: what goes wrong is heard as `lost`. */
export type Dial = (url: string, encoding: Encoding, ears: Ears) => Socket;

/** One message of a frame. */
export type Heard =
  | { kind: 'answer'; call: number; answer: CallAnswer }
  | { kind: 'notice'; method: string; params: Record<string, unknown>; size: number };

interface Message {
  id?: unknown;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message?: string; data?: object };
}

/** The messages of one frame, in order. Throws CodecError on what no broker sends. */
export function read(encoding: Encoding, frame: string | Uint8Array): Heard[] {
  const value = typeof frame === 'string' ? parseJson(frame) : decode(encoding, frame);
  const messages = Array.isArray(value) ? value : [value];
  return messages.map(message => heard(message, frame.length / messages.length));
}

function heard(message: unknown, size: number): Heard {
  if (!isFields(message)) throw new CodecError('a message that is not an object');
  const { id, method, params = {}, error, result } = message as Message;
  if (!isFields(params)) throw new CodecError('parameters that are not an object');
  if (typeof method === 'string') return { kind: 'notice', method, params, size };
  if (typeof id !== 'number') throw new CodecError(error?.message ?? 'an answer without its id');
  if (error) return { kind: 'answer', call: id, answer: { error: asRefused(error) } };
  if (!isFields(result)) throw new CodecError('an answer with neither a result nor an error');
  return { kind: 'answer', call: id, answer: { result } };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** One request as a frame. Throws RefusalError when no broker would take it. */
export function write(
  encoding: Encoding,
  id: number,
  method: string,
  params: object,
): string | Uint8Array {
  const frame = framed(encoding, { jsonrpc: '2.0', id, method, params });
  if (frame.length <= limits.frame_bytes && !overBytes(frame)) return frame;
  const help = `the call is over ${limits.frame_bytes} bytes; send less or refer to a file`;
  throw new RefusalError(refused('too_large', help));
}

/** What is no plain value (a BigInt in JSON, a circle) is refused here: it could not be sent. */
function framed(encoding: Encoding, request: object): string | Uint8Array {
  try {
    return encode(encoding, plain(request) as object);
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RefusalError(refused('invalid', `the call cannot be written as ${encoding}: ${why}`));
  }
}

function overBytes(frame: string | Uint8Array): boolean {
  if (typeof frame !== 'string' || frame.length * 3 <= limits.frame_bytes) return false;
  return new TextEncoder().encode(frame).length > limits.frame_bytes;
}

/** A copy without undefined fields, which msgpack would carry as an extension. */
function plain(value: unknown): unknown {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new RefusalError(refused('invalid', 'a text has half a surrogate pair; send whole text'));
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  // As in JSON: a date becomes its text, not an empty object.
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON());
  const copy: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined) copy[key] = plain(field);
  }
  return copy;
}
