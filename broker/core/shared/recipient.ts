// What stands against sending to a peer: it is unknown, gone, its inbox full, the chain too long.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { Table } from '../rows/table.js';
import { hopsObjection } from './chain-bounds.js';

/**
 * `peer_unknown`, `peer_retired`, `hop_limit` or `inbox_full`, in that order. `weight` is the
 * characters of what comes beside the text.
 */
export function recipientObjection(
  table: Table,
  to: string,
  text: string,
  hops: number | undefined,
  weight = 0,
): Refusal | undefined {
  const row = table.peers.rows.get(to);
  if (row === undefined) return refuse('peer_unknown', `There is no ${to}; see peer.list.`);
  if (row.retired !== undefined) {
    return refuse('peer_retired', `${row.name} has left; see peer.list for who is here.`);
  }
  const chain = hopsObjection(hops);
  if (chain !== undefined) return chain;
  if (table.inbox.isFull(to, text.length + weight)) {
    return refuse('inbox_full', `The inbox of ${row.name} is full; try again once it has read.`, {
      retry_after_s: 60,
    });
  }
  return undefined;
}
