// The condition peer.offline: a peer has been away for so long; each absence is one cause.
import { limits } from '../../../../schemas/limits.js';
import { speaksUnconnected } from '../../rows/presence.js';
import { type Condition, msOf, nameOf, span } from './condition.js';

/**
 * Away as readers are told: not connected, and if it speaks without a connection, silent for
 * `limits.post_presence_ms`. Whoever retires while away goes on with the same absence.
 */
export const peerOffline: Condition = {
  topics: ({ peer = '' }) => [['peer', peer]],
  subjects: (_, { peer }) => (peer === undefined ? [] : [peer]),
  causeOf: ({ table, watch, subject, before }) => {
    const peer = table.peers.rows.get(subject);
    if (peer?.offline === undefined) return undefined;
    const wait = msOf(watch.for_s);
    if (peer.retired !== undefined) {
      const { since } = peer.offline;
      return before ?? { subject, since, due_at: since + wait };
    }
    const seen = table.peers.lastSeen(peer, table.gateways);
    const isHeard = speaksUnconnected(peer, seen);
    const since = isHeard ? seen : peer.offline.since;
    if (before?.since === since) return before;
    const due_at = since + (isHeard ? Math.max(wait, limits.post_presence_ms) : wait);
    return { subject, since, due_at };
  },
  isOver: (table, { peer = '' }) => table.peers.rows.get(peer)?.retired === 'killed',
  tell: (table, _, { subject, since }, time) => {
    const left = table.peers.rows.get(subject)?.retired;
    const how = left === undefined ? 'has been offline' : `is gone (${left}), offline`;
    return `${nameOf(table, subject)} ${how} for ${span(time - since)}`;
  },
};
