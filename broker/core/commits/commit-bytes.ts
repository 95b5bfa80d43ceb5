// Serialization of one commit: a small header, then the bytes of its events, untouched.
import { pack, unpack } from '../../../schemas/codec.js';
import type { SignalEvent } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { readHead } from './commit-head.js';

/** What the header says of one event, so that filters need not decode it. */
export interface EventMark {
  type: string;
  circles: readonly string[];
  bytes: Uint8Array;
  /** The same bytes within a whole commit, once it was read from one. */
  span?: ByteSpan;
}

/** Bytes within others, for those who would not have them cut out. */
export interface ByteSpan {
  source: Uint8Array;
  from: number;
  to: number;
}

export interface Commit {
  /** The boot of the broker that wrote it. */
  boot: string;
  /** Counts the boot's commits from 1: a commit seen twice folds once. */
  number: number;
  /** The writer's wall clock, in ms UTC. */
  clock: number;
  /** Log time as the writer reckoned it by its monotonic clock, in ms UTC; absent below level 3. */
  time?: number | undefined;
  events: readonly EventMark[];
}

/** A commit of this broker as it was made, so that its return needs no decoding. */
export interface OwnCommit {
  commit: Commit;
  events: readonly SignalEvent[];
}

const MAGIC = 0x5342;
const FORMAT = 1;
const FIXED_BYTES = 7;

/**
 * `SB`, format (1 byte), header length (u32, big-endian), header (msgpack), event bytes.
 * https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function encodeCommit({ boot, number, clock, time, events }: Commit): Uint8Array {
  const marks = events.map(({ type, circles, bytes }) => [bytes.length, type, circles]);
  const said = [boot, number, clock, marks];
  const header = pack(time === undefined ? said : [...said, time]);
  const fixed = Buffer.allocUnsafe(FIXED_BYTES);
  fixed.writeUInt16BE(MAGIC, 0);
  fixed.writeUInt8(FORMAT, 2);
  fixed.writeUInt32BE(header.length, 3);
  return Buffer.concat([fixed, header, ...events.map(event => event.bytes)]);
}

/**
 * The name under which the log keeps a commit once, if its append is tried again within
 * `limits.dedup_window_ms`. https://en.wikipedia.org/wiki/Idempotence
 */
export function commitId(boot: string, number: number): string {
  return `${boot}.${number}`;
}

/** Undefined when the bytes are no commit of a format we know: they fold to nothing. */
export function decodeCommit(bytes: Uint8Array): Commit | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FIXED_BYTES || view.getUint16(0) !== MAGIC || bytes[2] !== FORMAT) {
    return undefined;
  }
  const start = FIXED_BYTES + view.getUint32(3);
  if (start > bytes.length) return undefined;
  const head = readHead(bytes, FIXED_BYTES, start, Span);
  if (head !== undefined) return head.end === bytes.length ? head.commit : undefined;
  try {
    return readHeader(unpack(bytes.subarray(FIXED_BYTES, start)), bytes, start);
  } catch {
    return undefined;
  }
}

function readHeader(header: unknown, bytes: Uint8Array, start: number): Commit | undefined {
  if (!Array.isArray(header)) return undefined;
  const [boot, number, clock, marks, time] = header;
  if (typeof boot !== 'string' || !isWhole(number) || !isWhole(clock)) return undefined;
  if (!Array.isArray(marks) || marks.length > limits.commit_events) return undefined;
  const events: EventMark[] = [];
  let at = start;
  for (const mark of marks) {
    if (!Array.isArray(mark)) return undefined;
    const [length, type, circles] = mark;
    if (!isWhole(length) || typeof type !== 'string' || !isStrings(circles)) return undefined;
    events.push(new Span(type, circles, bytes, at, at + length));
    at += length;
  }
  // A length beyond the end, or bytes that belong to no event: not a commit of ours.
  if (at !== bytes.length) return undefined;
  return { boot, number, clock, time: isWhole(time) ? time : undefined, events };
}

/** Cuts its bytes out only when asked: most commits are folded from memory and seen by nobody. */
class Span implements EventMark, ByteSpan {
  readonly type: string;
  readonly circles: readonly string[];
  readonly source: Uint8Array;
  readonly from: number;
  readonly to: number;

  constructor(
    type: string,
    circles: readonly string[],
    source: Uint8Array,
    from: number,
    to: number,
  ) {
    this.type = type;
    this.circles = circles;
    this.source = source;
    this.from = from;
    this.to = to;
  }

  get bytes(): Uint8Array {
    return this.source.subarray(this.from, this.to);
  }

  get span(): ByteSpan {
    return this;
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}
