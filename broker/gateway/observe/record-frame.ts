// Encoding of log.records: events spliced in as they are in the log, or transcoded to JSON.
import { encode, pack, unpack } from '../../../schemas/codec.js';
import { isUpcast } from '../../../schemas/event.js';
import type { Encoding } from '../../../schemas/frame.js';
import { toJson } from '../../../schemas/json-numbers.js';
import {
  headBytes,
  NIL,
  numberBytes,
  writeArrayHead,
  writeNumber,
} from '../../../schemas/msgpack-heads.js';
import { eventOf, isMalformed, type PassedRecord } from './event-filter.js';

interface Envelope {
  subscription: string;
  after: string;
  to: string;
  live: boolean;
}

/** The `records` array, encoded once and shared by frames whose envelopes differ. */
export type Body = Uint8Array | string;

const nil = Uint8Array.of(NIL);
/** The head of a line's array, and its two numbers. */
const lineHeadBytes = headBytes(4) + 2 * numberBytes;

/** Encodes the lines as `[[position, time, event, void?], …]`. */
export function encodeBody(encoding: Encoding, lines: readonly PassedRecord[]): Body {
  return encoding === 'json' ? toJson(lines.map(plainLine)) : packBody(lines);
}

/** One line as JSON, without a line break. */
export function encodeLine(line: PassedRecord): string {
  return toJson(plainLine(line));
}

/** Puts the envelope around a body of the same encoding. */
export function encodeFrame(encoding: Encoding, envelope: Envelope, body: Body): Body {
  const { subscription, after, to, live } = envelope;
  const params = { subscription, after, to, live, records: [] };
  const empty = encode(encoding, { jsonrpc: '2.0', method: 'log.records', params });
  // The empty array stands last, so the body takes its place.
  if (typeof empty === 'string') return `${empty.slice(0, -4)}${body}}}`;
  return Buffer.concat([empty.subarray(0, -1), body as Uint8Array]);
}

/** A line as it is told: `[position, time, event, void?]`. */
export function plainLine(line: PassedRecord): unknown[] {
  const { record, time } = line;
  const read = line.event ?? eventOf(record) ?? null;
  // As it was written: both encodings tell the same.
  const event = read !== null && isUpcast(read) ? unpack(record.bytes) : read;
  const fields = [record.position, time, event];
  return record.void === undefined ? fields : [...fields, record.void];
}

function packBody(lines: readonly PassedRecord[]): Uint8Array {
  const reasons = new Map<string, Uint8Array>();
  let bytes = headBytes(lines.length);
  for (const { record } of lines) {
    bytes += lineHeadBytes + record.bytes.length + reasonOf(record.void, reasons).length;
  }
  const body = Buffer.allocUnsafe(bytes);
  let at = writeArrayHead(body, 0, lines.length);
  for (const { record, time } of lines) {
    const reason = reasonOf(record.void, reasons);
    at = writeArrayHead(body, at, reason.length === 0 ? 3 : 4);
    at = writeNumber(body, at, record.position);
    at = writeNumber(body, at, time);
    const event = isMalformed(record) ? nil : record.bytes;
    body.set(event, at);
    at += event.length;
    body.set(reason, at);
    at += reason.length;
  }
  return body.subarray(0, at);
}

const none = new Uint8Array(0);

function reasonOf(reason: string | undefined, packed: Map<string, Uint8Array>): Uint8Array {
  if (reason === undefined) return none;
  const known = packed.get(reason);
  if (known !== undefined) return known;
  const bytes = pack(reason);
  packed.set(reason, bytes);
  return bytes;
}
