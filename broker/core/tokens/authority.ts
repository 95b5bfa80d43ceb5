// Authorization of an event: its token's rights, and the peer that its author speaks for.
import { type EventType, eventRow } from '../../../schemas/event.js';
import { refuse } from '../../../schemas/refusal.js';
import { covers, rights } from '../rows/rights.js';
import { retiredObjection } from '../rows/standing.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection } from '../shared/view.js';

/** True for an event that a broker proposes; it carries no token and no client's command id. */
export function isBrokerType(type: EventType): boolean {
  return eventRow(type).by === 'broker';
}

/**
 * `malformed` when a broker's event carries a token, or another carries none; `unauthorized`,
 * `forbidden`, `circle_forbidden` by the token's rights; `peer_unknown`, `peer_retired` or
 * `forbidden` by the peer it speaks for.
 */
export function authorityObjection(table: Table, { event, time }: Fact): Objection {
  const need = eventRow(event.type).by;
  if (event.token === undefined || need === 'broker') {
    return need === 'broker' && event.token === undefined ? undefined : 'malformed';
  }
  const held = rights(table, event.token, time);
  if (held === undefined) {
    return refuse('unauthorized', 'The token is revoked or expired; ask the operator for another.');
  }
  if (!held.verbs.includes(need)) {
    return refuse('forbidden', `The token lacks the verb "${need}"; ask for one that has it.`);
  }
  if (!covers(held, event.circle)) {
    return refuse('circle_forbidden', `The token does not cover circle "${event.circle}".`);
  }
  return event.by.startsWith('peer_') ? peerObjection(table, event.by, event.token) : undefined;
}

function peerObjection(table: Table, peer: string, token: string): Objection {
  const row = table.peers.rows.get(peer);
  if (row === undefined)
    return refuse('peer_unknown', 'You have not joined; call peer.join first.');
  const gone = retiredObjection(row);
  if (gone !== undefined) return gone;
  return row.token === token ? undefined : refuse('forbidden', 'The peer joined by another token.');
}
