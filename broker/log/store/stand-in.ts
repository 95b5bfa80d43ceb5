// Placeholders in a salvaged log: an empty commit for a lost one, or one that opens the log.
import { randomBytes } from 'node:crypto';
import { pack } from '../../../schemas/codec.js';
import { makeUuid, named } from '../../../schemas/uuid.js';
import { encodeCommit } from '../../core/commits/commit-bytes.js';

interface Opening {
  mesh: string;
  log: string;
  level: number;
}

const BOOT = 'boot_of_what_was_lost';
const NANOS_PER_MILLI = 1_000_000n;

/** The bytes of a commit in the place of a lost one; `time` is when the next one was stored. */
export function standIn(sequence: number, opening: Opening, time: Uint8Array): Uint8Array {
  // A clock of long ago: log time does not move by what stands in.
  if (sequence > 1) return encodeCommit({ boot: BOOT, number: sequence, clock: 0, events: [] });
  const nanos = Buffer.from(time).readBigInt64LE();
  const clock = Math.max(0, Number(nanos / NANOS_PER_MILLI));
  const id = makeUuid(clock, randomBytes(10));
  const event = { v: 1, id, by: BOOT, ...opening, circle: '*', type: 'log.opened' };
  const mark = { type: event.type, circles: ['*'], bytes: pack(event) };
  return encodeCommit({ boot: BOOT, number: 1, clock, events: [mark] });
}

/** The id of the log that begins after a loss; `now` in ms UTC. */
export function newLogId(now: number): string {
  return named('log', makeUuid(now, randomBytes(10)));
}
