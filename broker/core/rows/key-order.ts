// Rows sorted by key, for a snapshot of those whose order means nothing: equal states are equal.

/** The entries of a map by their keys, in the order of their code units. */
export function entriesByKey<Row>(rows: Iterable<[string, Row]>): [string, Row][] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

export function rowsByKey<Row>(rows: Iterable<[string, Row]>): Row[] {
  return entriesByKey(rows).map(([, row]) => row);
}
