// The rows of the peers, with the indexes by name and circle that addressing needs.
import type { Role } from '../../../schemas/common.js';
import type { TurnState } from '../../../schemas/events/peer.js';
import { limits } from '../../../schemas/limits.js';
import type { Capabilities, PeerRow } from '../../../schemas/peer.js';
import { capabilitiesOf } from './capabilities.js';
import type { GatewayRows } from './gateways.js';
import { enter, type Grouped, leave } from './grouped.js';
import { doing, goneAt, speaksUnconnected, statusOf } from './presence.js';
import { TimerQueue } from './timer-queue.js';

/** Never changed in place: each change makes a new row, so a row that was handed out stands. */
export interface PeerState {
  peer: string;
  name: string;
  circle: string;
  role: Role;
  /** The token that made it; its rights are the peer's. */
  token: string;
  runtime?: string | undefined;
  model?: string | undefined;
  project?: string | undefined;
  path?: string | undefined;
  machine?: string | undefined;
  description?: string | undefined;
  description_until?: number | undefined;
  turn?: TurnState | undefined;
  turn_text?: string | undefined;
  turn_at?: number | undefined;
  /** The turn was reported before it was last cut off or joined: no evidence of being busy now. */
  turn_is_old?: boolean | undefined;
  /** What its session can do with mail; absent where nobody said. */
  can?: Capabilities | undefined;
  /** The gateway boots it is connected through. */
  boots: string[];
  /** Set once it has left, was killed or was away too long; its name is free again. */
  retired?: 'left' | 'killed' | 'gone' | undefined;
  /** Who took over from it last, and at which log time; gone once it takes over itself. */
  handed?: { to: string; at: number } | undefined;
  /** Why it is offline, and since when (log time); absent while it is connected. */
  offline?: { reason: OfflineReason; since: number } | undefined;
}

/** A row with what it does not say, as a snapshot has it. */
export interface KeptPeer extends PeerState {
  secret_hash: string;
  /** Log time at which it was last heard of. */
  last_seen: number;
  /** Log time of the last event of its own; none below level 3. */
  acted_at?: number | undefined;
}

/** What every word of a peer changes, and what nobody is told, stand beside its row. */
interface PeerEntry {
  row: PeerState;
  last_seen: number;
  acted_at: number | undefined;
  readonly secret_hash: string;
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

/**
 * Peers by id, and the live ones by name and circle. Rows are copied on write: take a `draft`,
 * change it, put it back. https://en.wikipedia.org/wiki/Copy-on-write
 */
export class PeerRows {
  /** When each peer that is away is to be retired. */
  readonly away = new TimerQueue();
  /** All there ever were, in the order they joined. */
  readonly rows = new Map<string, PeerState>();
  readonly #entries = new Map<string, PeerEntry>();
  /** Of those who have not left, by id. */
  readonly #byName: Grouped<PeerState> = new Map();
  readonly #byCircle: Grouped<PeerState> = new Map();

  /** Puts a new row, or one from a snapshot. */
  add({ secret_hash, last_seen, acted_at, ...row }: KeptPeer): void {
    if (row.can !== undefined) row.can = capabilitiesOf(row.can);
    this.#entries.set(row.peer, { row, last_seen, acted_at, secret_hash });
    this.put(row);
    this.#watch(row, last_seen);
  }

