// The bytes of log.records: events spliced in as they are in the log, or transcoded to JSON.
import { encode, pack } from '../../../schemas/codec.js';
import type { Encoding } from '../../../schemas/frame.js';
import { toJson } from '../../../schemas/json-numbers.js';
import { eventOf, isMalformed, type Line } from './event-filter.js';

export interface Envelope {
  subscription: string;
  after: string;
  to: string;
  live: boolean;
}

/** The `records` array, encoded once and shared by frames whose envelopes differ. */
export type Body = Uint8Array | string;

const NIL = Uint8Array.of(0xc0);
const WORD = 0xffff_ffff;
/** One array head, two numbers of at most nine bytes. */
const lineHeadBytes = 19;
const bodyHeadBytes = 5;

/** Encodes the lines as `[[position, time, event, void?], …]`. */
export function encodeBody(encoding: Encoding, lines: readonly Line[]): Body {
  return encoding === 'json' ? toJson(lines.map(plainLine)) : packBody(lines);
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

function plainLine(line: Line): unknown[] {
  const { record, time } = line;
  const event = line.event ?? eventOf(record) ?? null;
  const fields = [record.position, time, event];
  return record.void === undefined ? fields : [...fields, record.void];
}

function packBody(lines: readonly Line[]): Uint8Array {
  const reasons = new Map<string, Uint8Array>();
  let bytes = bodyHeadBytes;
  for (const { record } of lines) {
    bytes += lineHeadBytes + record.bytes.length + reasonOf(record.void, reasons).length;
  }
  const body = Buffer.allocUnsafe(bytes);
  let at = writeArrayHead(body, lines.length);
  for (const { record, time } of lines) {
    const reason = reasonOf(record.void, reasons);
    body[at] = reason.length === 0 ? 0x93 : 0x94;
    at = writeNumber(body, at + 1, record.position);
    at = writeNumber(body, at, time);
    const event = isMalformed(record) ? NIL : record.bytes;
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

function writeArrayHead(body: Buffer, count: number): number {
  if (count < 16) return body.writeUInt8(0x90 | count, 0);
  if (count <= 0xffff) return body.writeUInt16BE(count, body.writeUInt8(0xdc, 0));
  return body.writeUInt32BE(count, body.writeUInt8(0xdd, 0));
}

/** Whole numbers as uint32 while they fit, so that no reader sees a float without need. */
function writeNumber(body: Buffer, at: number, value: number): number {
  if (value >= 0 && value <= WORD) return body.writeUInt32BE(value, body.writeUInt8(0xce, at));
  return body.writeDoubleBE(value, body.writeUInt8(0xcb, at));
}
