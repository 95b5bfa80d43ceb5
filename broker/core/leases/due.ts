// Leases that are over: their time has come, or their holder has not come back.
import type { Timed } from '../shared/timed.js';

export const timedLeases: Timed = {
  next: ({ leases }) => leases.ends.next(),
  due: ({ leases }, now, max) =>
    leases.ends.due(now, max).flatMap(lease => {
      const row = leases.rows.get(lease);
      if (row === undefined) return [];
      const { circle, by: peer, until } = row;
      const reason = until <= now ? 'expired' : 'away';
      return [{ type: 'lease.lapsed', circle, lease, peer, reason }];
    }),
};
