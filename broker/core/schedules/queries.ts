// Queries of the schedules: one with what became of its times, and a list of them.
import { compact } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { refuse } from '../../../schemas/refusal.js';
import type { ScheduleRow } from '../../../schemas/schedule.js';
import type { ColdRows } from '../archive.js';
import { ruleOf } from '../rows/schedules.js';
import { pageOf, rowOf } from '../shared/hot-cold.js';
import { withNames } from '../shared/names.js';
import {
  mayRead,
  type Queries,
  type QueryAnswer,
  type QueryContext,
  type Reading,
  type Viewer,
} from '../shared/query-context.js';
import { allOf, partIn, readable } from '../shared/row-tests.js';
import { firesBetween } from './recurrence.js';

type Entry = ColdRows['schedules'];

function getSchedule(
  context: QueryContext,
  { schedule }: Parsed<'schedule.get'>,
): Reading<'schedule.get'> {
  return rowOf(context.table, 'schedules', schedule, (entry): QueryAnswer<'schedule.get'> => {
    if (entry !== undefined && maySee(context, entry)) return detailed(context, entry);
    return refuse('schedule_unknown', `There is no ${schedule} you may see; see schedule.list.`);
  });
}

function detailed(context: QueryContext, { row, history }: Entry): Result<'schedule.get'> {
  return {
    ...compact(withNames(context, row)),
    upcoming: upcomingOf(row),
    history: history.map(past => compact(past)),
  };
}

function listSchedules(
  context: QueryContext,
  { mine, state, max, after }: Parsed<'schedule.list'>,
): Reading<'schedule.list'> {
  const { table, author } = context;
  const me = author.peer;
  const fits = allOf(
    after !== undefined && { after },
    state !== undefined && { column: 'state', is: [state] },
    mine && me !== undefined ? partIn(me, ['from', 'to']) : readable(context),
  );
  return pageOf(table, 'schedules', {
    fits,
    max,
    mayBeCold: hot => hot.length <= max && state !== 'active' && state !== 'paused',
    show: ({ row }) => compact(withNames(context, row)),
  });
}

function maySee(viewer: Viewer, { row: { by: from, to, circle } }: Pick<Entry, 'row'>): boolean {
  return mayRead(viewer, { from, to, circle });
}

/** A schedule as a list tells it; undefined when the viewer may not see it. */
export function scheduleRow(viewer: Viewer, entry: Pick<Entry, 'row'>): ScheduleRow | undefined {
  return maySee(viewer, entry) ? compact(withNames(viewer, entry.row)) : undefined;
}

/** The next times, the one it waits for first; none while it is paused. */
function upcomingOf(row: ScheduleRow): number[] {
  const { next_at, until = Number.POSITIVE_INFINITY } = row;
  const rule = ruleOf(row);
  if (next_at === undefined) return [];
  const later = limits.schedule_upcoming_items - 1;
  return [next_at, ...(rule === undefined ? [] : firesBetween(rule, next_at, until, later))];
}

export const scheduleQueries = {
  'schedule.get': getSchedule,
  'schedule.list': listSchedules,
} satisfies Queries;
