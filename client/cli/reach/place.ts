// The options that name a place in the log: checked when parsed, meant by the clock of the broker.
import { InvalidArgumentError } from 'commander';
import { LogReader } from '../../sdk/reading.js';
import { Failure } from '../../terminal/exit.js';
import { type LogPlace, PLACE_HINT, readPlace } from '../../terminal/places.js';
import { oneLine } from '../../terminal/safe.js';
import { localZone } from '../../terminal/when.js';
import { brokerTime } from './calls.js';
import type { Reach } from './reach.js';

/** The parser of such an option; it stays as it was typed until the broker's time is known. */
export function place(text: string): string {
  if (readPlace(text, Date.now(), localZone()) !== undefined) return text;
  throw new InvalidArgumentError(
    `It is no time that has passed, and no other place; ${PLACE_HINT}.`,
  );
}

/** The place, by the clock of the broker once it has told its time. Throws a Failure for none. */
export function placeOf(text: string): LogPlace {
  const found = readPlace(text, brokerTime.now(), localZone());
  if (found !== undefined) return found;
  throw new Failure(
    'usage',
    `${oneLine(text, 64)} is no time that has passed, and no other place of the log`,
    { hint: PLACE_HINT },
  );
}

/** As `placeOf`, of a broker that was not asked before. */
export async function placeAt(reach: Reach, text: string): Promise<LogPlace> {
  // Told the broker's time, a while ago is a while ago there.
  await reach.read('mesh.info', {});
  return placeOf(text);
}

/** The first event at or after a place; in reverse the last at or before it. */
export async function eventAt(
  reach: Reach,
  from: LogPlace,
  reverse: boolean,
): Promise<{ position: number; time: number } | undefined> {
  const reader = new LogReader(params => reach.read('log.read', params), { from, reverse, max: 1 });
  for await (const record of reader.records()) return record;
  return undefined;
}
