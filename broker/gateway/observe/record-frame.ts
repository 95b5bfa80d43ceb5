// Encoding of log.records: events spliced in as they are in the log, or transcoded to JSON.
import { encode, pack, unpack } from '../../../schemas/codec.js';
import { isUpcast } from '../../../schemas/event.js';
import type { Encoding } from '../../../schemas/frame.js';
import { toJson } from '../../../schemas/json-numbers.js';
import { NIL, writeArrayHead, writeNumber } from '../../../schemas/msgpack-heads.js';
import { ByteSink } from './byte-sink.js';
import { eventOf, isMalformed, type PassedRecord, type RingRecord } from './event-filter.js';
import { GROWTH, writeJson, writeWhole } from './transcoder.js';

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

interface Envelope {
  subscription: string;
  after: string;
  to: string;
  live: boolean;
}

/** The most that a line takes beside its event and its reason, in either encoding. */
const LINE_ROOM = 64;

/** There is one: a frame is written in one go. */
const sink = new ByteSink();

export interface RecordFrame {
  bytes: Uint8Array;
  /** The `records` array within it, for a frame of the same lines in another envelope. */
  body: Uint8Array;
}

/** A frame with the lines as `[[position, time, event, void?], …]`. */
export function encodeFrame(
  encoding: Encoding,
  envelope: Envelope,
  lines: readonly PassedRecord[],
): RecordFrame {
  sink.begin();
  const start = sink.at;
  putText(headOf(encoding, envelope));
  const from = sink.at - start;
  if (encoding === 'json') writeLines(lines);
  else packLines(lines);
  const to = sink.at - start;
  putText(tailOf(encoding));
  const bytes = sink.end();
  return { bytes, body: bytes.subarray(from, to) };
}

/** Puts another envelope around a body of the same encoding. */
export function wrapBody(encoding: Encoding, envelope: Envelope, body: Uint8Array): Uint8Array {
  return Buffer.concat([headOf(encoding, envelope), body, tailOf(encoding)]);
}

/** All that stands before the records, which are the last field of the last. */
function headOf(encoding: Encoding, { subscription, after, to, live }: Envelope): Uint8Array {
  const params = { subscription, after, to, live, records: [] };
  const empty = encode(encoding, { jsonrpc: '2.0', method: 'log.records', params });
  return typeof empty === 'string'
    ? Buffer.from(empty.slice(0, -'[]}}'.length))
    : empty.subarray(0, -1);
}

function tailOf(encoding: Encoding): Uint8Array {
  return encoding === 'json' ? closing : nothing;
}

const closing = Buffer.from('}}');
const nothing = new Uint8Array(0);

/** One line as JSON, without a line break. */
export function encodeLine(line: PassedRecord): string {
  return toJson(plainLine(line));
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

function packLines(lines: readonly PassedRecord[]): void {
  sink.at = writeArrayHead(sink.buffer, sink.at, lines.length);
  for (const { record, time } of lines) {
    const { from, to } = loaded(record);
    const reason = record.void === undefined ? undefined : pack(record.void);
    sink.reserve(to - from + LINE_ROOM + (reason?.length ?? 0));
    const { buffer } = sink;
    let at = writeArrayHead(buffer, sink.at, reason === undefined ? 3 : 4);
    at = writeNumber(buffer, at, record.position);
    sink.at = writeNumber(buffer, at, time);
    if (isMalformed(record)) buffer[sink.at++] = NIL;
    else sink.copy(from, to);
    if (reason !== undefined) sink.put(reason);
  }
}

function writeLines(lines: readonly PassedRecord[]): void {
  sink.buffer[sink.at++] = OPEN;
  lines.forEach((line, i) => {
    const { record, time } = line;
    const { from, to } = loaded(record);
    sink.reserve(GROWTH * (to - from) + LINE_ROOM);
    if (i > 0) sink.buffer[sink.at++] = COMMA;
    const begin = sink.at;
    sink.buffer[sink.at++] = OPEN;
    writeWhole(sink, record.position);
    sink.buffer[sink.at++] = COMMA;
    writeWhole(sink, time);
    sink.buffer[sink.at++] = COMMA;
    if (!isMalformed(record) && writeJson(sink, from, to)) closeLine(record.void);
    else {
      sink.at = begin;
      putText(Buffer.from(toJson(plainLine(line))));
    }
  });
  sink.buffer[sink.at++] = CLOSE;
}

function closeLine(reason: string | undefined): void {
  if (reason !== undefined) putText(Buffer.from(`,${JSON.stringify(reason)}`));
  sink.buffer[sink.at++] = CLOSE;
}

/** Whatever the length; and there is room for a little more then. */
function putText(text: Uint8Array): void {
  sink.reserve(text.length + LINE_ROOM);
  sink.put(text);
}

/** The record's bytes at the front of the sink, and where they are there. */
function loaded(record: RingRecord): { from: number; to: number } {
  const { span } = record;
  if (span !== undefined) {
    sink.load(span.source);
    return span;
  }
  const { bytes } = record;
  sink.load(bytes);
  return { from: 0, to: bytes.length };
}