  /** Puts a row in place of the one before it; who has retired leaves its name free. */
  put(row: PeerState): void {
    const { peer, name, circle } = row;
    const before = this.rows.get(peer);
    this.rows.set(peer, row);
    const entry = this.#entries.get(peer);
    if (entry !== undefined) entry.row = row;
    const isGone = row.retired !== undefined;
    if (before !== undefined && before.retired === undefined) {
      if (isGone || before.name !== name) leave(this.#byName, before.name, peer);
      if (isGone) leave(this.#byCircle, before.circle, peer);
    }
    if (isGone) return;
    enter(this.#byName, name, peer, row);
    enter(this.#byCircle, circle, peer, row);
  }

  /** The peer has said something, connected or not, or is known to have been there. */
  heard(peer: string, time: number): void {
    const entry = this.#entries.get(peer);
    if (entry !== undefined) this.#heard(entry, time);
  }

  /** The peer itself has spoken, whether or not its event takes effect; noted from level 3 on. */
  spoke(peer: string, time: number): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return;
    entry.acted_at = time;
    this.#heard(entry, time);
  }

  #heard(entry: PeerEntry, time: number): void {
    if (time > entry.last_seen) entry.last_seen = time;
    if (entry.row.boots.length === 0) this.#watch(entry.row, entry.last_seen);
  }

  /** A copy of the peer's row, to be changed and put in its place. */
  draft(peer: string): PeerState | undefined {
    const row = this.rows.get(peer);
    return row && copyOf(row);
  }

  /** Puts a draft with the boots it is connected through; without any it is offline. */
  connect(row: PeerState, boots: string[], reason: OfflineReason, time: number): void {
    row.boots = boots;
    if (boots.length > 0) row.offline = undefined;
    else if (row.offline === undefined) {
      row.offline = { reason, since: time };
      row.turn_is_old = true;
    }
    this.put(row);
    this.#watch(row, this.#seen(row));
  }

  /** Puts a draft as retired, so that nobody addresses it any more. */
  retire(row: PeerState, why: NonNullable<PeerState['retired']>, time: number): void {
    row.retired = why;
    row.boots = [];
    row.offline = { reason: why, since: time };
    Object.assign(row, { turn: undefined, turn_text: undefined, turn_at: undefined });
    row.can = undefined;
    this.put(row);
    this.away.delete(row.peer);
  }

  /** Everyone who has not left. */
  *live(): Iterable<PeerState> {
    for (const members of this.#byCircle.values()) yield* members.values();
  }

  /** The live peers of a name in every circle. */
  named(name: string): Iterable<PeerState> {
    return this.#byName.get(name)?.values() ?? [];
  }

  holder(name: string, circle: string): PeerState | undefined {
    for (const row of this.named(name)) if (row.circle === circle) return row;
    return undefined;
  }

  /** The live peers of a circle. */
  members(circle: string): Iterable<PeerState> {
    return this.#byCircle.get(circle)?.values() ?? [];
  }

  /** True when a peer has a secret of this SHA-256. */
  hasSecret(peer: string, hash: string): boolean {
    const entry = this.#entries.get(peer);
    return entry !== undefined && isSame(entry.secret_hash, hash);
  }

  /** When a peer that is away is given up, in ms UTC; undefined while connected or retired. */
  goneAt(row: PeerState): number | undefined {
    return goneAt(row, this.#seen(row));
  }

  /** As readers are told at a time in ms UTC: who speaks by POST is there while it does so. */
  statusAt(row: PeerState, now: number): PeerRow['status'] {
    const seen = this.#seen(row);
    const isHeard = speaksUnconnected(row, seen) && now - seen < limits.post_presence_ms;
    return isHeard ? doing(row) : statusOf(row);
  }

  /** Why readers are told that it is offline, and since when; nothing while it is there. */
  absenceAt(row: PeerState, now: number): PeerState['offline'] {
    if (row.offline === undefined || this.statusAt(row, now) !== 'offline') return undefined;
    const seen = this.#seen(row);
    if (!speaksUnconnected(row, seen) || seen === row.offline.since) return row.offline;
    return { reason: 'silent', since: seen };
  }

  /** Log time of its last event, or of the last commit of a gateway it is connected through. */
  lastSeen(row: PeerState, { rows }: GatewayRows): number {
    let seen = this.#seen(row);
    for (const boot of row.boots) seen = Math.max(seen, rows.get(boot)?.last_seen ?? 0);
    return seen;
  }

  /** Log time of its own last event; undefined when that was below level 3. */
  actedAt({ peer }: PeerState): number | undefined {
    return this.#entries.get(peer)?.acted_at;
  }

  /** In the order they joined, as rows of a snapshot. */
  toSnapshot(): KeptPeer[] {
    return [...this.#entries.values()].map(({ row, last_seen, acted_at, secret_hash }) => {
      const { peer, name, circle, role, token, boots, ...more } = row;
      const heard = { last_seen, acted_at };
      return { peer, name, circle, role, secret_hash, token, boots, ...heard, ...more };
    });
  }

  static fromSnapshot(rows: readonly KeptPeer[]): PeerRows {
    const peers = new PeerRows();
    for (const row of rows) peers.add(row);
    return peers;
  }

  #seen({ peer }: PeerState): number {
    return this.#entries.get(peer)?.last_seen ?? 0;
  }

  /** Notes when the peer is given up, if it goes on being away. */
  #watch(row: PeerState, seen: number): void {
    const at = goneAt(row, seen);
    if (at === undefined) this.away.delete(row.peer);
    // In steps: one that speaks without a connection would move its time with every word.
    else this.away.set(row.peer, Math.ceil(at / STEP) * STEP);
  }

  /** The name itself when it is free in the circle, else the next free `-2`, `-3`, … */
  freeName(name: string, circle: string, self?: string): string {
    const isFree = (wanted: string) => {
      const holder = this.holder(wanted, circle);
      return holder === undefined || holder.peer === self;
    };
    if (isFree(name)) return name;
    for (let n = 2; ; n++) {
      const suffix = `-${n}`;
      const wanted = name.slice(0, limits.name_chars - suffix.length) + suffix;
      if (isFree(wanted)) return wanted;
    }
  }
}

/** In constant time: how long it takes says nothing of how much of a guess is right. */
function isSame(hash: string, guess: string): boolean {
  let difference = hash.length ^ guess.length;
  for (let i = 0; i < hash.length; i++) difference |= hash.charCodeAt(i) ^ guess.charCodeAt(i);
  return difference === 0;
}

const STEP = limits.peer_gone_step_ms;

/** Written out field by field: a spread of so many costs ten times as much. */
function copyOf(row: PeerState): PeerState {
  return {
    peer: row.peer,
    name: row.name,
    circle: row.circle,
    role: row.role,
    token: row.token,
    boots: row.boots,
    runtime: row.runtime,
    model: row.model,
    project: row.project,
    path: row.path,
    machine: row.machine,
    description: row.description,
    description_until: row.description_until,
    turn: row.turn,
    turn_text: row.turn_text,
    turn_at: row.turn_at,
    turn_is_old: row.turn_is_old,
    can: row.can,
    retired: row.retired,
    handed: row.handed,
    offline: row.offline,
  } satisfies Record<keyof PeerState, unknown>;
}
