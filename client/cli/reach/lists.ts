// Lists in all their pages: asks, jobs, schedules.
import type { Thread } from '../../../schemas/ask.js';
import type { JobRow } from '../../../schemas/job.js';
import { limits } from '../../../schemas/limits.js';
import type { ScheduleRow } from '../../../schemas/schedule.js';
import type { CallParams } from '../../sdk/api.js';
import type { Reach } from './reach.js';

/** Every page of a list. */
export async function allRows<Row>(
  page: (at: {
    max: number;
    after?: string;
  }) => Promise<{ rows: Row[]; next?: string | undefined }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const answer = await page({ max: limits.list_items, ...(after && { after }) });
    rows.push(...answer.rows);
    after = answer.next;
  } while (after !== undefined);
  return rows;
}

/** The threads of this shell's peer. */
export function allAsks(reach: Reach, filter: CallParams<'ask.list'>): Promise<Thread[]> {
  return allRows(at => reach.look('ask.list', { ...filter, ...at }));
}

/** Jobs of every circle this shell may see. */
export function allJobs(reach: Reach, filter: CallParams<'job.list'> = {}): Promise<JobRow[]> {
  return allRows(at => reach.read('job.list', { circle: '*', ...filter, ...at }));
}

/** Schedules of this shell's peer, or with `mine: false` every one it may see. */
export function allSchedules(
  reach: Reach,
  filter: CallParams<'schedule.list'>,
): Promise<ScheduleRow[]> {
  return allRows(at => reach.look('schedule.list', { ...filter, ...at }));
}
