// The rows of the peers, with the indexes by name and circle that addressing needs.
import type { Role } from '../../../schemas/common.js';
import { limits } from '../../../schemas/limits.js';
import type { PeerRow } from '../../../schemas/peer.js';
import type { GatewayRows } from './gateways.js';
import { Agenda } from './timer-queue.js';

export interface PeerState {
  peer: string;
  name: string;
  circle: string;
  role: Role;
  secret_hash: string;
  /** The token that made it; its rights are the peer's. */
  token: string;
  runtime?: string | undefined;
  model?: string | undefined;
  project?: string | undefined;
  path?: string | undefined;
  machine?: string | undefined;
  description?: string | undefined;
  description_until?: number | undefined;
  turn?: string | undefined;
  turn_text?: string | undefined;
  turn_at?: number | undefined;
  /** The turn was reported before it was last cut off or joined: no evidence of being busy now. */
  turn_is_old?: boolean | undefined;
  /** The gateway boots it is connected through. */
  boots: string[];
  /** Set once it has left, was killed or was away too long; its name is free again. */
  retired?: 'left' | 'killed' | 'gone' | undefined;
  /** Why it is offline, and since when (log time); absent while it is connected. */
  offline?: { reason: OfflineReason; since: number } | undefined;
  /** Log time of its last event. */
  last_seen: number;
}

export type OfflineReason =
  | 'disconnected'
  | 'gateway_lost'
  | 'never_connected'
  // It spoke by POST, and has not for a while; only readers are told so.
  | 'silent'
  | 'left'
  | 'killed'
  | 'gone';

export class PeerRows {
  /** When each peer that is away is to be retired. */
  readonly away = new Agenda();
  readonly rows = new Map<string, PeerState>();
  private readonly byName = new Map<string, Set<PeerState>>();
  private readonly byCircle = new Map<string, Set<PeerState>>();

  /** Adds a row, or brings a retired one back under its name. */
  enlist(row: PeerState): void {
    this.rows.set(row.peer, row);
    enter(this.byName, row.name, row);
    enter(this.byCircle, row.circle, row);
  }

  /** Takes a row out of the indexes: its name is free, nobody addresses it. */
  retire(row: PeerState): void {
    leave(this.byName, row.name, row);
    leave(this.byCircle, row.circle, row);
  }

  /** Notes when the peer is given up, if it goes on being away. */
  watch(row: PeerState): void {
    const at = goneAt(row);
    if (at === undefined) this.away.delete(row.peer);
    // In steps: one that speaks without a connection would move its time with every word.
    else this.away.set(row.peer, Math.ceil(at / STEP) * STEP);
  }

  /** The peer has said something, connected or not. */
  heard(row: PeerState, time: number): void {
    row.last_seen = Math.max(row.last_seen, time);
    if (row.boots.length === 0) this.watch(row);
  }

  /** The boots it is connected through from now on; without any it is offline, for the reason. */
  connect(row: PeerState, boots: string[], reason: OfflineReason, time: number): void {
    row.boots = boots;
    if (boots.length > 0) row.offline = undefined;
    else if (row.offline === undefined) {
      row.offline = { reason, since: time };
      row.turn_is_old = true;
    }
    this.watch(row);
  }

  /** Everyone who has not left. */
  *live(): Iterable<PeerState> {
    for (const members of this.byCircle.values()) yield* members;
  }

  rename(row: PeerState, name: string): void {
    leave(this.byName, row.name, row);
    row.name = name;
    enter(this.byName, name, row);
  }

  /** The live peers of a name in every circle. */
  named(name: string): Iterable<PeerState> {
    return this.byName.get(name) ?? [];
  }

  holder(name: string, circle: string): PeerState | undefined {
    for (const row of this.named(name)) if (row.circle === circle) return row;
    return undefined;
  }

  /** The live peers of a circle. */
  members(circle: string): Iterable<PeerState> {
    return this.byCircle.get(circle) ?? [];
  }

  /** The name itself when it is free in the circle, else the next free `-2`, `-3`, … */
  freeName(name: string, circle: string, self?: PeerState): string {
    const isFree = (wanted: string) => {
      const holder = this.holder(wanted, circle);
      return holder === undefined || holder === self;
    };
    if (isFree(name)) return name;
    for (let n = 2; ; n++) {
      const suffix = `-${n}`;
      const wanted = name.slice(0, limits.name_chars - suffix.length) + suffix;
      if (isFree(wanted)) return wanted;
    }
  }
}

function enter(index: Map<string, Set<PeerState>>, key: string, row: PeerState): void {
  const set = index.get(key);
  if (set) set.add(row);
  else index.set(key, new Set([row]));
}

function leave(index: Map<string, Set<PeerState>>, key: string, row: PeerState): void {
  const set = index.get(key);
  set?.delete(row);
  if (set?.size === 0) index.delete(key);
}

const STEP = limits.peer_gone_step_ms;

/** When a peer that is away is given up, in ms UTC; undefined while it is connected or retired. */
export function goneAt({ boots, retired, offline, last_seen }: PeerState): number | undefined {
  if (boots.length > 0 || retired !== undefined || offline === undefined) return undefined;
  return Math.max(offline.since, last_seen) + limits.peer_gone_ms;
}

/**
 * Connected or not, as the fold judges it. Busy is said of a peer only on its word since it was
 * last cut off, never on an older one.
 */
export function statusOf(row: PeerState): PeerRow['status'] {
  return row.retired !== undefined || row.boots.length === 0 ? 'offline' : doing(row);
}

/** As readers are told at a time in ms UTC: who speaks by POST is there while it does so. */
export function statusAt(row: PeerState, now: number): PeerRow['status'] {
  const isHeard = speaksUnconnected(row) && now - row.last_seen < limits.post_presence_ms;
  return isHeard ? doing(row) : statusOf(row);
}

function doing({ turn, turn_is_old }: PeerState): PeerRow['status'] {
  return turn === 'working' && !turn_is_old ? 'busy' : 'online';
}

/** Its last word came without a connection: it joined that way, or has spoken since it was cut. */
function speaksUnconnected({ boots, retired, offline, last_seen }: PeerState): boolean {
  if (boots.length > 0 || retired !== undefined || offline === undefined) return false;
  return offline.reason === 'never_connected' || last_seen > offline.since;
}

/** Why readers are told that it is offline, and since when; nothing while it is there. */
export function absenceAt(row: PeerState, now: number): PeerState['offline'] {
  if (row.offline === undefined || statusAt(row, now) !== 'offline') return undefined;
  if (!speaksUnconnected(row) || row.last_seen === row.offline.since) return row.offline;
  return { reason: 'silent', since: row.last_seen };
}

/** Log time of its last event, or of the last commit of a gateway it is connected through. */
export function lastSeen(row: PeerState, { rows }: GatewayRows): number {
  let seen = row.last_seen;
  for (const boot of row.boots) seen = Math.max(seen, rows.get(boot)?.last_seen ?? 0);
  return seen;
}
