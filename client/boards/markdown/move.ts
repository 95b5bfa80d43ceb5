// Moves one item of a Markdown text: its box is another, or it stands under another heading.
import { isSameColumn, statusOf } from '../words.js';
import {
  boxFor,
  type ColumnHeading,
  goesOn,
  type MarkdownBoard,
  type MarkdownItem,
  markdownBoard,
} from './document.js';
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
  const [first, ...nested] = lines.slice(item.line, item.until);
  const moved = [withBox(first!, item, boxUnder(item, to.word)), ...nested];
  const at = placeUnder(board, to);
  const left = leftEmpty(board, item);
  const isLeft = (n: number) => (n < item.line || n >= item.until) && n !== left;
  const above = lines.slice(0, at).filter((_, n) => isLeft(n));
  const below = lines.slice(at).filter((_, n) => isLeft(at + n));
  const gap = needsGap(lines[at - 1], below[0]) ? [EMPTY] : [];
  const newline = newlineOf(lines);
  const whole = [...above, ...moved, ...gap, ...below];
  const ended = whole.map(line => ({ ...line, end: line.end || newline }));
  // A file without a newline at its end still has none.
  if (lines.at(-1)?.end === '') ended[ended.length - 1]!.end = '';
  return { text: joined(ended), line: above.length };
}

const EMPTY: MarkdownLine = { text: '', end: '', isInert: false };

/** Text that would go on with the item is kept apart from it, as is what stood apart before. */
function needsGap(above: MarkdownLine | undefined, below: MarkdownLine | undefined): boolean {
  return below !== undefined && isText(below) && (!isText(above) || goesOn(below));
}

/**
 * The empty line behind an item that leaves its column empty, where another stands before it: it
 * comes back with the next item. Undefined where there is none.
 */
function leftEmpty(board: MarkdownBoard, item: MarkdownItem): number | undefined {
  const { lines, items } = board;
  const { heading, line, until } = item;
  const isAlone = items.every(each => each.line === line || each.heading !== heading);
  const [above, gap, below] = [lines[line - 1], lines[until], lines[until + 1]];
  const isGap = gap !== undefined && !isText(gap);
  const isFirst = heading !== undefined && line === board.headings[heading]!.from + 1;
  const isApart = !isText(above) && isText(below);
  return isAlone && isFirst && isGap && isApart ? until : undefined;
}

/**
 * What was moved, read back; undefined where it is not as it was meant: another item or column
 * changed, text that goes along or stays behind, a fence that has no end.
 */
export function readBack(
  board: MarkdownBoard,
  item: MarkdownItem,
  column: string,
  { text, line }: MovedText,
): MarkdownItem | undefined {
  const after = markdownBoard(text);
  const now = after.items.find(each => each.line === line);
  const isSame = now?.title === item.title && now.column === column;
  const isWhole = now !== undefined && now.until - line === item.until - item.line;
  const isClosed = !board.lines.slice(item.line, item.until).some(({ isOpen }) => isOpen);
  if (!isSame || !isWhole || (board.headings.length > 0 && !isClosed)) return undefined;
  const isKept = restOf(board, item) === restOf(after, now);
  return isKept ? now : undefined;
}

/**
 * True where the same move made again would do nothing. Ids of one title are counted in the order
 * of the text: where the moved item now counts as another, its id means one that would be moved
 * next. Only of what is as done as it is does that not matter.
 */
export function isRepeatable(
  { id }: MarkdownItem,
  now: MarkdownItem,
  { text }: MovedText,
): boolean {
  if (now.id === id) return true;
  const heir = markdownBoard(text).items.find(each => each.id === id);
  return heir?.status === 'done' && now.status === 'done' && heir.column === now.column;
}

/** All other items and the columns, as one text. */
function restOf({ items, headings }: MarkdownBoard, own: MarkdownItem): string {
  const others = items.filter(each => each !== own);
  const words = others.map(({ column, before, box, after }) => [column, before, box, after]);
  return JSON.stringify([words, headings.map(({ word }) => word)]);
}

/** What is done is ticked; what no longer is, is not. */
function boxUnder({ box }: MarkdownItem, word: string): string {
  const status = statusOf(word);
  if (status === 'done') return box === '-' ? '-' : 'x';
  const isOver = box === 'x' || box === 'X' || box === '-';
  const isBegun = box === '~' || box === '/';
  return isOver || (isBegun && status === 'todo') ? ' ' : box;
}

/** Behind the last item under a heading, or as near to the heading as other items stand. */
function placeUnder({ lines, items, headings }: MarkdownBoard, to: ColumnHeading): number {
  const own = items.filter(({ heading }) => heading !== undefined && headings[heading] === to);
  const last = own.at(-1);
  if (last !== undefined) return last.until;
  const isFree = to.from < to.until && !isText(lines[to.from]);
  const isTight = items.some(({ heading, line }) => headings[heading ?? -1]?.from === line);
  return isFree && !isTight ? to.from + 1 : to.from;
}

function isText(line: MarkdownLine | undefined): boolean {
  return line !== undefined && line.text.trim() !== '';
}

function joined(lines: readonly MarkdownLine[]): string {
  return lines.map(({ text, end }) => `${text}${end}`).join('');
}
