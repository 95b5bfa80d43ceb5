// Query of whether somebody coordinates: presence only, no picture of the mesh.
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { PeerState } from '../rows/peers.js';
import { covers } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import { homeOf, type QueryContext } from '../shared/query-context.js';

const STALE_MS = limits.boot_lost_ms;

/**
 * The orchestrator one would turn to, and the others. Without `circle` those of every circle are
 * looked at, for their names resolve mesh-wide: the caller's own circle first, then who is online,
 * then who was seen last. `present` is false when the first is offline or was not seen within
 * `stale_after_s`. Refuses with `circle_forbidden`.
 */
export function orchestratorStatus(
  context: QueryContext,
  { circle }: Parsed<'orchestrator.status'>,
): Result<'orchestrator.status'> | Refusal {
  const { table, held, now } = context;
  const home = circle ?? homeOf(context) ?? '*';
  if (circle !== undefined && circle !== '*' && !covers(held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  const isWide = circle === undefined || circle === '*';
  const found: Seen[] = [];
  for (const row of table.peers.live()) {
    const isOne = row.role === 'orchestrator' && covers(held, row.circle);
    if (isOne && (isWide || row.circle === circle)) found.push(seenOf(table, row, now));
  }
  const [first, ...others] = found.sort((a, b) => byRank(a, b, home));
  const answer = {
    circle: home,
    present: first !== undefined && isPresent(first, table.time),
    stale_after_s: STALE_MS / 1_000,
    others: others.slice(0, limits.list_items),
  };
  if (first === undefined) return answer;
  const { peer, name, status, last_seen } = first;
  return { ...answer, peer, name, status, last_seen };
}

type Seen = Result<'orchestrator.status'>['others'][number];

function seenOf(table: Table, row: PeerState, now: number): Seen {
  const { peer, name, circle } = row;
  const last_seen = table.peers.lastSeen(row, table.gateways);
  return { peer, name, circle, status: table.peers.statusAt(row, now), last_seen };
}

/** By log time: no clock that is wrong makes somebody absent. */
function isPresent({ status, last_seen }: Seen, time: number): boolean {
  return status !== 'offline' && time - last_seen <= STALE_MS;
}

function byRank(a: Seen, b: Seen, home: string): number {
  return (
    Number(b.circle === home) - Number(a.circle === home) ||
    Number(b.status !== 'offline') - Number(a.status !== 'offline') ||
    b.last_seen - a.last_seen ||
    (a.peer < b.peer ? -1 : 1)
  );
}
