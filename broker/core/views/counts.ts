// The view of counts: how many there are of each noun, by circle and state (aggregates).
import type { CountRow } from '../../../schemas/view.js';
import type { Table } from '../rows/table.js';

type Noun = CountRow['noun'];

/** By noun, circle and state. The time of a peer that waits for nothing is not told. */
export type Counts = ReadonlyMap<string, CountRow>;

/** Counts all that is live, and of what has ended what the table still holds, as of log time. */
export function countAll(table: Table): Counts {
  const counts = new Map<string, CountRow>();
  const { asks, jobs, schedules, inbox, peers } = table;
  for (const row of peers.live()) {
    add(counts, 'peers', row.circle, peers.statusAt(row, table.time));
  }
  for (const rows of [asks.open, asks.closed]) {
    for (const row of rows.values()) add(counts, 'asks', row.circle, row.state, row.opened_at);
  }
  for (const rows of [jobs.open, jobs.ended]) {
    for (const row of rows.values()) add(counts, 'jobs', row.circle, row.state, row.created_at);
  }
  for (const entries of [schedules.live, schedules.ended]) {
    for (const { row } of entries.values()) {
      add(counts, 'schedules', row.circle, row.state, row.created_at);
    }
  }
  for (const { peer, items } of inbox.boxes.values()) {
    const circle = peers.rows.get(peer)?.circle;
    if (circle === undefined || items.size === 0) continue;
    add(counts, 'inbox', circle, 'waiting', inbox.waitingSince(peer), items.size);
  }
  return counts;
}

/** What waits for one peer: open asks to it, and what lies in its inbox. */
export function countMine({ asks, inbox, peers }: Table, peer: string): CountRow[] {
  const counts = new Map<string, CountRow>();
  const circle = peers.rows.get(peer)?.circle;
  if (circle === undefined) return [];
  for (const ask of asks.openOf(peer)) {
    const row = asks.open.get(ask);
    if (row?.to === peer) add(counts, 'mine', circle, 'asks', row.opened_at);
  }
  const waiting = inbox.boxes.get(peer)?.items.size ?? 0;
  if (waiting > 0) add(counts, 'mine', circle, 'inbox', inbox.waitingSince(peer), waiting);
  return [...counts.values()];
}

/** The key of a count; no name of a circle holds a slash. */
export function countKey({ noun, circle, state }: CountRow): string {
  return `${noun}/${circle}/${state}`;
}

function add(
  counts: Map<string, CountRow>,
  noun: Noun,
  circle: string,
  state: string,
  at?: number,
  by = 1,
): void {
  const key = `${noun}/${circle}/${state}`;
  let row = counts.get(key);
  if (row === undefined) {
    row = { noun, circle, state, n: 0 };
    counts.set(key, row);
  }
  row.n += by;
  if (at !== undefined && at < (row.oldest_at ?? Number.POSITIVE_INFINITY)) row.oldest_at = at;
}
