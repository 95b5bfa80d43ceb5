// Refusals about jobs that ended so long ago that only the log still knows them.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { type Job, takesPart } from '../rows/jobs.js';
import { covers } from '../rows/rights.js';
import type { Context } from '../shared/command-context.js';
import type { Objection } from '../shared/view.js';
import { claimGuard, fence, manageGuard, unknownJob } from './rules.js';

/** What stands against a command about a job that left the table: guards first, then its end. */
export function coldObjection(
  context: Context,
  row: Job,
  { method, attempt }: { method: string; attempt?: number | undefined },
): Refusal {
  if (!takesPart(row, context.author.peer) && !covers(context.held, row.circle))
    return unknownJob(row.job);
  const guard = guardOf(context, row, method, attempt);
  if (guard !== undefined && typeof guard !== 'string') return guard;
  const { job, state } = row;
  return refuse('job_state', `${job} is ${state} since long ago; create a new job.`, { state });
}

function guardOf(
  { table, author }: Context,
  row: Job,
  method: string,
  attempt: number | undefined,
): Objection {
  const by = author.peer ?? '';
  if (attempt !== undefined) return fence(row, by, attempt);
  return method === 'job.claim' ? claimGuard(row, by) : manageGuard(table, row, by);
}
