// Rows as aligned columns under a head, no wider than the terminal allows.
import { cut, padTo, widthOf } from './width.js';

const GAP = '  ';
/** What a column keeps at least, and the last one, which gives way first. */
const LEAST = 6;
const LAST_LEAST = 10;

/** One line for the head and one for each row; the last column gives way to `width` first. */
export function tableLines(head: readonly string[], rows: readonly string[][], width: number) {
  const all = [head, ...rows];
  const last = head.length - 1;
  const natural = head.map((_, column) => Math.max(...all.map(row => widthOf(row[column] ?? ''))));
  const widths = shrunk(natural.slice(0, last), width - LAST_LEAST);
  const before = widths.reduce((sum, column) => sum + column + GAP.length, 0);
  return all.map(row => {
    const cells = widths.map((room, column) => padTo(cut(row[column] ?? '', room), room));
    const rest = cut(row[last] ?? '', Math.max(LAST_LEAST, width - before));
    return cut([...cells, rest].join(GAP).trimEnd(), width);
  });
}

/** The widest columns give way until all of them have room. */
function shrunk(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  for (;;) {
    const taken = widths.reduce((sum, column) => sum + column + GAP.length, 0);
    const widest = Math.max(...widths);
    if (taken <= width || widest <= LEAST) return widths;
    widths[widths.indexOf(widest)] = widest - 1;
  }
}
