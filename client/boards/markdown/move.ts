// Moves one item of a Markdown text: its box is another, or it stands under another heading.
import { isSameColumn, statusOf } from '../words.js';
import { boxFor, type ColumnHeading, type MarkdownBoard, type MarkdownItem } from './document.js';
import { type MarkdownLine, newlineOf } from './lines.js';

/** The text after the move, and the line on which the item stands then. */
export interface MovedText {
  text: string;
  line: number;
}

/** Every other line of the text stays as it is, and in its order. */
export function movedText(board: MarkdownBoard, item: MarkdownItem, column: string): MovedText {
  if (board.headings.length === 0) return boxed(board, item, boxFor(column, board));
  return carried(board, item, headingFor(board, item, column));
}

function boxed({ lines }: MarkdownBoard, item: MarkdownItem, box: string): MovedText {
  const changed = lines.map((line, n) => (n === item.line ? withBox(line, item, box) : line));
  return { text: joined(changed), line: item.line };
}

function withBox(line: MarkdownLine, { before, after }: MarkdownItem, box: string): MarkdownLine {
  return { ...line, text: `${before}${box}${after}` };
}

/** Of columns with one word the one in the same section. */
function headingFor(board: MarkdownBoard, item: MarkdownItem, column: string): ColumnHeading {
  const { headings } = board;
  const section = item.heading === undefined ? undefined : headings[item.heading]?.section;
  const like = headings.filter(({ word }) => isSameColumn(word, column));
  return like.find(each => each.section === section) ?? like[0]!;
}

/** The item with all that is nested in it goes behind the last one under the heading. */
function carried(board: MarkdownBoard, item: MarkdownItem, to: ColumnHeading): MovedText {
  const { lines } = board;
  const block = lines.slice(item.line, item.until);
  const [first, ...nested] = block;
  const box = boxUnder(item, to.word);
  const moved = [withBox(first!, item, box), ...nested];
  const at = placeUnder(board, to);
  const newline = newlineOf(lines);
  const above = lines.slice(0, at).filter((_, n) => n < item.line || n >= item.until);
  const below = lines.slice(at).filter((_, n) => at + n < item.line || at + n >= item.until);
  const isLast = below.length === 0 && (lines.at(-1)?.end === '' || above.at(-1)?.end === '');
  const ended = moved.map(line => ({ ...line, end: line.end || newline }));
  const before = above.map((line, n) =>
    n === above.length - 1 && line.end === '' && line.text !== ''
      ? { ...line, end: newline }
      : line,
  );
  // A file without a newline at its end still has none.
  if (isLast) ended[ended.length - 1] = { ...ended.at(-1)!, end: '' };
  const needsGap = isText(below[0]) && !isText(lines[at - 1]);
  const gap = needsGap ? [{ text: '', end: newline, isInert: false }] : [];
  return { text: joined([...before, ...ended, ...gap, ...below]), line: before.length };
}

/** What is done is ticked; what no longer is, is not. */
function boxUnder({ box }: MarkdownItem, word: string): string {
  const status = statusOf(word);
  if (status === 'done') return box === '-' ? '-' : 'x';
  const isOver = box === 'x' || box === 'X' || box === '-';
  const isBegun = box === '~' || box === '/';
  return isOver || (isBegun && status === 'todo') ? ' ' : box;
}

/** Behind the last item under a heading, or behind the heading and the empty lines below it. */
function placeUnder({ lines, items, headings }: MarkdownBoard, to: ColumnHeading): number {
  const own = items.filter(({ heading }) => heading !== undefined && headings[heading] === to);
  const last = own.at(-1);
  if (last !== undefined) return last.until;
  let at = to.from;
  if (at < to.until && lines[at]?.text.trim() === '') at += 1;
  return at;
}

function isText(line: MarkdownLine | undefined): boolean {
  return line !== undefined && line.text.trim() !== '';
}

function joined(lines: readonly MarkdownLine[]): string {
  return lines.map(({ text, end }) => `${text}${end}`).join('');
}
