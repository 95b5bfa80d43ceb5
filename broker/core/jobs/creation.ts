// What stands against a new job: who is to do, own or make it, and what it asks for.
import type { EventOf } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import type { Table } from '../rows/table.js';
import { hopsObjection } from '../shared/chain-bounds.js';
import { recipientObjection } from '../shared/recipient.js';
import type { Fact, Objection } from '../shared/view.js';

type Created = EventOf<'job.created'>;

/**
 * `invalid` for an id that is taken or terms out of bounds, `hop_limit`, what `recipientObjection`
 * says of the assignee and the owner, or `inbox_full` for too many live jobs of the maker.
 */
export function createObjection(table: Table, { event }: Fact<'job.created'>): Objection {
  const { job, to, hops, by, owner = by } = event;
  if (table.jobs.get(job) !== undefined) {
    return refuse('invalid', `There is a ${job} already; make a new uuid v7.`);
  }
  return (
    termsObjection(event) ??
    hopsObjection(hops) ??
    (to === undefined ? undefined : recipientObjection(table, to, event.title, undefined)) ??
    // At its end its owner is told of it.
    recipientObjection(table, owner, '', undefined) ??
    crowdObjection(table, by)
  );
}

/** What the door lets nobody say; a log may hold anything. */
function termsObjection({ attempts_max, lease_s, due_at, deadline_at, ...event }: Created) {
  if (!isCount(attempts_max, limits.job_attempts_max_items)) {
    return refuse('invalid', `attempts_max must be from 1 to ${limits.job_attempts_max_items}.`);
  }
  if (!isCount(lease_s, limits.job_lease_max_s)) {
    return refuse('invalid', `lease_s must be from 1 to ${limits.job_lease_max_s}.`);
  }
  if (event.cron !== undefined && due_at === undefined) {
    return refuse('invalid', 'A recurring job needs the time of its first run.');
  }
  if (deadline_at !== undefined && due_at !== undefined && deadline_at <= due_at) {
    return refuse('invalid', 'deadline_at must be after due_at; give a later one.');
  }
  return undefined;
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}

function crowdObjection(table: Table, by: string): Objection {
  if (table.jobs.openCount(by) < limits.jobs_open_rows) return undefined;
  return refuse('inbox_full', 'You have too many live jobs; cancel some, or wait for their end.', {
    retry_after_s: 60,
  });
}
