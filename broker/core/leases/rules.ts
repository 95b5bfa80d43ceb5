// The rules of the leases: one holder of a file, or several that share it, and how each one ends.
import { areCanonicalPaths } from '../../../schemas/lease-path.js';
import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import { named } from '../../../schemas/uuid.js';
import { charsOf, type LeaseState } from '../rows/leases.js';
import type { Hold, PathIndex } from '../rows/path-index.js';
import type { Table } from '../rows/table.js';
import type { Fact, Objection, View } from '../shared/view.js';
import { heldRefusal, notYours, rivalsOf, unheld, unknownLease } from './holders.js';

type Taken = Fact<'lease.taken'>;
type Released = Fact<'lease.released'>;

/**
 * Of two that take what overlaps the lower position has it, and the other is void. Who leaves, is
 * killed or given up has no lease any more, without a further event.
 */
export const leasesView = {
  check: {
    'lease.taken': takenObjection,
    'lease.released': releasedObjection,
    'lease.lapsed': lapsedObjection,
  },
  apply: {
    'lease.taken': (table, fact) => {
      table.leases.drop(sameAs(table, fact));
      table.leases.put(rowOf(table, fact));
    },
    'lease.released': (table, fact) => table.leases.drop(releasedBy(table, fact)),
    'lease.lapsed': (table, { event }) => table.leases.remove(event.lease),
    'peer.left': (table, { event }) => endAll(table, event.by),
    'peer.killed': (table, { event }) => endAll(table, event.peer),
    'peer.retired': (table, { event }) => endAll(table, event.peer),
    'peer.joined': (table, { event, time }) => attend(table, event.peer, time),
    'peer.connected': (table, { event, time }) => attend(table, event.peer, time),
    'peer.disconnected': (table, { event, time }) => attend(table, event.peer, time),
    'gateway.started': attendAll,
    'gateway.lost': attendAll,
  },
} satisfies View;

function takenObjection(table: Table, { event, time }: Taken): Objection {
  const { by, circle, project, paths, mode, ttl_s, note = '' } = event;
  const isSound =
    isProject(project) &&
    areCanonicalPaths(paths) &&
    Number.isSafeInteger(ttl_s) &&
    ttl_s >= limits.lease_ttl_min_s &&
    ttl_s <= limits.lease_ttl_max_s &&
    note.length <= limits.label_chars &&
    table.peers.rows.has(by);
  if (!isSound) return 'malformed';
  const rivals = rivalsOf(table, { by, circle, project, paths, mode }, time);
  return rivals.length > 0 ? heldRefusal(table, rivals, time) : crowdObjection(table, event);
}

/** What a peer takes again it holds already. */
function crowdObjection(table: Table, event: Taken['event']): Objection {
  const { by, circle, project } = event;
  const index = table.leases.project(circle, project);
  const paths = event.paths.filter(path => index?.at(path, by) === undefined);
  if (!table.leases.isFull(by, circle, paths.length, charsOf({ ...event, paths })))
    return undefined;
  return refuse('too_large', 'Too many paths are held; take a folder, or release some.');
}

/** By paths it takes effect where any of them is held, unless one is another's. */
function releasedObjection(table: Table, { event, time }: Released): Objection {
  const { by, circle, lease, project, paths } = event;
  if (lease !== undefined) {
    if (project !== undefined || paths !== undefined) return 'malformed';
    const row = table.leases.rows.get(lease);
    if (row?.circle !== circle) return unknownLease(lease);
    return row.by === by ? undefined : notYours(table, row);
  }
  if (project === undefined || paths === undefined) return 'malformed';
  if (!isProject(project) || !areCanonicalPaths(paths)) return 'malformed';
  const index = table.leases.project(circle, project);
  const missing = paths.filter(path => ownWithin(index, path, by).length === 0);
  const [path] = missing;
  if (path === undefined) return undefined;
  const wish = { by, circle, project, paths: missing, mode: 'exclusive' } as const;
  const [rival] = rivalsOf(table, wish, time);
  if (rival !== undefined) return notYours(table, rival.row, rival.path);
  if (missing.length < paths.length) return undefined;
  return unheld(path, [...(index?.overlapping(path) ?? [])].find(hold => hold.peer === by)?.path);
}

function lapsedObjection(table: Table, { event, time }: Fact<'lease.lapsed'>): Objection {
  const { lease, peer, circle, reason } = event;
  const row = table.leases.rows.get(lease);
  if (row?.by !== peer || row.circle !== circle) return 'stale';
  const at = reason === 'expired' ? row.until : row.away_until;
  if (at === undefined) return 'stale';
  return time < at ? 'early' : undefined;
}

function rowOf(table: Table, { event, position, time }: Taken): LeaseState {
  const { id, project, paths, mode, by, circle, note, ttl_s } = event;
  return {
    lease: named('lease', id),
    project,
    paths,
    mode,
    by,
    circle,
    ...(note !== undefined && { note }),
    until: time + 1_000 * ttl_s,
    taken_at: time,
    position,
    attended: isHere(table, by),
  };
}

/** What the taker holds at just the paths that it takes: that goes over to the new lease. */
function sameAs(table: Table, { event: { by, circle, project, paths } }: Taken): Hold[] {
  const index = table.leases.project(circle, project);
  return paths.flatMap(path => index?.at(path, by) ?? []);
}

function releasedBy(table: Table, { event }: Released): Hold[] {
  const { by, circle, lease, project = '', paths = [] } = event;
  const row = table.leases.rows.get(lease ?? '');
  if (row !== undefined) return row.paths.map(path => ({ path, peer: by, lease: row.lease }));
  const index = table.leases.project(circle, project);
  return paths.flatMap(path => ownWithin(index, path, by));
}

function ownWithin(index: PathIndex | undefined, path: string, by: string): Hold[] {
  return [...(index?.within(path) ?? [])].filter(hold => hold.peer === by);
}

function endAll(table: Table, peer: string): void {
  for (const { lease } of table.leases.heldBy(peer)) table.leases.remove(lease);
}

function attendAll(table: Table, { time }: Fact): void {
  for (const peer of table.leases.holders()) attend(table, peer, time);
}

/**
 * A holder that has lost its connection has a while to come back. One that took a lease without a
 * connection, by single calls, is not missed: that lease has its time alone.
 */
function attend(table: Table, peer: string, time: number): void {
  const isBack = isHere(table, peer);
  for (const row of table.leases.heldBy(peer)) {
    const { away_until } = row;
    if (!row.attended || isBack === (away_until === undefined)) continue;
    if (away_until !== undefined && away_until <= time) table.leases.remove(row.lease);
    else table.leases.put({ ...row, away_until: isBack ? undefined : time + limits.lease_away_ms });
  }
}

function isHere({ peers }: Table, peer: string): boolean {
  return (peers.rows.get(peer)?.boots.length ?? 0) > 0;
}

function isProject(project: string): boolean {
  return project.length > 0 && project.length <= limits.path_chars;
}
