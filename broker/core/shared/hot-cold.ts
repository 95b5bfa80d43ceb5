// Tiered reads, hot then cold: rows out of the table, and out of the archive once some have left.
import {
  type ColdRows,
  type ColdView,
  coldKinds,
  fitsRow,
  type PageRead,
  type RowRead,
  type RowTest,
} from '../archive.js';
import type { Table } from '../rows/table.js';
import { type Page, paged } from './query-context.js';

/** What is told of the row under a key; at once when the table holds it, or has let go of none. */
export function rowOf<V extends ColdView, Told>(
  table: Table,
  view: V,
  key: string,
  told: (row: ColdRows[V] | undefined) => Told,
): Told | RowRead<V, Told> {
  const { get, dropped } = coldKinds[view];
  const hot = get(table, key);
  if (hot !== undefined || dropped(table) === 0) return told(hot);
  return { find: 'row', view, key, told };
}

interface Wanted<Row, Shown> {
  fits: RowTest;
  max: number;
  /** Whether a row that left the table may belong before the last of these, all the hot ones. */
  mayBeCold(hot: readonly Row[]): boolean;
  show(row: Row): Shown;
}

/**
 * The first page of the rows that fit, the newest first. The archive is asked only when a row that
 * has left the table may belong on it.
 */
export function pageOf<V extends ColdView, Shown>(
  table: Table,
  view: V,
  { fits, max, mayBeCold, show }: Wanted<ColdRows[V], Shown>,
): Page<Shown> | PageRead<V, Page<Shown>> {
  const { hot, dropped, keyOf, placeOf, newestFirst } = coldKinds[view];
  const rows: ColdRows[V][] = [];
  for (const row of hot(table)) if (fitsRow(view, row, fits)) rows.push(row);
  rows.sort(newestFirst);
  const page = (all: ColdRows[V][]) => paged(all, max, placeOf, show);
  if (dropped(table) === 0 || !mayBeCold(rows)) return page(rows);
  const known = new Set(rows.map(keyOf));
  const told = (found: ColdRows[V][]) => {
    const old = found.filter(row => !known.has(keyOf(row)));
    return page([...rows, ...old].sort(newestFirst));
  };
  // One more than a page tells whether another follows.
  return { find: 'page', view, fits, max: max + 1, told };
}
