// Who stands in the way of a lease, and the refusals that say so.
import type { LeaseMode } from '../../../schemas/events/lease.js';
import type { LeaseHolder } from '../../../schemas/lease.js';
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { firstChars } from '../../../schemas/text-cut.js';
import { endOf, type LeaseState } from '../rows/leases.js';
import type { Table } from '../rows/table.js';

/** What a peer wants of a project. */
export interface LeaseWish {
  by: string;
  circle: string;
  project: string;
  paths: readonly string[];
  mode: LeaseMode;
}

/** A path of another peer's lease. */
export interface Rival {
  path: string;
  row: LeaseState;
}

const MINUTE = 60_000;

/**
 * What others hold at `time` (ms UTC) that the peer may not hold beside them, each path of a holder
 * once and at most `limits.lease_told_items`: empty when it may have all that it wants.
 */
export function rivalsOf(table: Table, wish: LeaseWish, time: number): Rival[] {
  const { rows } = table.leases;
  const index = table.leases.project(wish.circle, wish.project);
  const found = new Map<string, Rival>();
  if (index === undefined) return [];
  for (const wanted of wish.paths) {
    for (const { path, peer, lease } of index.overlapping(wanted)) {
      const row = rows.get(lease);
      if (peer === wish.by || row === undefined || endOf(row) <= time) continue;
      if (row.mode === 'shared' && wish.mode === 'shared') continue;
      found.set(`${peer}/${path}`, { path, row });
      if (found.size === limits.lease_told_items) return [...found.values()];
    }
  }
  return [...found.values()];
}

/** As whoever wanted the same is told of them. */
export function holdersIn(table: Table, rivals: readonly Rival[]): LeaseHolder[] {
  return rivals.map(({ path, row }) => {
    const { by: peer, mode, note } = row;
    const name = table.peers.rows.get(peer)?.name;
    const until = endOf(row);
    return {
      path,
      peer,
      ...(name !== undefined && { name }),
      mode,
      until,
      ...(note !== undefined && { note }),
    };
  });
}

/** `lease_held`, with those who hold it in `data.holders`; `time` is in ms UTC. */
export function heldRefusal(table: Table, rivals: readonly Rival[], time: number): Refusal {
  const [first, ...more] = holdersIn(table, rivals);
  if (first === undefined) throw new Error('a lease was refused that nobody holds');
  const { path, peer, name = peer, until } = first;
  const minutes = Math.ceil((until - time) / MINUTE);
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  const message = `${quoted(path)} is held by ${name} for ${minutes} min at most${others}`;
  const advice = 'ask it, wait, or work elsewhere.';
  return refuse('lease_held', `${message}; ${advice}`, { holders: [first, ...more] });
}

/** `not_yours`, of a lease that another peer holds, or of a path of it. */
export function notYours(table: Table, { by, lease }: LeaseState, path?: string): Refusal {
  const name = table.peers.rows.get(by)?.name ?? by;
  const what = path === undefined ? lease : quoted(path);
  return refuse('not_yours', `${what} is held by ${name}; only it may release it.`, { peer: by });
}

/** `lease_unknown`, alike for one that has ended and one the caller may not see. */
export function unknownLease(lease: string): Refusal {
  return refuse('lease_unknown', `There is no ${lease} you may see; see lease.list.`);
}

/** `lease_unknown`: the peer holds nothing there, or only a folder that the path lies in. */
export function unheld(path: string, above: string | undefined): Refusal {
  const message =
    above === undefined
      ? `You hold nothing at ${quoted(path)}; see lease.list.`
      : `You hold ${quoted(above)}, in which ${quoted(path)} lies; release that.`;
  return refuse('lease_unknown', message);
}

/** A path in a sentence: line breaks and the like in its name are told as such. */
function quoted(path: string): string {
  return JSON.stringify(firstChars(path, limits.label_chars));
}
