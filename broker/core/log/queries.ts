// Queries of the log's index: what was said, and what came of it.
import { unpack } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { readPrUrl } from '../../../schemas/pr-url.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { withNames } from '../shared/names.js';
import type { Queries, QueryContext, Reading } from '../shared/query-context.js';
import type { Found, NoIndex, SearchHit, ThreadRecord } from '../timeline-reads.js';
import { readQuery } from './words-query.js';

type Line = Result<'log.thread'>['nodes'][number]['records'][number];

function search(context: QueryContext, params: Parsed<'log.search'>): Reading<'log.search'> {
  const { query, filter = {}, project, order, max, after, records } = params;
  const words = readQuery(query);
  if (words === undefined) {
    return refuse('invalid', `query has over ${limits.search_words_items} words; give fewer.`);
  }
  const from = momentOf(context, 'from', params.from);
  const to = momentOf(context, 'to', params.to);
  if (isRefusalOf(from)) return from;
  if (isRefusalOf(to)) return to;
  if (after !== undefined && after.includes('.') !== (order === 'best')) {
    return refuse('invalid', 'after is of another order; give the `next` of the page before.');
  }
  // Signs alone, with no word among them, are to be found nowhere.
  const isVain = query.trim() !== '' && words.all.length === 0 && words.none.length === 0;
  return {
    find: 'search',
    words,
    filter,
    circles: context.held.circles,
    project,
    from,
    to,
    order,
    max,
    after,
    records,
    told: found => {
      if ('isElsewhere' in found) return noIndex(found);
      return isVain ? { hits: [], indexed_to: found.indexed_to } : foundTold(context, found);
    },
  };
}

function momentOf(
  { now }: QueryContext,
  name: string,
  value: number | string | undefined,
): number | Refusal | undefined {
  if (value === undefined) return undefined;
  const moment = resolveMoment(value, now);
  return moment ?? refuse('invalid', `${name} is no moment; give ISO 8601 or epoch milliseconds.`);
}

function isRefusalOf(value: number | Refusal | undefined): value is Refusal {
  return typeof value === 'object' && isRefusal(value);
}

/** What will not be there in a moment either is not worth another try. */
function noIndex({ why }: NoIndex): Refusal {
  if (why !== undefined) return refuse('unavailable', why, { retry: false });
  return refuse('unavailable', NOT_NOW);
}

const NOT_NOW =
  'The index of the log is not there just now; try again in a moment, or read it by log.read.';

function foundTold(context: QueryContext, { hits, indexed_to, next }: Found) {
  const told = hits.map(hit => hitTold(context, hit));
  return { hits: told, indexed_to, ...(next !== undefined && { next }) };
}

function hitTold(context: QueryContext, { record, ...hit }: SearchHit) {
  const { by, position, time, void: reason } = hit;
  const { by_name } = withNames(context, { by }) as { by_name?: string };
  return {
    ...hit,
    ...(by_name !== undefined && { by_name }),
    ...(record !== undefined && {
      record: lineOf({ position, time, bytes: record, void: reason }),
    }),
  };
}

/** As the event was written, in whatever version. */
function lineOf({ position, time, bytes, void: reason }: ThreadRecord): Line {
  const event = unpack(bytes) as Record<string, unknown>;
  return reason === undefined ? [position, time, event] : [position, time, event, reason];
}

function thread(context: QueryContext, { ref }: Parsed<'log.thread'>): Reading<'log.thread'> {
  const known = ref.includes('://') ? (readPrUrl(ref)?.url ?? ref) : ref;
  return {
    find: 'thread',
    ref: known,
    circles: context.held.circles,
    told: found => {
      if ('isElsewhere' in found) return noIndex(found);
      if (found.nodes.length === 0) return unknownThing(ref);
      const nodes = found.nodes.map(({ records, ...node }) => ({
        ...node,
        records: records.map(lineOf),
      }));
      return { ...found, nodes };
    },
  };
}

/** The same for what is not there and for what is not to be seen. */
function unknownThing(ref: string): Refusal {
  const told = `There is no ${ref} you may see`;
  if (ref.startsWith('ask_')) return refuse('ask_unknown', `${told}; see ask.list.`);
  if (ref.startsWith('msg_')) return refuse('message_unknown', `${told}; look with log.search.`);
  if (ref.startsWith('job_')) return refuse('job_unknown', `${told}; see job.list.`);
  if (ref.startsWith('sched_')) return refuse('schedule_unknown', `${told}; see schedule.list.`);
  if (ref.startsWith('watch_')) return refuse('watch_unknown', `${told}; see watch.list.`);
  if (ref.includes('://')) return refuse('review_unknown', `${told}; see review.queue.`);
  return refuse(
    'invalid',
    'ref must be the id of an ask, message, job, schedule or watch, or a PR URL.',
  );
}

export const logQueries = {
  'log.search': search,
  'log.thread': thread,
} satisfies Queries;
