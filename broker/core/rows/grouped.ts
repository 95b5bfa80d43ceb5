// An index of rows by a key that several share; a key that has none any more is gone.

/** By key, then by the id of each row. */
export type Grouped<Row> = Map<string, Map<string, Row>>;

/** Puts a row under a key, in the place of the one of that id. */
export function enter<Row>(index: Grouped<Row>, key: string, id: string, row: Row): void {
  const rows = index.get(key);
  if (rows) rows.set(id, row);
  else index.set(key, new Map([[id, row]]));
}

/** Takes the row of an id from a key; does nothing where there is none. */
export function leave<Row>(index: Grouped<Row>, key: string, id: string): void {
  const rows = index.get(key);
  rows?.delete(id);
  if (rows?.size === 0) index.delete(key);
}
