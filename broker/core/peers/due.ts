// Peers that have been away too long.
import type { Timed } from '../shared/timed.js';

export const timedPeers: Timed = {
  next: ({ peers }) => peers.away.next(),
  due: ({ peers }, now, max) =>
    peers.away.due(now, max).flatMap(peer => {
      const row = peers.rows.get(peer);
      return row === undefined ? [] : [{ type: 'peer.retired', circle: row.circle, peer }];
    }),
};
