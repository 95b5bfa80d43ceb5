// The view of counts: how many there are of each noun, by circle and state (aggregates).
import type { CountRow } from '../../../schemas/view.js';
import type { Table } from '../rows/table.js';

type Noun = CountRow['noun'];
export type CountedNoun = Extract<Noun, 'asks' | 'jobs' | 'schedules'>;

interface Counted {
  circle: string;
  state: string;
  /** When it began, in ms UTC. */
  at: number;
}

/** By noun, circle and state. The time of a peer that waits for nothing is not told. */
export type Counts = ReadonlyMap<string, CountRow>;

/** Counts all that is live, and of what has ended what the table still holds, as of log time. */
export function countAll(table: Table): Counts {
  const counts = countStanding(table);
  for (const [noun, key] of countedRows(table)) {
    const { circle, state, at } = countedRow(table, noun, key)!;
    add(counts, noun, circle, state, at);
  }
  return counts;
}

/** Every row that has a state which only events change, under its key. */
export function* countedRows({ asks, jobs, schedules }: Table): Iterable<[CountedNoun, string]> {
  for (const rows of [asks.open, asks.closed]) for (const key of rows.keys()) yield ['asks', key];
  for (const rows of [jobs.open, jobs.ended]) for (const key of rows.keys()) yield ['jobs', key];
  for (const rows of [schedules.live, schedules.ended]) {
    for (const key of rows.keys()) yield ['schedules', key];
  }
}

/** Where such a row counts, and since when; undefined when the table holds none. */
export function countedRow(table: Table, noun: CountedNoun, key: string): Counted | undefined {
  switch (noun) {
    case 'asks': {
      const row = table.asks.get(key);
      return row && { circle: row.circle, state: row.state, at: row.opened_at };
    }
    case 'jobs':
      return startedRow(table.jobs.get(key));
    case 'schedules':
      return startedRow(table.schedules.get(key)?.row);
  }
}

function startedRow(
  row: { circle: string; state: string; created_at: number } | undefined,
): Counted | undefined {
  return row && { circle: row.circle, state: row.state, at: row.created_at };
}

/** Peers, whose state is also a matter of time, and what waits for each. */
export function countStanding(table: Table): Map<string, CountRow> {
  const counts = new Map<string, CountRow>();
  const { inbox, peers } = table;
  for (const row of peers.live()) {
    add(counts, 'peers', row.circle, peers.statusAt(row, table.time));
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
export function countKey({ noun, circle, state }: Omit<CountRow, 'n'>): string {
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
