// Parsing of a commit's header as we write it, which makes no value for what was said before.
import { eventTypes } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { lengthAt } from '../../../schemas/msgpack-heads.js';

/** The kind of an event and the circles it touches; one object for all events alike. */
interface Kind {
  type: string;
  circles: readonly string[];
  /** As the header says it. */
  bytes: Uint8Array;
}

/** An event as what the header says of it, and where in the commit its bytes lie. */
type Marker<Mark> = new (
  type: string,
  circles: readonly string[],
  commit: Uint8Array,
  from: number,
  to: number,
) => Mark;

export interface CommitHead<Mark> {
  commit: {
    boot: string;
    number: number;
    clock: number;
    time: number | undefined;
    events: Mark[];
  };
  /** Where the last event ends. */
  end: number;
}

/** One string for each type that we know: looking up by it compares no characters. */
const types = new Map<string, string>(eventTypes.map(type => [type, type]));
/** The kinds read lately, each at the place that a hash of its bytes names. */
const PLACES = 1_024;
const lately = new Array<Kind | undefined>(PLACES).fill(undefined);
const double = new DataView(new ArrayBuffer(8));

/** The walk under way; nothing waits while it walks. */
let bytes: Uint8Array;
let at = 0;

/**
 * The commit whose header lies at `from..to`, if that header is just what `encodeCommit` writes.
 * Undefined for anything else, which is for a decoder to judge.
 */
export function readHead<Mark>(
  commit: Uint8Array,
  from: number,
  to: number,
  marker: Marker<Mark>,
): CommitHead<Mark> | undefined {
  bytes = commit;
  at = from;
  const fields = bytes[at++];
  if (fields !== 0x94 && fields !== 0x95) return undefined;
  const boot = text();
  const number = whole();
  const clock = whole();
  const count = arrayHead();
  if (boot === undefined || number < 0 || clock < 0) return undefined;
  if (count < 0 || count > limits.commit_events) return undefined;
  const events = new Array<Mark>(count);
  const end = readMarks(events, to, marker);
  const time = fields === 0x95 ? whole() : undefined;
  if (end < 0 || at !== to || (time !== undefined && time < 0)) return undefined;
  return { commit: { boot, number, clock, time, events }, end };
}

/** Reads `[length, type, circles]` for each event; they lie one after the other from `start`. */
function readMarks<Mark>(events: Mark[], start: number, Marker: Marker<Mark>): number {
  let kind: Kind | undefined;
  let kindFrom = 0;
  let kindTo = 0;
  let place = start;
  for (let i = 0; i < events.length; i++) {
    if (bytes[at++] !== 0x93) return -1;
    const length = whole();
    if (length < 0) return -1;
    const begin = at;
    // Most events of a commit are of the kind of the one before.
    if (kind !== undefined && isSame(kindFrom, kindTo, begin)) at += kindTo - kindFrom;
    else {
      kind = readKind();
      if (kind === undefined) return -1;
      kindFrom = begin;
      kindTo = at;
    }
    events[i] = new Marker(kind.type, kind.circles, bytes, place, place + length);
    place += length;
  }
  return place;
}

/** True when the bytes at `other` are those of the stretch. */
function isSame(from: number, to: number, other: number): boolean {
  for (let i = from, j = other; i < to; i++, j++) if (bytes[i] !== bytes[j]) return false;
  return true;
}

function readKind(): Kind | undefined {
  const length = plainLength();
  if (length < 0) return makeKind();
  let hash = length;
  for (let i = at; i < at + length; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
  const kind = lately[place];
  if (kind !== undefined && isNext(kind.bytes, length)) {
    at += length;
    return kind;
  }
  const made = makeKind();
  lately[place] = made;
  return made;
}

/** How many bytes a kind takes that has short names and one circle at most; -1 for any other. */
function plainLength(): number {
  const type = shortLength(at);
  const circles = (bytes[at + 1 + type] ?? 0) - 0x90;
  if (type < 0 || circles < 0 || circles > 1) return -1;
  const circle = circles === 1 ? shortLength(at + 2 + type) : -1;
  if (circles === 1 && circle < 0) return -1;
  const length = 3 + type + circle;
  return at + length <= bytes.length ? length : -1;
}

/** The length of the text whose head this is; -1 when it is no short one. */
function shortLength(place: number): number {
  const length = (bytes[place] ?? 0) - 0xa0;
  return length < 0x20 ? length : -1;
}

function isNext(kind: Uint8Array, length: number): boolean {
  if (kind.length !== length) return false;
  for (let i = 0, j = at; i < length; i++, j++) if (kind[i] !== bytes[j]) return false;
  return true;
}

function makeKind(): Kind | undefined {
  const from = at;
  const type = text();
  const count = type === undefined ? -1 : arrayHead();
  if (type === undefined || count < 0) return undefined;
  const circles: string[] = [];
  for (let i = 0; i < count; i++) {
    const circle = text();
    if (circle === undefined) return undefined;
    circles.push(circle);
  }
  return {
    type: types.get(type) ?? type,
    circles,
    bytes: Uint8Array.from(bytes.subarray(from, at)),
  };
}

/** -1 when it is none. */
function arrayHead(): number {
  const first = bytes[at++] ?? 0;
  if (first >= 0x90 && first < 0xa0) return first & 0x0f;
  return first === 0xdc ? sized(2) : -1;
}

/** A whole number that is not negative; -1 when it is none. */
function whole(): number {
  const first = bytes[at++] ?? 0xff;
  if (first < 0x80) return first;
  if (first >= 0xcc && first <= 0xce) return sized(1 << (first - 0xcc));
  if (first !== 0xcb || at + 8 > bytes.length) return -1;
  for (let i = 0; i < 8; i++) double.setUint8(i, bytes[at++] as number);
  const value = double.getFloat64(0);
  return Number.isSafeInteger(value) && value >= 0 ? value : -1;
}

function sized(size: number): number {
  const value = lengthAt(bytes, at, size);
  at += size;
  return value;
}

/** Short and of plain characters, as names of ours are; undefined when it is none. */
function text(): string | undefined {
  const first = bytes[at++] ?? 0;
  const length = first >= 0xa0 && first < 0xc0 ? first & 0x1f : first === 0xd9 ? sized(1) : -1;
  if (length < 0 || at + length > bytes.length) return undefined;
  const from = at;
  at += length;
  for (let i = from; i < at; i++) if ((bytes[i] as number) >= 0x80) return undefined;
  return latin1(from, at);
}

function latin1(from: number, to: number): string {
  const { buffer, byteOffset } = bytes;
  return Buffer.from(buffer, byteOffset + from, to - from).toString('latin1');
}
