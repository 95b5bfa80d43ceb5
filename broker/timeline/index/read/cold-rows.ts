// Rows that have ended, by key and by page, as of a commit: conditions as SQL over their columns.
import { limits } from '../../../../schemas/limits.js';
import {
  type ColdColumn,
  type ColdRows,
  type ColdView,
  coldKinds,
  type RowTest,
} from '../../../core/archive.js';
import { keyBytes } from '../store/layout.js';
import type { IndexView } from '../store/names.js';
import { ROW_COLUMNS, readRow } from '../store/row-codec.js';
import type { Cell } from '../store/sqlite.js';

/** Equalities that must all hold, by the number of each value; and the place to go on after. */
interface Branch {
  equal: ReadonlyMap<ColdColumn, number>;
  after: readonly string[];
}

const VALID = 'since <= ? AND (until IS NULL OR until > ?)';

/** The row as it stood after the commit `upTo`, where it had ended by then. */
export function endedRow<V extends ColdView>(
  store: IndexView,
  view: V,
  key: string,
  upTo: number,
): ColdRows[V] | undefined {
  const sql = `SELECT ${ROW_COLUMNS} FROM ${view} WHERE key = ? AND ${VALID}`;
  const found = store.db.get(sql, keyBytes(key), upTo, upTo);
  return found === undefined ? undefined : readRow(store, view, found);
}

/** True when the row has ended at any time. */
export function everEnded({ db }: IndexView, view: ColdView, key: string): boolean {
  return db.get(`SELECT 1 FROM ${view} WHERE key = ? LIMIT 1`, keyBytes(key)) !== undefined;
}

/**
 * The rows that had ended after `upTo` and fit, in the order of the view; undefined when the
 * condition is too manifold.
 */
export function endedPage<V extends ColdView>(
  store: IndexView,
  view: V,
  { fits, max, upTo }: { fits: RowTest; max: number; upTo: number },
): ColdRows[V][] | undefined {
  const branches = branchesOf(store, fits);
  if (branches === undefined) return undefined;
  const ids = new Set<number>();
  for (const branch of branches) {
    for (const id of idsOf(store, view, branch, max, upTo)) ids.add(id);
  }
  const { newestFirst } = coldKinds[view];
  // Only what may be on the page is read whole.
  const first = [...ids].map(id => placed(store, view, id));
  first.sort((a, b) => -comparePlaces(a.place, b.place));
  const rows = first.slice(0, max).map(({ id }) => {
    return readRow(
      store,
      view,
      store.db.get(`SELECT ${ROW_COLUMNS} FROM ${view} WHERE id = ?`, id)!,
    );
  });
  return rows.sort(newestFirst);
}

function placed({ db }: IndexView, view: ColdView, id: number): { id: number; place: Cell } {
  const place = db.get(`SELECT ${placeColumn(view)} FROM ${view} WHERE id = ?`, id)![0]!;
  return { id, place };
}

function comparePlaces(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(a as Uint8Array), Buffer.from(b as Uint8Array));
}

function placeColumn(view: ColdView): string {
  return view === 'jobs' ? 'place' : 'key';
}

function idsOf(
  { db }: IndexView,
  view: ColdView,
  { equal, after }: Branch,
  max: number,
  upTo: number,
): number[] {
  const place = placeColumn(view);
  const conditions = [VALID];
  const values: Cell[] = [upTo, upTo];
  for (const [column, id] of equal) {
    if (view !== 'jobs' && (column === 'owner' || column === 'worker')) return [];
    conditions.push(`${sqlColumn(column)} = ?`);
    values.push(id);
  }
  for (const key of after) {
    conditions.push(`${place} < ?`);
    values.push(view === 'jobs' ? Number(key) : keyBytes(key));
  }
  const sql = `SELECT id FROM ${view} WHERE ${conditions.join(' AND ')}
    ORDER BY ${place} DESC LIMIT ${max}`;
  return db.all(sql, ...values).map(([id]) => Number(id));
}

function sqlColumn(column: ColdColumn): string {
  return column === 'from' || column === 'to' ? `${column}_peer` : column;
}

/**
 * The condition as alternatives (disjunctive normal form): each is a walk down one index in the
 * order of the page, where SQL would sort all that fits.
 */
function branchesOf(store: IndexView, test: RowTest): Branch[] | undefined {
  if ('after' in test) return [{ equal: new Map(), after: [test.after] }];
  if ('any' in test) {
    const all: Branch[] = [];
    for (const each of test.any) {
      const some = branchesOf(store, each);
      if (some === undefined || all.length + some.length > limits.index_branches_items)
        return undefined;
      all.push(...some);
    }
    return all;
  }
  if ('all' in test) {
    let all: Branch[] = [{ equal: new Map(), after: [] }];
    for (const each of test.all) {
      const some = branchesOf(store, each);
      if (some === undefined || all.length * some.length > limits.index_branches_items)
        return undefined;
      all = all.flatMap(one => some.flatMap(other => both(one, other)));
    }
    return all;
  }
  const ids = test.is.map(value => store.names.idOf(value)).filter(id => id !== undefined);
  return ids.map(id => ({ equal: new Map([[test.column, id]]), after: [] }));
}

/** None when a column cannot have both values. */
function both(a: Branch, b: Branch): Branch[] {
  const equal = new Map(a.equal);
  for (const [column, id] of b.equal) {
    if ((equal.get(column) ?? id) !== id) return [];
    equal.set(column, id);
  }
  return [{ equal, after: [...a.after, ...b.after] }];
}
