// Resuming a watch at a cursor: what changed since, or why that cannot be told.
import { covers } from '../../core/rows/rights.js';
import type { Table } from '../../core/rows/table.js';
import type { Selection } from '../../core/views/selection.js';
import { type Parties, partiesOf } from '../../core/views/tails.js';
import { touchedIn } from '../../core/views/touched.js';
import { peerOf } from '../../core/views/views.js';
import type { Door } from '../../runtime/door.js';
import type { Entry } from './encoded-rows.js';
import type { Parcel } from './parcel.js';
import type { ViewGroup } from './view-group.js';

const TOO_OLD = 'more has changed since that cursor than this broker remembers';
const TOO_MUCH = 'more has changed since that cursor than there are rows';
const UNTOLD =
  'what left this view since that cursor cannot be told apart from what was never seen';

/**
 * What changed in a group that stands at the newest commit since the commit `since`: the newest row
 * of each key, null for one that may have been there and is not. Else the reason why all rows must
 * be told anew.
 */
export function missedSince(door: Door, group: ViewGroup, since: number): Parcel | string {
  const known = group.since(since);
  if (known !== undefined) return known;
  const { table, recent } = door;
  if (since < recent.base) return TOO_OLD;
  const { selection } = group;
  const touched = touchedIn({ table, recent, since }, selection.view, selection.queues);
  if (touched === 'all') return UNTOLD;
  const entries: Entry[] = [];
  for (const [key, gone] of touched) {
    const row = group.row(key);
    if (row !== undefined) entries.push([key, row]);
    else {
      const wasSeen = mayHaveSeen(table, selection, key, gone);
      if (wasSeen === undefined) return UNTOLD;
      if (wasSeen) entries.push([key, null]);
    }
  }
  // Where most of it is news, the rows themselves are the shorter answer.
  return entries.length > 2 * group.size + ROOM ? TOO_MUCH : group.parcel(entries);
}

const ROOM = 256;

/**
 * Whether a row that is not in the selection now may have been told to who looks. Nobody learns
 * even the key of what was never theirs to see; undefined when that cannot be known.
 */
function mayHaveSeen(
  table: Table,
  { view, beholder: { author, held } }: Selection,
  key: string,
  gone: Parties | undefined,
): boolean | undefined {
  if (covers(held, '*')) return true;
  const peer = peerOf(key);
  switch (view) {
    case 'peers':
      return coversPeer(table, held.circles, key);
    case 'usage': {
      const [, kind, name = ''] = key.split('/');
      if (peer !== 'budget') return coversPeer(table, held.circles, peer);
      return kind === 'circle' ? covers(held, name) : coversPeer(table, held.circles, name);
    }
    case 'inbox':
      return peer === author.peer ? true : undefined;
    case 'reviews':
      return covers(held, peer.slice(peer.indexOf('@') + 1));
    case 'tokens':
      return table.tokens.rows.get(key)?.circles.every(circle => covers(held, circle)) ?? false;
    case 'asks':
    case 'jobs':
    case 'schedules': {
      const parties = gone ?? partiesOf(table, view, key);
      if (parties === undefined) return undefined;
      const isPart = author.peer !== undefined && parties.peers.includes(author.peer);
      return isPart || covers(held, parties.circle);
    }
    case 'counts':
    case 'gateways':
      return undefined;
  }
}

function coversPeer({ peers }: Table, circles: readonly string[], peer: string): boolean {
  const circle = peers.rows.get(peer)?.circle;
  return circle !== undefined && circles.includes(circle);
}
