// Cold jobs: what a command is refused about one that only the log still knows.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { ColdRead } from '../archive.js';
import { type Job, takesPart } from '../rows/jobs.js';
import { covers } from '../rows/rights.js';
import type { Context } from '../shared/command-context.js';
import type { Objection } from '../shared/view.js';
import { claimGuard, fence, manageGuard, unknownJob } from './rules.js';

/** How to refuse better than `job_unknown`; undefined when no job has left the table. */
export function recallJob(
  context: Context,
  { method, params }: { method: string; params: object },
  refusal: Refusal,
): ColdRead<Refusal> | undefined {
  const { job, attempt } = params as { job?: string; attempt?: number };
  const { jobs } = context.table;
  if (job === undefined || jobs.get(job) !== undefined || jobs.dropped.jobs === 0) return undefined;
  const told = (row: Job | undefined) =>
    row === undefined ? refusal : coldObjection(context, row, method, attempt);
  return { find: 'row', view: 'jobs', key: job, told };
}

/** Guards first, as for a job in the table; then its end. */
function coldObjection(
  context: Context,
  row: Job,
  method: string,
  attempt: number | undefined,
): Refusal {
  if (!takesPart(row, context.author.peer) && !covers(context.held, row.circle)) {
    return unknownJob(row.job);
  }
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
  return method === 'job.claim' ? claimGuard(table, row, by) : manageGuard(table, row, by);
}
