// Whether the one who proposed an event may: its token's rights, and the peer it speaks for.
import type { Verb } from '../../schemas/common.js';
import type { EventType } from '../../schemas/event.js';
import { refuse } from '../../schemas/refusal.js';
import { covers, rights } from './rows/rights.js';
import { retiredObjection } from './rows/standing.js';
import type { Table } from './rows/table.js';
import type { Fact, Objection } from './shared/view.js';

/** The verb a command's event needs; `broker` marks the events that only brokers propose. */
const needs: { [T in EventType]: Verb | 'broker' } = {
  'log.opened': 'broker',
  'log.leveled': 'broker',
  'gateway.started': 'broker',
  'gateway.lost': 'broker',
  'ask.expired': 'broker',
  'job.due': 'broker',
  'job.lapsed': 'broker',
  'job.expired': 'broker',
  'schedule.fired': 'broker',
  'schedule.skipped': 'broker',
  'review.observed': 'broker',
  'review.moved': 'broker',
  'peer.retired': 'broker',
  'peer.connected': 'broker',
  'peer.disconnected': 'broker',
  'token.created': 'operate',
  'token.revoked': 'operate',
  'peer.killed': 'operate',
  'usage.budgeted': 'operate',
  'peer.joined': 'speak',
  'peer.left': 'speak',
  'peer.renamed': 'speak',
  'peer.described': 'speak',
  'peer.turned': 'speak',
  'ask.opened': 'speak',
  'ask.closed': 'speak',
  'ask.fanned_out': 'speak',
  'job.created': 'speak',
  'job.claimed': 'speak',
  'job.updated': 'speak',
  'job.finished': 'speak',
  'job.cancelled': 'speak',
  'job.retried': 'speak',
  'schedule.created': 'speak',
  'schedule.paused': 'speak',
  'schedule.resumed': 'speak',
  'schedule.cancelled': 'speak',
  'review.touched': 'speak',
  'review.requested': 'speak',
  'review.marked': 'speak',
  'review.forgotten': 'speak',
  'message.notified': 'speak',
  'message.broadcast': 'speak',
  'message.retracted': 'speak',
  'inbox.taken': 'speak',
  'inbox.acknowledged': 'speak',
};

/** True for an event that a broker proposes; it carries no token and no client's command id. */
export function isBrokerType(type: EventType): boolean {
  return needs[type] === 'broker';
}

export function authorityObjection(table: Table, { event, time }: Fact): Objection {
  const need = needs[event.type];
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
