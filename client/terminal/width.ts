// How wide a text is on a screen, where wide characters count twice, and lines no wider than it.
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

const TAB = '    ';
/** Commands, addresses and credentials are left whole, to be copied. */
const TO_COPY = /^\s*(?:signalbox |node |https?:\/\/\S+$|token_\S+$)/;

/** Plain letters take a column each; the tables for all others take long to load. */
const PLAIN = /^[\x20-\x7e]*$/;

let graphemes: Intl.Segmenter | undefined;

/** The columns that a text takes; escape sequences take none. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** At most `width` columns, the last an ellipsis when something is missing. */
export function cut(text: string, width: number): string {
  // No character takes more than two columns for each of its units.
  if (text.length * 2 <= width || widthOf(text) <= width) return text;
  graphemes ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let kept = '';
  let taken = 0;
  for (const { segment } of graphemes.segment(text)) {
    taken += widthOf(segment);
    if (taken > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** Filled up with spaces to `width` columns. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The line in lines of at most `width` columns, each indented as the whole. */
export function fitted(line: string, width: number): string[] {
  if (!Number.isFinite(width)) return [line];
  const flat = line.replaceAll('\t', TAB);
  if (widthOf(flat) <= width || TO_COPY.test(flat)) return [flat];
  const [indent = ''] = /^ */.exec(flat) ?? [];
  const kept = indent.length * 2 < width ? indent : '';
  const room = width - kept.length;
  const text = wrapAnsi(flat.slice(indent.length), room, { hard: true, wordWrap: true });
  return text.split('\n').map(part => kept + part);
}

/** Every line of a text fitted. */
export function fittedText(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap(line => fitted(line, width))
    .join('\n');
}

/** Columns of the terminal that a stream is; unbounded when it is none, or does not know. */
export function columnsOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): number {
  if (!stream.isTTY) return Number.POSITIVE_INFINITY;
  // A terminal that does not know its width says 0.
  const told = [stream.columns, Number(env.COLUMNS)].filter(columns => columns > 0);
  return Math.min(...told);
}
