// The lists of this shell in all their pages: asks, jobs, schedules.
import type { Thread } from '../../../schemas/ask.js';
import type { JobRow } from '../../../schemas/job.js';
import type { ScheduleRow } from '../../../schemas/schedule.js';
import type { CallParams } from '../../sdk/api.js';
import { allRows } from '../../sdk/pages.js';
import type { Reach } from './reach.js';

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
