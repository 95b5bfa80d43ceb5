// Canonical order of rows in a snapshot where theirs means nothing: equal states are equal.

/**
 * The entries of a map by their keys, in the order of their code units: no locale has a say, so
 * every broker sorts alike.
 */
export function entriesByKey<Row>(rows: Iterable<[string, Row]>): [string, Row][] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The rows alone, in the order of `entriesByKey`. */
export function rowsByKey<Row>(rows: Iterable<[string, Row]>): Row[] {
  return entriesByKey(rows).map(([, row]) => row);
}
