// What a search finds, page by page, and records as they come with it.
import type { LogRecord } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Result } from '../../../schemas/method.js';
import type { CallParams } from '../../sdk/api.js';
import { brokerTime } from '../reach/calls.js';
import { eventAt, placeAt } from '../reach/place.js';
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

/** Between which moments (ms UTC) and positions, all inclusive, something is looked for. */
export interface Bounds {
  from?: number;
  to?: number;
  lowest?: number;
  highest?: number;
}

/** At most `count` hits within the bounds; a short page is followed by the next. */
export async function searchAll(
  reach: Reach,
  asked: Omit<CallParams<'log.search'>, 'from' | 'to'>,
  count: number,
  { from, to, lowest = 0, highest = Number.POSITIVE_INFINITY }: Bounds = {},
): Promise<Hits> {
  const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to: to + 1 }) };
  const hits: Hit[] = [];
  let { after } = asked;
  for (;;) {
    const max = Math.min(count - hits.length, limits.search_hits_items);
    const more = { max, ...(after && { after }) };
    const page = await reach.read('log.search', { ...asked, ...bounds, ...more });
    // Of one moment there may be several events.
    hits.push(...page.hits.filter(hit => hit.position >= lowest && hit.position <= highest));
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

/** What lies between two places as they were typed. Throws a Failure where one is none. */
export async function stretchOf(
  reach: Reach,
  { from, to }: { from?: string | undefined; to?: string | undefined },
): Promise<Bounds> {
  const stretch: Bounds = {};
  if (from !== undefined) {
    const { time, position } = await edgeAt(reach, from, false);
    stretch.from = time;
    if (position !== undefined) stretch.lowest = position;
  }
  if (to !== undefined) {
    const { time, position } = await edgeAt(reach, to, true);
    stretch.to = time;
    if (position !== undefined) stretch.highest = position;
  }
  return stretch;
}

/** The index goes by time: a place that is none is that of the event there. */
async function edgeAt(
  reach: Reach,
  text: string,
  isEnd: boolean,
): Promise<{ time: number; position?: number }> {
  const found = await placeAt(reach, text);
  if (typeof found === 'object' && 'time' in found) return { time: found.time };
  if (found === 'start') return { time: 0 };
  if (found === 'now') return { time: Math.floor(brokerTime.now()) };
  return (await eventAt(reach, found, isEnd)) ?? { time: isEnd ? 0 : Math.floor(brokerTime.now()) };
}
