// What people plan to say later, and what brokers make of it when the time has come.
import type { EventOf } from '../../schemas/event.js';
import { named } from '../../schemas/uuid.js';
import { anyWord, broker, type Draft, type Person, says, T0, uuid } from './events.js';

export const schedNo = (n: number) => named('sched', uuid(n));

/** When the plans of the tests fall due, unless told otherwise. */
export const DUE = T0 + 600_000;
export const MINUTE = 60_000;

type Plan = Partial<EventOf<'schedule.created'>>;

/** A person plans to tell another something once, at DUE. */
export function plans(n: number, who: Person, to: Person, more: Plan = {}): Draft {
  const how = { kind: 'notify', catch_up: 'last', overlap: 'skip' } as const;
  const at = more.next_at ?? DUE;
  const when = more.cron === undefined ? { fire_at: at, next_at: at } : { next_at: at };
  return says(who, 'schedule.created', {
    id: uuid(n),
    schedule: schedNo(n),
    to: to.peer,
    circle: to.circle,
    text: 'wake up',
    ...how,
    ...when,
    ...more,
  });
}

/** A person plans to tell another something every minute, from DUE on. */
export const plansMinutely = (n: number, who: Person, to: Person, more: Plan = {}) =>
  plans(n, who, to, { cron: '* * * * *', zone: 'UTC', ...more });

export const pauses = (who: Person, n: number) =>
  says(who, 'schedule.paused', { schedule: schedNo(n) });

export const resumes = (
  who: Person,
  n: number,
  next_at: number,
  more: Partial<EventOf<'schedule.resumed'>> = {},
) => says(who, 'schedule.resumed', { schedule: schedNo(n), next_at, ...more });

export const callsOff = (
  who: Person,
  n: number,
  more: Partial<EventOf<'schedule.cancelled'>> = {},
) => says(who, 'schedule.cancelled', { schedule: schedNo(n), ...more });

/** The n-th schedule fires; what it says bears the number `id`. */
export function fires(
  n: number,
  id: number,
  nominal_at = DUE,
  more: Partial<EventOf<'schedule.fired'>> = {},
): Draft {
  const about = { schedule: schedNo(n), circle: 'default', revision: 0, nominal_at };
  return broker('schedule.fired', { id: uuid(id), ...about, ...more });
}

export function skips(
  n: number,
  reason: string,
  nominal_at = DUE,
  more: Partial<EventOf<'schedule.skipped'>> = {},
): Draft {
  const about = { schedule: schedNo(n), circle: 'default', revision: 0, nominal_at };
  const skipped = { to_at: nominal_at, count: 1, reason: anyWord(reason) };
  return broker('schedule.skipped', { ...about, ...skipped, ...more });
}
