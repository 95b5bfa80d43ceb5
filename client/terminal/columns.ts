// A table whose columns are said once: a head, what stands below it, and whether it may be missing.
import { tableLines } from './table.js';

/** One column of a table. */
export interface Column<Row> {
  head: string;
  of(row: Row): string;
  /** Left out when no row has anything to say in it. */
  isOptional?: boolean;
}

/** The lines of the table; none for no rows. The last column gives way to `width`. */
export function columnLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): string[] {
  if (rows.length === 0) return [];
  const filled = columns.filter(({ isOptional, of }) => !isOptional || rows.some(of));
  return tableLines(
    filled.map(({ head }) => head),
    rows.map(row => filled.map(({ of }) => of(row))),
    width,
  );
}
