// What people and brokers say of jobs, as events: web hands one over, api claims and finishes it.
import type { EventOf, EventType } from '../../schemas/event.js';
import { named } from '../../schemas/uuid.js';
import { broker, type Draft, type Person, says, uuid } from './events.js';

type Data<T extends EventType> = Partial<EventOf<T>>;

export const jobNo = (n: number) => named('job', uuid(n));
/** The run that the due event number n begins. */
export const runNo = jobNo;

/** Makes job number n, for whoever claims it unless `to` is given. */
export function makesJob(n: number, who: Person, more: Data<'job.created'> = {}): Draft {
  return says(who, 'job.created', {
    id: uuid(n),
    job: jobNo(n),
    title: `job ${n}`,
    kind: 'general',
    attempts_max: 3,
    lease_s: 300,
    ...more,
  });
}

/** Makes job number n for one peer to do. */
export function assigns(n: number, who: Person, to: Person, more: Data<'job.created'> = {}): Draft {
  return makesJob(n, who, { to: to.peer, circle: to.circle, ...more });
}

export const claims = (who: Person, n: number | string, more: Data<'job.claimed'> = {}) =>
  says(who, 'job.claimed', { job: idOf(n), ...more });

export const updates = (
  who: Person,
  n: number | string,
  attempt = 1,
  more: Data<'job.updated'> = {},
) => says(who, 'job.updated', { job: idOf(n), attempt, ...more });

export const finishes = (
  who: Person,
  n: number | string,
  attempt = 1,
  more: Data<'job.finished'> = {},
) =>
  says(who, 'job.finished', {
    job: idOf(n),
    attempt,
    outcome: 'completed',
    summary: 'done',
    ...more,
  });

export const cancels = (who: Person, n: number | string, more: Data<'job.cancelled'> = {}) =>
  says(who, 'job.cancelled', { job: idOf(n), reason: 'no longer wanted', ...more });

export const retries = (who: Person, n: number | string, more: Data<'job.retried'> = {}) =>
  says(who, 'job.retried', { job: idOf(n), ...more });

/** A job of the circle "default" is due; a run it begins is number `id`. */
export const fallsDue = (
  n: number,
  due_at: number,
  { id, ...more }: Omit<Data<'job.due'>, 'id'> & { id?: number } = {},
) =>
  broker('job.due', {
    job: jobNo(n),
    due_at,
    circle: 'default',
    ...(id !== undefined && { id: uuid(id) }),
    ...more,
  });

export const lapses = (n: number | string, attempt = 1, more: Data<'job.lapsed'> = {}) =>
  broker('job.lapsed', { job: idOf(n), attempt, circle: 'default', ...more });

export const expires = (n: number | string, more: Data<'job.expired'> = {}) =>
  broker('job.expired', { job: idOf(n), circle: 'default', ...more });

function idOf(n: number | string): string {
  return typeof n === 'number' ? jobNo(n) : n;
}
