// Queries of the peers: who is there, and who the caller is.

import { compact } from '../../../schemas/codec.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import type { PeerRow } from '../../../schemas/peer.js';
import { isRefusal, type Refusal, refuse } from '../../../schemas/refusal.js';
import { capabilitiesNow, seenWhen } from '../rows/capabilities.js';
import type { PeerState } from '../rows/peers.js';
import { covers } from '../rows/rights.js';
import { standingOf } from '../rows/standing.js';
import type { Table } from '../rows/table.js';
import { paged, type Queries, type QueryContext } from '../shared/query-context.js';
import { hashSecret } from '../tokens/secret.js';
import { orchestratorStatus } from './orchestrator.js';

function whoami(context: QueryContext): Result<'peer.whoami'> {
  const { table, author, held, now, cursor } = context;
  const row = table.peers.rows.get(author.peer ?? '');
  const box = table.inbox.boxes.get(author.peer ?? '');
  return {
    ...(row === undefined ? {} : { ...peerRow(table, row, now), generation: box?.generation ?? 0 }),
    token: held.token,
    verbs: [...held.verbs],
    circles: [...held.circles],
    roles: [...held.roles],
    cursor,
    time: now,
  };
}

function listPeers(
  context: QueryContext,
  params: Parsed<'peer.list'>,
): Result<'peer.list'> | Refusal {
  const { table, author, held, now } = context;
  const me = table.peers.rows.get(author.peer ?? '');
  const isWide = me === undefined || me.role === 'orchestrator';
  const circle = params.circle ?? (isWide ? '*' : me.circle);
  if (circle !== '*' && !covers(held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  const wanted = params.peers && new Set(params.peers);
  const isShown = (row: PeerState) =>
    wanted === undefined ? isAround(row) : wanted.has(row.peer) && covers(held, row.circle);
  const isAround = (row: PeerState) =>
    row.retired === undefined &&
    covers(held, row.circle) &&
    (circle === '*' || row.circle === circle || row.role !== 'agent') &&
    (params.offline || table.peers.statusAt(row, now) !== 'offline') &&
    (params.self || row !== me);
  const rows: PeerState[] = [];
  let isPast = params.after === undefined;
  for (const row of table.peers.rows.values()) {
    if (isPast && isShown(row)) rows.push(row);
    if (rows.length > params.max) break;
    if (row.peer === params.after) isPast = true;
  }
  return paged(
    rows,
    params.max,
    row => row.peer,
    row => peerRow(table, row, now),
  );
}

/** In the order they are asked for, also those that have left. */
function getPeers(
  { table, author, held, now }: QueryContext,
  { peers }: Parsed<'peer.get'>,
): Result<'peer.get'> {
  const rows: PeerState[] = [];
  const unknown: string[] = [];
  for (const peer of new Set(peers)) {
    const row = table.peers.rows.get(peer);
    const isSeen = row !== undefined && (peer === author.peer || covers(held, row.circle));
    if (isSeen) rows.push(row);
    else unknown.push(peer);
  }
  const page = paged(
    rows,
    rows.length,
    row => row.peer,
    row => peerRow(table, row, now),
  );
  return { ...page, unknown };
}

function attach(
  { table, cursor, now }: QueryContext,
  { peer, secret }: Parsed<'peer.attach'>,
): Result<'peer.attach'> | Refusal {
  const row = table.peers.rows.get(peer);
  if (row === undefined || !table.peers.hasSecret(peer, hashSecret(secret))) {
    return refuse('unauthorized', 'No peer has this id and secret; join instead.');
  }
  // Its rights are those of the token that made it; without them nobody speaks for it.
  const standing = standingOf(table, { token: row.token, peer }, now);
  if (isRefusal(standing)) return standing;
  const generation = table.inbox.boxes.get(peer)?.generation ?? 0;
  return { peer, name: row.name, generation, cursor, time: now };
}

/** A peer as it is told at a time in ms UTC. */
export function peerRow(table: Table, row: PeerState, now: number): PeerRow {
  const isFresh = (row.description_until ?? 0) > now;
  const absence = table.peers.absenceAt(row, now);
  const status = table.peers.statusAt(row, now);
  return compact({
    peer: row.peer,
    name: row.name,
    project: row.project,
    circle: row.circle,
    role: row.role,
    status,
    path: row.path,
    machine: row.machine,
    description: isFresh ? row.description : undefined,
    runtime: row.runtime,
    model: row.model,
    reason: absence?.reason,
    offline_since: absence?.since,
    turn: row.turn,
    turn_text: row.turn_text,
    turn_at: row.turn_at,
    can: capabilitiesNow(row),
    seen_when: seenWhen(row, status),
    last_seen: table.peers.lastSeen(row, table.gateways),
    acted_at: table.peers.actedAt(row),
    handed_to: row.handed?.to,
    queued_since: table.inbox.waitingSince(row.peer),
    queued: table.inbox.boxes.get(row.peer)?.items.size ?? 0,
  });
}

export const peerQueries = {
  'peer.whoami': whoami,
  'peer.list': listPeers,
  'peer.get': getPeers,
  'peer.attach': attach,
  'orchestrator.status': orchestratorStatus,
} satisfies Queries;
