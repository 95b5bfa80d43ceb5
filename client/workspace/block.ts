// The marked block of ours in a text file of somebody else: found, put in, brought up to date.

const BEGIN = '<!-- signalbox: begin. `signalbox orchestrator update` keeps this part -->';
const END = '<!-- signalbox: end -->';

/** The block as it stands in a text; damaged where the marks do not enclose one text. */
export type FoundBlock =
  | { is: 'none' }
  | { is: 'damaged'; why: string }
  | { is: 'there'; inner: string; from: number; to: number };

/** Looks for the marks, each on a line of its own. */
export function blockIn(text: string): FoundBlock {
  const begins = [...text.matchAll(/^<!-- signalbox: begin\b.*-->\r?\n/gm)];
  const ends = [...text.matchAll(/^<!-- signalbox: end -->\r?$/gm)];
  const [begin, end] = [begins[0], ends[0]];
  if (begin === undefined && end === undefined) return { is: 'none' };
  if (begins.length > 1 || ends.length > 1) return { is: 'damaged', why: 'a mark stands twice' };
  if (begin === undefined) return { is: 'damaged', why: 'the mark of its begin is gone' };
  if (end === undefined) return { is: 'damaged', why: 'the mark of its end is gone' };
  const from = begin.index + begin[0].length;
  if (end.index < from) return { is: 'damaged', why: 'its end stands above its begin' };
  return { is: 'there', inner: text.slice(from, end.index), from, to: end.index };
}

/** A text with the block behind its end; every byte that was there stays. */
export function withBlock(text: string | undefined, inner: string): string {
  const block = `${BEGIN}\n${inner}${END}\n`;
  if (text === undefined || text === '') return block;
  const gap = text.endsWith('\n') ? '\n' : '\n\n';
  return text + asIn(text, gap + block);
}

/** A text with another block in the place of that which was found. */
export function withInner(text: string, inner: string, at: { from: number; to: number }): string {
  return text.slice(0, at.from) + asIn(text, inner) + text.slice(at.to);
}

/** With the line ends of a text. */
export function asIn(text: string, lines: string): string {
  return /\r\n/.test(text) ? lines.replace(/\r?\n/g, '\r\n') : lines;
}

/** Whatever git or an editor made of the line ends is no change. */
export function plainText(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
