// The record format of nats-server: read with its checksum, also where its lengths lie.
import type { Highway } from './highway.js';

/** A commit as the store holds it. */
export interface StoredRecord {
  sequence: number;
  /** When it was stored: nanoseconds UTC, as the eight bytes of the record. */
  time: Uint8Array;
  /** The headers of the NATS message, as they came; empty when it had none. */
  headers: Uint8Array;
  /** The bytes of the commit. */
  data: Uint8Array;
  /** Where the next record begins. */
  end: number;
  /** False when only the checksum vouches for it: the server would misread its lengths. */
  isExact: boolean;
  /** Written where a message was taken out: no commit. */
  isTombstone: boolean;
}

/** How the records of one block are sealed. */
export interface Seal {
  subject: Uint8Array;
  hash: Highway;
}

// length (u32, top bit: has headers), sequence (u64), time (i64), subject length (u16)
const RECORD_HEAD_BYTES = 22;
const SUM_BYTES = 8;
const HAS_HEADERS = 0x8000_0000;
/** The top bits of a sequence mark what was erased and what only remembers an erased one. */
const ERASED = 0xc000_0000;
const HEADERS_BEGIN = Buffer.from('NATS/1.0\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');
const nothing = new Uint8Array(0);

/** The record at `at`, as long as it says of itself; undefined when that cannot be so. */
export function recordAt(bytes: Buffer, at: number, seal: Seal): StoredRecord | undefined {
  if (at + RECORD_HEAD_BYTES + SUM_BYTES > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at) % HAS_HEADERS;
  if (at + length > bytes.length) return undefined;
  return recordBetween(bytes, at, at + length, seal);
}

/** What lies between two places when it is one record, whatever its lengths and subject say. */
export function recordBetween(
  bytes: Buffer,
  at: number,
  end: number,
  { subject, hash }: Seal,
): StoredRecord | undefined {
  const body = at + RECORD_HEAD_BYTES + subject.length;
  const sumAt = end - SUM_BYTES;
  if (bytes.readUInt16LE(at + 20) === 0 && sumAt === at + RECORD_HEAD_BYTES) {
    return tombstone(bytes, at, end, hash);
  }
  if (sumAt < body) return undefined;
  const headersAt = body + 4;
  const hasHeaders = headersAt < sumAt && startsWith(bytes, headersAt, HEADERS_BEGIN);
  const headersEnd = hasHeaders ? bytes.indexOf(HEADERS_END, headersAt) + HEADERS_END.length : body;
  if (headersEnd > sumAt || headersEnd < body) return undefined;
  const sealed = bytes.subarray(hasHeaders ? headersAt : body, sumAt);
  const sum = hash.sum(bytes.subarray(at + 4, at + 20), subject, sealed);
  if (sum !== bytes.toString('hex', sumAt, end)) return undefined;
  const isExact =
    bytes.readUInt32LE(at) === end - at + (hasHeaders ? HAS_HEADERS : 0) &&
    bytes.readUInt16LE(at + 20) === subject.length &&
    startsWith(bytes, at + RECORD_HEAD_BYTES, subject) &&
    (!hasHeaders || bytes.readUInt32LE(body) === headersEnd - headersAt);
  return {
    sequence: sequenceOf(bytes, at),
    time: bytes.subarray(at + 12, at + 20),
    headers: hasHeaders ? bytes.subarray(headersAt, headersEnd) : nothing,
    data: bytes.subarray(headersEnd, sumAt),
    end,
    isExact,
    isTombstone: bytes.readUInt32LE(at + 8) >= ERASED / 2,
  };
}

/** Where after `from` a record may begin: its subject stands behind the fixed part. */
export function* startsAfter(bytes: Buffer, from: number, { subject }: Seal): Iterable<number> {
  let at = bytes.indexOf(subject, from + RECORD_HEAD_BYTES);
  while (at >= 0) {
    yield at - RECORD_HEAD_BYTES;
    at = bytes.indexOf(subject, at + 1);
  }
}

/** The record as nats-server writes it. */
export function recordBytes(
  { subject, hash }: Seal,
  sequence: number,
  { time, headers, data }: Pick<StoredRecord, 'time' | 'headers' | 'data'>,
): Buffer {
  const counted = headers.length > 0 ? 4 : 0;
  const length =
    RECORD_HEAD_BYTES + subject.length + counted + headers.length + data.length + SUM_BYTES;
  const record = Buffer.alloc(length);
  record.writeUInt32LE(length + (counted > 0 ? HAS_HEADERS : 0), 0);
  record.writeBigUInt64LE(BigInt(sequence), 4);
  record.set(time, 12);
  record.writeUInt16LE(subject.length, 20);
  record.set(subject, RECORD_HEAD_BYTES);
  const body = RECORD_HEAD_BYTES + subject.length;
  if (counted > 0) record.writeUInt32LE(headers.length, body);
  record.set(headers, body + counted);
  record.set(data, body + counted + headers.length);
  const sealed = record.subarray(body + counted, length - SUM_BYTES);
  record.write(hash.sum(record.subarray(4, 20), subject, sealed), length - SUM_BYTES, 'hex');
  return record;
}

function tombstone(
  bytes: Buffer,
  at: number,
  end: number,
  hash: Highway,
): StoredRecord | undefined {
  const sum = hash.sum(bytes.subarray(at + 4, at + 20));
  if (sum !== bytes.toString('hex', end - SUM_BYTES, end)) return undefined;
  const time = bytes.subarray(at + 12, at + 20);
  const sequence = sequenceOf(bytes, at);
  return { sequence, time, headers: nothing, data: nothing, end, isExact: true, isTombstone: true };
}

/** Without its two top bits; far below what a double holds. */
function sequenceOf(bytes: Buffer, at: number): number {
  return (bytes.readUInt32LE(at + 8) % 0x4000_0000) * 0x1_0000_0000 + bytes.readUInt32LE(at + 4);
}

function startsWith(bytes: Buffer, at: number, wanted: Uint8Array): boolean {
  return bytes.compare(wanted, 0, wanted.length, at, at + wanted.length) === 0;
}
