// What people say of the files that they work on, as events.
import type { EventOf } from '../../schemas/event.js';
import type { LeaseMode } from '../../schemas/events/lease.js';
import { named } from '../../schemas/uuid.js';
import { anyWord, broker, type Draft, type Person, says, uuid } from './events.js';

export const leaseNo = (n: number) => named('lease', uuid(n));

/** The repository that the tests' leases are of. */
export const APP = 'github.com/acme/app';

type Take = Partial<EventOf<'lease.taken'>>;

/** A person takes paths for itself, the n-th lease, for ten minutes. */
export function takesFiles(n: number, who: Person, paths: string[], more: Take = {}): Draft {
  const how = { project: APP, mode: 'exclusive' as LeaseMode, ttl_s: 600 };
  return says(who, 'lease.taken', { id: uuid(n), paths, ...how, ...more });
}

/** The same for reading beside others. */
export const sharesFiles = (n: number, who: Person, paths: string[], more: Take = {}) =>
  takesFiles(n, who, paths, { mode: 'shared', ...more });

/** A person gives up its n-th lease. */
export const releasesLease = (who: Person, n: number) =>
  says(who, 'lease.released', { lease: leaseNo(n) });

/** A person gives up what it holds at paths, and below them. */
export const releasesFiles = (who: Person, paths: string[]) =>
  says(who, 'lease.released', { project: APP, paths });

/** A broker says that the n-th lease is over. */
export const lapses = (n: number, holder: Person, reason = 'expired') =>
  broker('lease.lapsed', {
    lease: leaseNo(n),
    peer: holder.peer,
    circle: holder.circle,
    reason: anyWord(reason),
  });
