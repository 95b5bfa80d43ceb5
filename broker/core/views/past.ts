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
import { type Beholder, type Row, Selection, viewRows } from './selection.js';
import type { Sight } from './views.js';

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

/** The rows of a table of then, which stands at `position`: a page in the order of their keys. */
export function pastRows(
  sight: Sight,
  position: number,
  question: PastQuestion,
): PastRows | Refusal {
  const { view, where, fields, beholder, max = Number.POSITIVE_INFINITY, after } = question;
  const all = viewRows(sight, { view, where, fields }, beholder);
  if (isRefusal(all)) return all;
  const rows = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  const { time } = sight.table;
  const told: [string, Row][] = [];
  let chars = 0;
  for (const row of rows) {
    const [key] = row;
    if (after !== undefined && key <= after) continue;
    if (told.length === max || chars > limits.answer_chars) {
      return { position, time, rows: told, next: told.at(-1)?.[0] };
    }
    chars += JSON.stringify(row).length;
    told.push(row);
  }
  return { position, time, rows: told };
}

export const pastQueries = {
  'view.at': viewAt,
} satisfies Queries;
