// Query of a view as it was: what is asked of the past, and the rows that a table of then tells.
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { resolveMoment } from '../../../schemas/moment.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import type {
  PastMoment,
  PastRead,
  Queries,
  QueryContext,
  Reading,
} from '../shared/query-context.js';
import { type Beholder, type Row, Selection } from './selection.js';

type Params = Parsed<'view.at'>;
export type PastRows = Result<'view.at'>;

export type PastQuestion = PastRead['past'];

/**
 * Refuses with `invalid` a time over a minute ahead and what `Selection.of` does, and with
 * `cursor_ahead` a position that the log does not reach.
 */
function viewAt(context: QueryContext, params: Params): Reading<'view.at'> {
  const { author, held } = context;
  const { view, where, fields, max, after } = params;
  const beholder: Beholder = { author, held };
  const selection = Selection.of({ view, where, fields }, beholder);
  if (isRefusal(selection)) return selection;
  const moment = momentOf(context, params);
  if (isRefusal(moment)) return moment;
  return { past: { view, where, fields, max, after, moment, beholder } };
}

function momentOf(
  { sequence, now }: QueryContext,
  { position, time }: Params,
): PastMoment | Refusal {
  if (position !== undefined) {
    const reached = (sequence + 1) * limits.commit_positions - 1;
    if (position <= reached) return { position };
    const message = `The log ends at commit ${sequence}, before position ${position}.`;
    return refuse('cursor_ahead', `${message} Ask for one that you have seen.`, {
      position,
      head: reached,
    });
  }
  const ms = resolveMoment(time ?? '', now);
  if (ms === undefined) {
    return refuse('invalid', '`time` is no moment; give ISO 8601 or epoch milliseconds.');
  }
  if (ms <= now + limits.clock_ahead_ms) return { time: ms };
  return refuse('invalid', '`time` has not come yet; give one of the past, or view.watch.', {
    time: now,
  });
}

/** In the order of their keys. */
export function sortedRows(rows: Iterable<[string, Row]>): [string, Row][] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A page of sorted rows, as they were at a position. */
export function pageOf(
  rows: readonly [string, Row][],
  { position, time }: Pick<PastRows, 'position' | 'time'>,
  { max = Number.POSITIVE_INFINITY, after }: Pick<PastQuestion, 'max' | 'after'>,
): PastRows {
  const told: [string, Row][] = [];
  let chars = 0;
  for (let i = after === undefined ? 0 : firstAfter(rows, after); i < rows.length; i++) {
    if (told.length === max || chars > limits.answer_chars) {
      return { position, time, rows: told, next: told.at(-1)?.[0] };
    }
    chars += JSON.stringify(rows[i]).length;
    told.push(rows[i]!);
  }
  return { position, time, rows: told };
}

/** https://en.wikipedia.org/wiki/Binary_search */
function firstAfter(rows: readonly [string, Row][], key: string): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]![0] <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const pastQueries = {
  'view.at': viewAt,
} satisfies Queries;
