// Checking a cursor: where an observer begins, by its cursor, a time, or a word.
import type { Parsed } from '../../../schemas/method.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { type Cursor, checkOf, origin, type Point, parseCursor } from '../../core/cursor.js';
import type { Door } from '../../runtime/door.js';
import type { Ring } from './ring.js';

/**
 * The end of a commit to read on from. Refuses with `cursor_foreign`, `cursor_diverged`,
 * `cursor_ahead`, `invalid`, or `unavailable` while the log cannot be read.
 */
export async function startingPoint(
  door: Door,
  ring: Ring,
  from: Parsed<'log.observe'>['from'],
): Promise<Point | Refusal> {
  if (from === 'now') return ring.last();
  if (from === 'start') return origin;
  try {
    return typeof from === 'string'
      ? await fromCursor(door, ring, from)
      : await fromTime(door, ring, from.time);
  } catch {
    return refuse('unavailable', 'The log cannot be read just now; try again in a moment.');
  }
}

async function fromTime(door: Door, ring: Ring, time: number | string): Promise<Point | Refusal> {
  const moment = resolveMoment(time, door.now());
  if (moment === undefined) {
    return refuse('invalid', 'from.time is no moment; give ISO 8601 or epoch milliseconds.');
  }
  return pointAt(door, ring, await door.sequenceAt(moment));
}

async function fromCursor(door: Door, ring: Ring, text: string): Promise<Point | Refusal> {
  const cursor = parseCursor(text);
  if (cursor === undefined) {
    return refuse('invalid', 'from is no cursor; give "start", "now", {time} or a cursor as told.');
  }
  if (cursor.log !== door.info().log) {
    return refuse('cursor_foreign', 'The cursor is of another log; begin again from "start".');
  }
  if (cursor.sequence > ring.last().sequence) await door.caughtUp();
  if (cursor.sequence > ring.last().sequence) return isAhead(cursor, ring);
  const point = await pointAt(door, ring, cursor.sequence);
  return checkOf(point.digest) === cursor.check ? point : hasDiverged(cursor);
}

function isAhead({ sequence }: Cursor, ring: Ring): Refusal {
  const head = ring.last().sequence;
  return refuse(
    'cursor_ahead',
    `The cursor stands at commit ${sequence}, the log ends at ${head}: its tail may be lost. ` +
      'Tell the operator, then begin again from "start".',
    { sequence, head },
  );
}

function hasDiverged({ sequence }: Cursor): Refusal {
  return refuse(
    'cursor_diverged',
    `Up to commit ${sequence} this log is not the one the cursor was told on. ` +
      'Tell the operator, then begin again from "start".',
    { sequence },
  );
}

/** Throws when the log cannot be read. */
async function pointAt(door: Door, ring: Ring, sequence: number): Promise<Point> {
  const known = ring.digestAt(sequence);
  if (known !== undefined) return { sequence, digest: known };
  for await (const commit of door.replay(sequence)) return commit;
  throw new Error(`commit ${sequence} cannot be read back`);
}
