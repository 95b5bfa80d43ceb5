// Rows that have ended, as they are written: each with the commits between which it stood so.
import { type ColdView, coldKinds } from '../../../core/archive.js';
import type { RowNote } from '../write/batch.js';
import { keyBytes } from './layout.js';
import type { IndexView } from './names.js';
import { rowBytes } from './row-codec.js';
import type { Cell, Cells } from './sqlite.js';

const COLUMNS = 'key, place, since, circle, state, kind, from_peer, to_peer';
const INTO = {
  asks: `asks (${COLUMNS}, row)`,
  jobs: `jobs (${COLUMNS}, owner, worker, row)`,
  schedules: `schedules (${COLUMNS}, row)`,
} as const;

/** Within a transaction, in order. */
export function noteRows(store: IndexView, notes: readonly RowNote[]): void {
  const asks: Cells[] = [];
  /** Whether a thing that may end several times has any row. */
  const hasRows = new Map<string, boolean>();
  for (const note of notes) {
    // A closed ask is the last that is heard of it.
    if (note.view === 'asks') asks.push(cellsOf(store, note));
    else noteRow(store, note, hasRows);
  }
  store.db.insert(INTO.asks, asks);
}

function noteRow(store: IndexView, note: RowNote, hasRows: Map<string, boolean>): void {
  const { db } = store;
  const { view, key, sequence, row } = note;
  const bytes = keyBytes(key);
  // Most have never ended before, and one look is less than two changes of nothing.
  const had =
    hasRows.get(key) ?? db.get(`SELECT 1 FROM ${view} WHERE key = ? LIMIT 1`, bytes) !== undefined;
  hasRows.set(key, had || row !== undefined);
  if (had) {
    const sql = `UPDATE ${view} SET until = ? WHERE key = ? AND until IS NULL AND since < ?`;
    db.run(sql, sequence, bytes, sequence);
    db.run(`DELETE FROM ${view} WHERE key = ? AND since = ?`, bytes, sequence);
  }
  if (row !== undefined) db.insert(INTO[view], [cellsOf(store, note)]);
}

function cellsOf({ names }: IndexView, { view, key, sequence, row }: RowNote): Cells {
  const column = (name: Parameters<(typeof coldKinds)[ColdView]['column']>[1]): Cell => {
    const value = coldKinds[view].column(row as never, name);
    return value === undefined ? null : names.intern(value);
  };
  const place = view === 'jobs' ? Number(coldKinds.jobs.placeOf(row as never)) : null;
  const cells: Cell[] = [keyBytes(key), place, sequence, column('circle'), column('state')];
  cells.push(column('kind'), column('from'), column('to'));
  if (view === 'jobs') cells.push(column('owner'), column('worker'));
  cells.push(rowBytes(view, row as never));
  return cells;
}
