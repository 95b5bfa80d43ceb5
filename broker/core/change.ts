// What a view says after an event, a change-data record: a row of its own that is different now.
import type { ViewRows } from './rows/table.js';

export type ViewName = keyof ViewRows;
export type RowOf<V extends ViewName> = ViewRows[V];

export interface ChangeOf<V extends ViewName> {
  view: V;
  key: string;
  /** The row as it is now; null when it is gone. */
  row: RowOf<V> | null;
}

/**
 * What a consumer is told of each commit: whole rows, in the order in which the events changed
 * them. https://en.wikipedia.org/wiki/Change_data_capture
 */
export type Change = { [V in ViewName]: ChangeOf<V> }[ViewName];

/** Narrows a change to those of one view, deletions (`row` is null) included. */
export function isOf<V extends ViewName>(change: Change, view: V): change is Change & ChangeOf<V> {
  return change.view === view;
}

/** The rows that are there of a view, as an event left them: what a later view goes by. */
export function rowsIn<V extends ViewName>(changes: readonly Change[], view: V): RowOf<V>[] {
  const rows: RowOf<V>[] = [];
  for (const change of changes)
    if (isOf(change, view) && change.row !== null) rows.push(change.row);
  return rows;
}
