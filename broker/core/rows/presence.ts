// Presence: whether a peer is online, busy or offline, by its row and when it last spoke.
import { limits } from '../../../schemas/limits.js';
import type { PeerRow } from '../../../schemas/peer.js';

/** What of a peer's row tells whether it is there. */
interface Presence {
  boots: readonly string[];
  retired?: string | undefined;
  offline?: { reason: string; since: number } | undefined;
  turn?: string | undefined;
  turn_is_old?: boolean | undefined;
}

/** When a peer that is away is given up, in ms UTC; undefined while connected or retired. */
export function goneAt({ boots, retired, offline }: Presence, seen: number): number | undefined {
  if (boots.length > 0 || retired !== undefined || offline === undefined) return undefined;
  return Math.max(offline.since, seen) + limits.peer_gone_ms;
}

/**
 * Connected or not, as the fold judges it. Busy is said of a peer only on its word since it was
 * last cut off, never on an older one.
 */
export function statusOf(row: Presence): PeerRow['status'] {
  return row.retired !== undefined || row.boots.length === 0 ? 'offline' : doing(row);
}

/** What a peer that is there does: a turn of before says nothing of now. */
export function doing({ turn, turn_is_old }: Presence): PeerRow['status'] {
  return turn === 'working' && !turn_is_old ? 'busy' : 'online';
}

/** Its last word came without a connection: it joined that way, or has spoken since it was cut. */
export function speaksUnconnected({ boots, retired, offline }: Presence, seen: number): boolean {
  if (boots.length > 0 || retired !== undefined || offline === undefined) return false;
  return offline.reason === 'never_connected' || seen > offline.since;
}
