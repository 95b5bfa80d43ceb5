// Checking a cursor: the place in the log that a cursor, a time, a position or a word names.
import { limits } from '../../../schemas/limits.js';
import type { Parsed } from '../../../schemas/method.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { checkOf, origin, type Place, type Point, parseCursor } from '../../core/cursor.js';
import type { Door } from '../../runtime/door.js';
import type { Ring } from './ring.js';

/** What is known of the log without reading it. */
type Known = Pick<Ring, 'last' | 'digestAt'>;

/** What a caller may name a place by. */
export type PlaceName = Parsed<'log.read'>['from'];

/** Which end of a stretch a place is: what happened at a time or position belongs to it. */
export type End = 'lower' | 'upper';

/**
 * The place that `from` names. Refuses with `cursor_foreign`, `cursor_diverged`, `cursor_ahead`,
 * `invalid`, or `unavailable` while the log cannot be read.
 */
export async function startingPoint(
  door: Door,
  ring: Known,
  from: PlaceName,
  end: End = 'lower',
): Promise<Place | Refusal> {
  if (from === 'now') return ring.last();
  if (from === 'start') return origin;
  try {
    if (typeof from === 'string') return await fromCursor(door, ring, from);
    if ('time' in from) return await fromTime(door, ring, from.time, end);
    return await fromPosition(door, ring, from.position, end);
  } catch {
    return refuse('unavailable', 'The log cannot be read just now; try again in a moment.');
  }
}

async function fromTime(
  door: Door,
  ring: Known,
  time: number | string,
  end: End,
): Promise<Place | Refusal> {
  const moment = resolveMoment(time, door.now());
  if (moment === undefined) {
    return refuse('invalid', '`time` is no moment; give ISO 8601 or epoch milliseconds.');
  }
  return pointAt(door, ring, await door.sequenceAt(end === 'lower' ? moment : moment + 1));
}

async function fromPosition(
  door: Door,
  ring: Known,
  position: number,
  end: End,
): Promise<Place | Refusal> {
  const sequence = Math.floor(position / limits.commit_positions);
  if (sequence === origin.sequence) return origin;
  const ahead = await aheadObjection(door, ring, sequence, `Position ${position}`);
  if (ahead) return ahead;
  const events = (position % limits.commit_positions) + (end === 'lower' ? 0 : 1);
  return { ...(await pointAt(door, ring, sequence)), events };
}

async function fromCursor(door: Door, ring: Known, text: string): Promise<Place | Refusal> {
  const cursor = parseCursor(text);
  if (cursor === undefined) {
    return refuse(
      'invalid',
      'This is no cursor; give "start", "now", {time}, {position} or a cursor as told.',
    );
  }
  const { sequence, events } = cursor;
  if (cursor.log !== door.info().log) {
    return refuse('cursor_foreign', 'The cursor is of another log; begin again from "start".');
  }
  const ahead = await aheadObjection(door, ring, sequence, 'The cursor');
  if (ahead) return ahead;
  const point = await pointAt(door, ring, sequence);
  if (checkOf(point.digest) !== cursor.check) return hasDiverged(sequence);
  return events === undefined || sequence === origin.sequence ? point : { ...point, events };
}

/** A broker that is behind looks again at the head before it says so. */
async function aheadObjection(
  door: Door,
  ring: Known,
  sequence: number,
  what: string,
): Promise<Refusal | undefined> {
  if (sequence > ring.last().sequence) await door.caughtUp();
  const head = ring.last().sequence;
  if (sequence <= head) return undefined;
  return refuse(
    'cursor_ahead',
    `${what} stands at commit ${sequence}, the log ends at ${head}: its tail may be lost. ` +
      'Tell the operator, then begin again from "start".',
    { sequence, head },
  );
}

function hasDiverged(sequence: number): Refusal {
  return refuse(
    'cursor_diverged',
    `Up to commit ${sequence} this log is not the one the cursor was told on. ` +
      'Tell the operator, then begin again from "start".',
    { sequence },
  );
}

/** The end of a commit. Throws when the log cannot be read. */
export async function pointAt(door: Door, ring: Known, sequence: number): Promise<Point> {
  const known = ring.digestAt(sequence);
  if (known !== undefined) return { sequence, digest: known };
  for await (const { digest } of door.replay(sequence)) return { sequence, digest };
  throw new Error(`commit ${sequence} cannot be read back`);
}
