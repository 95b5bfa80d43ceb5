// Rows as aligned columns under a head, as wide as the terminal allows.
import { cut } from './safe.js';

const GAP = '  ';

/** One line for the head and one for each row; the last column gives way to `width`. */
export function tableLines(head: readonly string[], rows: readonly string[][], width: number) {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...all.map(row => [...(row[column] ?? '')].length)),
  );
  const before = widths.slice(0, -1).reduce((sum, column) => sum + column + GAP.length, 0);
  return all.map(row => {
    const cells = head.slice(0, -1).map((_, column) => {
      const cell = row[column] ?? '';
      return cell + ' '.repeat((widths[column] ?? 0) - [...cell].length);
    });
    const last = cut(row[head.length - 1] ?? '', Math.max(10, width - before));
    return [...cells, last].join(GAP).trimEnd();
  });
}
