// What a program holds of a view: its rows as they are, and the news of what changed.
import type { LiveRowTypes, LiveView } from '../../schemas/view.js';

/** A row of a view; with `fields` it has these columns alone. */
export type ViewRow<V extends LiveView> = LiveRowTypes[V];

/** What changed since the news before: the newest row of each key, null for one that left. */
export interface RowsNews<V extends LiveView> {
  /** The cursor that the rows are now true for. */
  at: string;
  /** True when these are all rows, in place of all that were told before. */
  anew: boolean;
  changes: (readonly [key: string, row: ViewRow<V> | null])[];
}

/** The rows of a view, by their keys. Whoever reads the news late misses no row, only its past. */
export interface LiveRows<V extends LiveView> extends AsyncIterableIterator<RowsNews<V>> {
  readonly rows: ReadonlyMap<string, ViewRow<V>>;
  /** What `rows` are true for; undefined while a part of them is still to come. */
  readonly cursor: string | undefined;
  return(): Promise<IteratorResult<RowsNews<V>>>;
}
