// Other peers' text made harmless for a terminal: it may neither steer it nor turn it around.
import { stripVTControlCharacters } from 'node:util';
import { cut } from './width.js';

// Tabs and lines stay. Beside what steers and turns around: the byte order mark, and the tag
// characters, which hide text in plain sight.
const STEERING = /(?![\t\n])\p{Cc}|\p{Bidi_Control}|\ufeff|[\u{e0000}-\u{e007f}]/gu;

/** The text without escape sequences, control and bidirectional characters; lines are kept. */
export function safeText(text: string): string {
  // A lone carriage return would let a text paint over what stands before it.
  const lines = text.replace(/\r\n?|\u2028|\u2029/g, '\n');
  return stripVTControlCharacters(lines).replace(STEERING, '');
}

/** The text on one line of at most `width` columns. */
export function oneLine(text: string, width: number): string {
  return cut(safeText(text).replace(/\s+/g, ' ').trim(), width);
}
