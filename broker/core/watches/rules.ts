// The rules of the watches: made by one peer, fired once for each cause, ended by whom they are of.
import type { WatchRow } from '../../../schemas/watch.js';
import type { Change } from '../change.js';
import type { Table } from '../rows/table.js';
import type { Fact, View } from '../shared/view.js';
import { endWatch, lookAtAll, settle } from './causes.js';
import { cancelledObjection, createdObjection, firedObjection } from './checks.js';
import { conditionOf } from './conditions.js';
import { fireDue, say, tellOfEnd } from './firing.js';
import { handWatches } from './handover.js';

export const watchesView = {
  check: {
    'watch.created': createdObjection,
    'watch.cancelled': cancelledObjection,
    'watch.fired': firedObjection,
  },
  apply: {
    'watch.created': (table, fact) => {
      const row = rowOf(fact);
      const entry = table.watches.add(row, conditionOf(row).topics(row));
      lookAtAll(table, entry, { time: fact.time, type: fact.event.type });
      settle(table, entry, fact.time);
    },
    'watch.cancelled': (table, { event }) => {
      const entry = table.watches.live.get(event.watch);
      if (entry !== undefined) endWatch(table, entry, 'cancelled', 'cancelled');
    },
    'watch.fired': fire,
    'orchestrator.handed_over': handWatches,
    'peer.left': (table, fact, changes) => retire(table, fact.event.by, fact, changes),
    'peer.killed': (table, fact, changes) => retire(table, fact.event.peer, fact, changes),
    'peer.retired': (table, fact, changes) => retire(table, fact.event.peer, fact, changes),
  },
} satisfies View;

const copied = [
  'watch',
  'by',
  'to',
  'circle',
  'when',
  'peer',
  'ask',
  'by_me',
  'job',
  'owner',
  'queue',
  'kind',
  'in_circle',
  'for_s',
  'age_s',
  'depth',
  'percent',
  'tokens',
  'cost_usd',
  'tell',
  'text',
  'once',
  'quiet_s',
  'until',
] as const;

/** No key of a row is undefined, so that it packs as it stands. */
function rowOf({ event, position, time }: Fact<'watch.created'>): WatchRow {
  const said = copied.flatMap(key => (event[key] === undefined ? [] : [[key, event[key]]]));
  const made = { state: 'active', fired: 0, created_at: time, position };
  return { ...Object.fromEntries(said), ...made } as WatchRow;
}

function fire(table: Table, fact: Fact<'watch.fired'>, changes: Change[]): void {
  const { event, time } = fact;
  const entry = table.watches.draft(event.watch);
  if (entry === undefined) return;
  const { row } = entry;
  const { unsaid } = event;
  const causes = fireDue(table, entry, event.up_to);
  const ref = unsaid === undefined ? say(table, entry, causes, fact, changes) : undefined;
  const last = { at: time, count: causes.length };
  row.fired++;
  row.last = { ...last, ...(ref && { ref }), ...(unsaid && { unsaid }) };
  if (unsaid === 'unauthorized') endWatch(table, entry, 'cancelled', unsaid);
  else if (row.once) endWatch(table, entry, 'done', 'once');
  else {
    table.watches.aim(entry);
    settle(table, entry, time);
  }
}

/** Nobody speaks for who has left, and nobody tells them anything more. */
function retire(table: Table, peer: string, fact: Fact, changes: Change[]): void {
  if (table.watches.live.size === 0) return;
  for (const entry of table.watches.madeBy(peer)) {
    endWatch(table, entry, 'cancelled', 'owner_retired');
  }
  for (const entry of table.watches.toldTo(peer)) {
    endWatch(table, entry, 'cancelled', 'recipient_retired');
    tellOfEnd(table, entry.row, fact, changes);
  }
}
