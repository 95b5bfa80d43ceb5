// Places of the log as people write them: one grammar for every verb that takes a position or time.
import { readPast } from './when.js';

/** A place as the protocol takes it: `start`, `now`, a cursor, a position, or a time in ms UTC. */
export type LogPlace = string | { position: number } | { time: number };

/** What a place is, in the words of every help. */
export const PLACE_HELP = [
  'A place in the log is start, now, a time that has passed (2h, tuesday, "yesterday 18:00", or',
  '2026-03-09T07:00 by the clock here; behind it Z, +01:00 or a zone), a position, or a cursor.',
].join('\n');

/** The same for who is told that a text is none. */
export const PLACE_HINT =
  'write start, now, 2h for two hours ago, tuesday, 18:00, "yesterday 18:00", 2026-12-24T18:00, ' +
  'a position or a cursor';

const POSITION = /^(?:@(\d{1,40})|(\d{1,12}|\d{17,40}))$/;
const CURSOR = /^\S{1,400}\.\S{1,100}$/;
const NUMERIC = /^(?:\d{4}-\d\d|[-+.\d]+$)/;
const WORDS = ['start', 'now'];
/** A clock may be so far ahead of the broker's. */
const AHEAD_MS = 60_000;

/**
 * The place that `text` names, or undefined. A bare number of up to 12 digits is a position, one of
 * 13 to 16 epoch ms, since logs are younger than 2001; behind an `@` every number is a position.
 * `now` is ms UTC; times on a clock are of `zone`; a duration is ago. What looks like a cursor is
 * one: only its broker can tell.
 */
export function readPlace(text: string, now: number, zone: string): LogPlace | undefined {
  const said = text.trim();
  if (WORDS.includes(said.toLowerCase())) return said.toLowerCase();
  const [, marked, bare] = POSITION.exec(said) ?? [];
  const digits = marked ?? bare;
  if (digits !== undefined) {
    const position = Number(digits);
    return Number.isSafeInteger(position) ? { position } : undefined;
  }
  const time = readPast(said, now, zone) ?? readPast(said, now + AHEAD_MS, zone);
  if (time !== undefined) return { time: Math.min(Math.floor(time), now) };
  return CURSOR.test(said) && !NUMERIC.test(said) ? said : undefined;
}
