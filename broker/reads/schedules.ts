// Reading schedules: from the table, or from the log where they have left it.
import { compact } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';
import type { Parsed, Result } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import type { ScheduleRow } from '../../schemas/schedule.js';
import { ruleOf, type ScheduleEntry } from '../core/rows/schedules.js';
import { firesBetween } from '../core/schedules/recurrence.js';
import { mayRead, paged, type QueryContext } from './context.js';
import { withNames } from './names.js';

type Got = Result<'schedule.get'>;

export function getSchedule(
  context: QueryContext,
  { schedule }: Parsed<'schedule.get'>,
): Got | Refusal | Promise<Got | Refusal> {
  const { table, archive, sequence } = context;
  const shown = (entry: ScheduleEntry | undefined): Got | Refusal => {
    if (entry !== undefined && maySee(context, entry.row)) return detailed(context, entry);
    return refuse('schedule_unknown', `There is no ${schedule} you may see; see schedule.list.`);
  };
  const entry = table.schedules.get(schedule);
  if (entry !== undefined || table.schedules.dropped === 0) return shown(entry);
  return archive.find({ find: 'row', view: 'schedules', key: schedule, told: shown }, sequence);
}

function detailed(context: QueryContext, { row, history }: ScheduleEntry): Got {
  return {
    ...compact(withNames(context, row)),
    upcoming: upcomingOf(row),
    history: history.map(past => compact(past)),
  };
}

export async function listSchedules(
  context: QueryContext,
  { mine, state, max, after }: Parsed<'schedule.list'>,
): Promise<Result<'schedule.list'>> {
  const { table, author, archive, sequence } = context;
  const me = author.peer;
  const fits = (row: ScheduleRow) =>
    (after === undefined || row.schedule < after) &&
    (state === undefined || row.state === state) &&
    (mine && me !== undefined ? row.by === me || row.to === me : maySee(context, row));
  const rows: ScheduleRow[] = [];
  for (const { row } of table.schedules.live.values()) if (fits(row)) rows.push(row);
  for (const { row } of table.schedules.ended.values()) if (fits(row)) rows.push(row);
  const mayBeCold = state !== 'active' && state !== 'paused' && table.schedules.dropped > 0;
  if (rows.length <= max && mayBeCold) {
    const known = new Set(rows.map(row => row.schedule));
    const told = (old: ScheduleEntry[]) => {
      for (const { row } of old) if (!known.has(row.schedule)) rows.push(row);
    };
    const isCold = ({ row }: ScheduleEntry) => fits(row);
    const read = { find: 'page', view: 'schedules', fits: isCold, max: max + 1, told } as const;
    await archive.find(read, sequence);
  }
  const show = (row: ScheduleRow) => compact(withNames(context, row));
  return paged(rows.sort(newestFirst), max, row => row.schedule, show);
}

const newestFirst = (a: ScheduleRow, b: ScheduleRow) => (a.schedule < b.schedule ? 1 : -1);

function maySee(context: QueryContext, { by: from, to, circle }: ScheduleRow): boolean {
  return mayRead(context, { from, to, circle });
}

/** The next times, the one it waits for first; none while it is paused. */
function upcomingOf(row: ScheduleRow): number[] {
  const { next_at, until = Number.POSITIVE_INFINITY } = row;
  const rule = ruleOf(row);
  if (next_at === undefined) return [];
  const later = limits.schedule_upcoming_items - 1;
  return [next_at, ...(rule === undefined ? [] : firesBetween(rule, next_at, until, later))];
}
