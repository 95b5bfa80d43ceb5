// What a search finds, page by page, and records as they come with it.
import type { LogRecord } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import type { CallParams } from '../../sdk/api.js';
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import { localZone, readPast } from '../../terminal/when.js';
import { brokerTime } from '../reach/calls.js';
import type { Reach } from '../reach/reach.js';

export type Hit = Result<'log.search'>['hits'][number];
export type ToldLine = Result<'log.thread'>['nodes'][number]['records'][number];

export interface Hits {
  hits: Hit[];
  /** Up to this position the log was searched. */
  indexed_to: number;
  /** Where to go on, when there may be more. */
  next?: string | undefined;
}

/** At most `count` hits; a page that is short of them is followed by the next. */
export async function searchAll(
  reach: Reach,
  asked: CallParams<'log.search'>,
  count: number,
): Promise<Hits> {
  const hits: Hit[] = [];
  let { after } = asked;
  for (;;) {
    const max = Math.min(count - hits.length, limits.search_hits_items);
    const page = await reach.read('log.search', { ...asked, max, ...(after && { after }) });
    hits.push(...page.hits);
    after = page.next;
    if (after === undefined || hits.length >= count) {
      return { hits, indexed_to: page.indexed_to, next: after };
    }
  }
}

/** A line of an answer as a record, where it is one of an event that this program can read. */
export function recordOf([position, time, event, reason]: ToldLine): LogRecord | undefined {
  if (event === null) return undefined;
  const record = { position, time, event } as unknown as LogRecord;
  return reason === undefined ? record : { ...record, void: reason };
}

/** A time that has passed, as people write it. Throws a Failure for any other text. */
export async function pastMoment(reach: Reach, text: string): Promise<number> {
  // Told the broker's time, a while ago is a while ago there.
  await reach.read('mesh.info', {});
  const time = readPast(text, brokerTime.now(), localZone());
  if (time !== undefined) return time;
  throw new Failure('usage', `${oneLine(text, 64)} is no time that has passed`, {
    hint: 'write it as 2h, 18:00, "yesterday 18:00", tuesday or 2026-12-24T18:00',
  });
}
