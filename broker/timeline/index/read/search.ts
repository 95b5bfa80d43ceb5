// The search: the records whose texts have the words and which the filter and the rights let pass.
import { refsOf } from '../../../../schemas/event.js';
import { limits } from '../../../../schemas/limits.js';
import type { Found, SearchAsked, SearchHit } from '../../../core/timeline-reads.js';
import type { Log } from '../../../log/log.js';
import { sequenceBefore } from '../store/commit-times.js';
import type { IndexView } from '../store/names.js';
import { textsOf } from '../text/event-texts.js';
import { snippetOf } from '../text/snippet.js';
import { matchOf } from '../text/words-match.js';
import { filterFacets } from './filter-facets.js';
import { type ReadRecord, readBack } from './read-back.js';
import { best, conditionOf, newest, type Positions } from './record-search.js';

/** What a search stands on. */
export interface SearchGround {
  store: IndexView & { cursor: { position: number } };
  log: Pick<Log, 'read'>;
  /** Monotonic ms. */
  elapsed(): number;
}

interface Page {
  positions: number[];
  next?: string;
}

/**
 * One page. It takes `limits.search_ms` of looking and one shard more at most, and while nothing is
 * found `limits.search_most_ms`: where that is over before the page is full, `next` tells where to
 * go on.
 */
export async function search(
  ground: SearchGround,
  asked: SearchAsked,
  signal?: AbortSignal,
): Promise<Found> {
  const { store, log } = ground;
  const indexed_to = store.cursor.position;
  const page = pageOf(ground, asked);
  const records = await readBack(log, store, page.positions, signal);
  const byPosition = new Map(records.map(read => [read.record.position, read]));
  const hits: SearchHit[] = [];
  let chars = 0;
  for (const [n, position] of page.positions.entries()) {
    const read = byPosition.get(position);
    const hit = read && hitOf(read, asked);
    if (hit === undefined) continue;
    chars += hit.snippet.length + (hit.record === undefined ? 0 : read!.record.bytes.length);
    if (chars > limits.answer_chars && hits.length > 0) {
      return { hits, indexed_to, next: placeAfter(asked, page, n) };
    }
    hits.push(hit);
  }
  return { hits, indexed_to, ...(page.next !== undefined && { next: page.next }) };
}

/** Where to go on when an answer is full before its page is. */
function placeAfter({ order, after }: SearchAsked, { positions }: Page, n: number): string {
  if (order === 'newest') return String(positions[n - 1]);
  const [to = 0, from = 0, skip = 0] = (after ?? '').split('.').map(Number);
  return `${to}.${from}.${skip + n}`;
}

function pageOf(ground: SearchGround, asked: SearchAsked): Page {
  const { store, elapsed } = ground;
  const condition = conditionOf({ ...matchOf(asked.words), facets: filterFacets(store, asked) });
  const stretch = stretchOf(store, asked);
  if (condition === undefined || stretch.from >= stretch.to) return { positions: [] };
  const began = elapsed();
  // An empty page helps nobody: while nothing is found the looking goes on for longer.
  const isLate = (found: number) =>
    elapsed() - began >= (found > 0 ? limits.search_ms : limits.search_most_ms);
  const { max } = asked;
  if (asked.order === 'best') return bestPage(store, condition, asked, stretch, isLate);
  const walked = newest(store, condition, stretch, max, isLate);
  const isMore = walked.at !== undefined && walked.at > stretch.from;
  const next = isMore ? String(walked.at) : undefined;
  return { positions: walked.positions, ...(next !== undefined && { next }) };
}

/** A page of what is best within a stretch; `after` names the stretch and how many were told. */
function bestPage(
  store: IndexView,
  condition: string,
  { after, max }: SearchAsked,
  stretch: Positions,
  isLate: (found: number) => boolean,
): Page {
  const [to = 0, from = 0, skip = 0] = (after ?? '').split('.').map(Number);
  const within = {
    to: to > 0 ? Math.min(to, stretch.to) : stretch.to,
    from: Math.max(from, stretch.from),
  };
  const found = best(store, condition, within, from > 0 ? () => false : isLate);
  const lowest = Math.max(found.from, within.from);
  const positions = found.ranked.slice(skip, skip + max).map(({ position }) => position);
  if (skip + max < found.ranked.length) {
    return { positions, next: `${within.to}.${lowest}.${skip + max}` };
  }
  return lowest > stretch.from ? { positions, next: `${lowest}.0.0` } : { positions };
}

/** The positions that times and `after` leave. */
function stretchOf(store: IndexView, { from, to, after, order }: SearchAsked): Positions {
  const first = from === undefined ? 0 : sequenceBefore(store, from) + 1;
  const last = to === undefined ? Number.MAX_SAFE_INTEGER : sequenceBefore(store, to) + 1;
  const stretch = {
    from: first * limits.commit_positions,
    to: Math.min(Number.MAX_SAFE_INTEGER, last * limits.commit_positions),
  };
  if (after !== undefined && order === 'newest') stretch.to = Math.min(stretch.to, Number(after));
  return stretch;
}

/** A last look at the record itself: a term may stand for two things. */
function hitOf(
  { record, time }: ReadRecord,
  { filter, circles, records, words }: SearchAsked,
): SearchHit | undefined {
  const { event, position } = record;
  if (event === undefined) return undefined;
  const mayAll = circles.includes('*');
  if (!mayAll && !record.circles.every(circle => circles.includes(circle))) return undefined;
  const refs = refsOf(event);
  if (filter.refs !== undefined && !refs.some(ref => filter.refs?.includes(ref))) return undefined;
  const told = { position, time, ref: refs[0] ?? event.by, type: event.type, by: event.by };
  return {
    ...told,
    circle: event.circle,
    ...snippetOf(textsOf(event), words),
    ...(record.void !== undefined && { void: record.void }),
    ...(records && { record: record.bytes }),
  };
}
