// Watches that are taken over: the successor owns them, and is told.

import type { Table } from '../rows/table.js';
import type { Topic, WatchEntry } from '../rows/watches.js';
import type { Fact } from '../shared/view.js';
import { endWatch, lookAtAll, settle } from './causes.js';
import { conditionOf } from './conditions.js';

/** What the rows that a handover moves stood under. */
const topics: readonly Topic[] = ['asks_from', 'asks_to', 'jobs_of'];

/**
 * The live watches that the former peer made or hears; causes that were told are not told again.
 * One that waits for its successor to be away ends, as there is nobody left to be told.
 */
export function handWatches(table: Table, fact: Fact<'orchestrator.handed_over'>): void {
  const { watches } = table;
  if (watches.live.size === 0) return;
  const { of } = fact.event;
  for (const entry of new Set([...watches.madeBy(of), ...watches.toldTo(of)])) {
    hand(table, entry, fact);
  }
  for (const topic of topics)
    for (const entry of watches.about(topic, of)) look(table, entry, fact);
}

function hand(table: Table, entry: WatchEntry, fact: Fact<'orchestrator.handed_over'>): void {
  const { of, to } = fact.event;
  const row = { ...entry.row, handed_from: of };
  if (row.by === of) {
    row.by = to;
    if (row.owner === of) row.owner = to;
  }
  if (row.to === of) row.to = to;
  table.watches.move(entry, row, conditionOf(row).topics(row));
  const isVain = row.peer === row.to && (row.when === 'peer.offline' || row.queue === 'inbox');
  if (isVain) endWatch(table, entry, 'cancelled', 'handed_over');
  else look(table, entry, fact);
}

function look(table: Table, entry: WatchEntry, { event, time }: Fact): void {
  lookAtAll(table, entry, { time, type: event.type });
  settle(table, entry, time);
}
