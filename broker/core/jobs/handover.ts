// Jobs that are taken over: their maker, owner or assignee is another peer from then on.
import type { Change } from '../change.js';
import type { Job } from '../rows/jobs.js';
import type { Table } from '../rows/table.js';
import type { Fact } from '../shared/view.js';

/**
 * The live jobs that the former peer made, owns or is to do. What it works on stays its attempt,
 * fenced like any other, until its lease ends: then it waits for the successor.
 */
export function handJobs(
  { jobs }: Table,
  { event: { of, to }, position, time }: Fact<'orchestrator.handed_over'>,
  changes: Change[],
): void {
  for (const job of jobs.dutiesOf(of)) {
    const row: Job = { ...job, handed_from: of, changed_at: time, position };
    if (job.from === of) row.from = to;
    if (job.owner === of) row.owner = to;
    if (job.to === of) row.to = to;
    jobs.put(row);
    changes.push({ view: 'jobs', key: row.job, row });
  }
}
