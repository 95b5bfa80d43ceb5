// The cursor: a place between two events that names its log and proves its hash chain.
import { limits } from '../../schemas/limits.js';

/** The end of a commit and the rolling digest there. */
export interface Point {
  sequence: number;
  digest: Uint8Array;
}

/** A place between two events: where a reader stands. */
export interface Place extends Point {
  /** How many events of that commit stand before it; all of them when absent. */
  events?: number | undefined;
}

export interface Cursor {
  log: string;
  sequence: number;
  /** The first hex digits of the rolling digest at the end of that commit. */
  check: string;
  /** As in `Place`. */
  events?: number;
}

/** The lowest position that is not before a place. */
export function gapOf({ sequence, events = limits.commit_positions }: Place): number {
  return sequence * limits.commit_positions + events;
}

/** The place before a position; `digest` is that of its commit. */
export function placeBefore(position: number, digest: Uint8Array): Place {
  const events = position % limits.commit_positions;
  return { sequence: (position - events) / limits.commit_positions, digest, events };
}

/** Before the first commit. */
export const origin: Point = { sequence: 0, digest: new Uint8Array(32) };

const checkBytes = 6;
const shape = /^([\w-]{1,128})\.(0|[1-9]\d{0,12})\.([0-9a-f]{12})(?:\.(0|[1-9]\d{0,3}))?$/;

/**
 * The first 6 bytes of a digest, as hex: what a cursor carries of the hash chain.
 * https://en.wikipedia.org/wiki/Hash_chain
 */
export function checkOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, checkBytes).toString('hex');
}

/**
 * The cursor at the end of commit `sequence`, or after its first `events` events; opaque to
 * clients. The digest is that of the whole commit in both cases.
 */
export function formatCursor(
  log: string,
  sequence: number,
  digest: Uint8Array,
  events?: number,
): string {
  const end = `${log}.${sequence}.${checkOf(digest)}`;
  return events === undefined ? end : `${end}.${events}`;
}

/** Undefined when the text is no cursor that `formatCursor` made. */
export function parseCursor(text: string): Cursor | undefined {
  const [, log, sequence, check, events] = shape.exec(text) ?? [];
  if (log === undefined || check === undefined) return undefined;
  const end = { log, sequence: Number(sequence), check };
  return events === undefined ? end : { ...end, events: Number(events) };
}
