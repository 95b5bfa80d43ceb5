// Name resolution: from a name or id that a caller wrote to the one peer it means; never a guess.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { PeerState } from '../rows/peers.js';
import { covers, type Rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { Author } from '../words.js';

const CANDIDATES = 5;

/** Who names somebody. */
export interface Seeker {
  table: Table;
  held: Rights;
  author: Author;
  /** In ms UTC. */
  now: number;
}

/**
 * The peer that `to` means: an id, or a name. An agent means its own circle, or an orchestrator,
 * service or human anywhere; these, and a bare token, which has no circle, mean the whole mesh, as
 * far as their token reaches. A circle that is named narrows it, and `*` widens it. Refuses with
 * `circle_forbidden`, `peer_unknown` (and who comes near) or `peer_ambiguous` (who it could be).
 */
export function resolvePeer(seeker: Seeker, to: string, circle?: string): PeerState | Refusal {
  const { table, held, now } = seeker;
  if (circle !== undefined && circle !== '*' && !covers(held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  if (to.startsWith('peer_')) return byId(table, held, to);
  const place = circle === '*' ? undefined : (circle ?? reachOf(seeker));
  const matches: PeerState[] = [];
  for (const row of table.peers.named(to)) {
    const isNear = place === undefined || row.circle === place;
    const isKnownEverywhere = circle === undefined && row.role !== 'agent';
    if ((isNear || isKnownEverywhere) && covers(held, row.circle)) matches.push(row);
  }
  if (matches.length === 1) return matches[0]!;
  // An offline namesake is no match beside one that is here; alone it is, and what is sent waits.
  const here = matches.filter(row => table.peers.statusAt(row, now) !== 'offline');
  const live = here.length > 0 ? here : matches;
  if (live.length === 1) return live[0]!;
  if (live.length > 1) {
    const advice = 'name the circle of one, or use its id';
    return refuse('peer_ambiguous', `Several live peers are called "${to}"; ${advice}.`, {
      candidates: live.map(row => candidate(table, row, now)),
    });
  }
  const near = nearBy(table, held, to);
  const advice = near.length > 0 ? 'name the circle of a candidate' : 'see peer.list';
  const where = place === undefined ? 'any circle' : `circle "${place}"`;
  return refuse('peer_unknown', `No "${to}" in ${where}; ${advice}.`, {
    candidates: near.map(row => candidate(table, row, now)),
  });
}

/** The circle that the bare names of a caller are taken in; undefined for all of them. */
function reachOf({ table, author }: Seeker): string | undefined {
  const me = table.peers.rows.get(author.peer ?? '');
  return me?.role === 'agent' ? me.circle : undefined;
}

function byId(table: Table, held: Rights, peer: string): PeerState | Refusal {
  const row = table.peers.rows.get(peer);
  if (row === undefined || !covers(held, row.circle)) {
    return refuse('peer_unknown', `There is no ${peer} you may see; see peer.list.`);
  }
  return row;
}

/** Live peers of that name in other circles, else those whose name holds it or is held by it. */
function nearBy(table: Table, held: Rights, to: string): PeerState[] {
  const visible = [...table.peers.named(to)].filter(row => covers(held, row.circle));
  if (visible.length > 0) return visible.slice(0, CANDIDATES);
  const near: PeerState[] = [];
  for (const row of table.peers.rows.values()) {
    if (near.length === CANDIDATES) break;
    if (row.retired !== undefined || !covers(held, row.circle)) continue;
    if (row.name.includes(to) || to.includes(row.name)) near.push(row);
  }
  return near;
}

function candidate({ peers }: Table, row: PeerState, now: number) {
  const status = peers.statusAt(row, now);
  return { peer: row.peer, name: row.name, circle: row.circle, status };
}
