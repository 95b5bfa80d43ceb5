// Whether who speaks may speak at all now: its token must be good, and its peer must not have left.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { PeerRows, PeerState } from './peers.js';
import { type Rights, rights } from './rights.js';
import type { TokenRows } from './tokens.js';

/**
 * The rights of an author at a time in ms UTC, or why it has none any more: `unauthorized` by its
 * token, `peer_retired` by its peer.
 */
export function standingOf(
  table: { tokens: TokenRows; peers: PeerRows },
  { token, peer }: { token: string; peer?: string },
  time: number,
): Rights | Refusal {
  const held = rights(table, token, time);
  if (held === undefined) {
    return refuse('unauthorized', 'The token is revoked or expired; ask the operator for another.');
  }
  const row = peer === undefined ? undefined : table.peers.rows.get(peer);
  return (row && retiredObjection(row)) ?? held;
}

/**
 * `peer_retired` for a peer that has left, was killed or was away too long; undefined while it
 * takes part.
 */
export function retiredObjection({ retired }: PeerState): Refusal | undefined {
  if (retired === undefined) return undefined;
  const advice =
    retired === 'killed'
      ? 'was retired; join as a new one.'
      : 'has left; call peer.join to come back.';
  return refuse('peer_retired', `This peer ${advice}`);
}
