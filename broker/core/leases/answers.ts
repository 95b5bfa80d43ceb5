// What a peer is told that took a lease, or came too late for it.
import { named } from '../../../schemas/uuid.js';
import { endOf } from '../rows/leases.js';
import type { Answers } from '../shared/answers.js';
import { holdersIn, rivalsOf } from './holders.js';

export const leaseAnswers = {
  'lease.take': ({ table, now }, { id }, { reason, event }) => {
    if (reason === 'lease_held' && event?.type === 'lease.taken') {
      return { holders: holdersIn(table, rivalsOf(table, event, now())) };
    }
    const row = table.leases.rows.get(named('lease', id));
    if (reason !== undefined) return {};
    const lease = named('lease', id);
    // A repeat may come when the lease has ended.
    return row === undefined ? { lease } : { lease, paths: row.paths, until: endOf(row) };
  },
} satisfies Answers;
