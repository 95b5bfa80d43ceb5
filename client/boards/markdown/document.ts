// A Markdown board: the items of a text, and its columns, which are headings or else boxes.
import { createHash } from 'node:crypto';
import type { BoardStatus } from '../../../schemas/events/board.js';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { BoardItem } from '../board.js';
import { cleanLine, statusOf } from '../words.js';
import { type ItemWords, itemWords, withoutLinks } from './item-words.js';
import { indentOf, type MarkdownLine, markdownLines } from './lines.js';

/** An item and its place. */
export interface MarkdownItem extends BoardItem {
  /** Its first line, from 0, and the line behind its last. */
  line: number;
  until: number;
  indent: number;
  before: string;
  box: string;
  after: string;
  /** The heading it stands under, in `columnsAt`; undefined where boxes are the columns. */
  heading?: number | undefined;
}

/** A heading that is a column. */
export interface ColumnHeading {
  word: string;
  /** The line behind it, and that behind all that stands under it. */
  from: number;
  until: number;
  /** The line of the heading above its kind, which several columns may share. */
  section: number;
}

export interface MarkdownBoard {
  lines: MarkdownLine[];
  items: MarkdownItem[];
  /** Empty where boxes are the columns. */
  headings: ColumnHeading[];
  columns: string[];
}

/** A box by its mark: its word, and what that comes to. */
const boxes: Readonly<Record<string, { word: string; status: BoardStatus }>> = {
  ' ': { word: 'to do', status: 'todo' },
  '~': { word: 'in progress', status: 'in_progress' },
  '/': { word: 'in progress', status: 'in_progress' },
  x: { word: 'done', status: 'done' },
  X: { word: 'done', status: 'done' },
  '-': { word: 'cancelled', status: 'done' },
};

const ITEM =
  /^(?<before>\ufeff?[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[)(?<box>[ ~/xX-])(?<after>\][ \t].*)$/;
const LIST = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const HEADING = /^\ufeff? {0,3}(?<marks>#{1,6})[ \t]+(?<words>\S.*)$/;

/** Reads a text. */
export function markdownBoard(text: string): MarkdownBoard {
  const lines = markdownLines(text);
  const headings = columnsAmong(headingsIn(lines), lines.length);
  const found = boxLines(lines).flatMap(({ line, indent, parts }) => {
    const words = itemWords((parts.after ?? '').slice(1));
    return words.title === '' ? [] : [{ line, indent, parts, words }];
  });
  const ids = new Ids();
  const items: MarkdownItem[] = [];
  let heading = -1;
  let below = 0;
  for (const [n, { line, indent, parts, words }] of found.entries()) {
    while ((headings[heading + 1]?.from ?? Infinity) <= line) heading += 1;
    const under = line < (headings[heading]?.until ?? 0) ? headings[heading] : undefined;
    // Under a heading what is nested is part of what it is nested in, else an item of its own.
    if (headings.length > 0 && line < below) continue;
    const end = headings.length > 0 ? lines.length : (found[n + 1]?.line ?? lines.length);
    const until = blockEnd(lines, line, indent, end);
    below = until;
    const { before = '', box = ' ', after = '' } = parts;
    const { word, status } = boxes[box] ?? boxes[' ']!;
    const column = headings.length > 0 ? (under?.word ?? '') : undefined;
    const meant = column === undefined || status === 'done' ? 'unknown' : statusOf(column);
    items.push({
      ...{ id: ids.of(words), title: words.title, owners: words.owners, labels: words.labels },
      ...{ status: meant === 'unknown' ? status : meant, column: column ?? word },
      ...{ links: words.links, blocked_by: words.waits, revision: '' },
      ...(words.priority !== undefined && { priority: words.priority }),
      ...(words.links[0] !== undefined && { url: words.links[0] }),
      ...{ line, until, indent, before, box, after, heading: under && heading },
    });
  }
  const done = new Set<string>();
  // Of several of one name the first is meant.
  const named = new Set<string>();
  for (const { id, title, status } of items) {
    for (const name of [id, title.toLowerCase()]) {
      if (status === 'done' && !named.has(name)) done.add(name);
      named.add(name);
    }
  }
  for (const item of items) finish(item, done, lines);
  const used = [...new Set(items.map(({ box }) => boxes[box]?.word ?? ''))];
  const own = ['to do', 'in progress', 'done', ...used.filter(word => word === 'cancelled')];
  const columns = headings.length > 0 ? [...new Set(headings.map(({ word }) => word))] : own;
  return { lines, items, headings, columns };
}

/** The box that stands for a column of a board whose columns are boxes. */
export function boxFor(column: string, { items }: MarkdownBoard): string {
  const status = statusOf(column);
  if (column === 'cancelled') return '-';
  if (status === 'done') return 'x';
  if (status === 'todo') return ' ';
  return items.some(({ box }) => box === '/') && !items.some(({ box }) => box === '~') ? '/' : '~';
}

/** What waits for an item that is done waits no more. */
function finish(item: MarkdownItem, done: ReadonlySet<string>, lines: MarkdownLine[]): void {
  const isDone = (wait: string) =>
    done.has(
      wait
        .replace(/^\^/, '')
        .replace(/^["“]|["”]$/g, '')
        .toLowerCase(),
    );
  item.blocked_by = item.blocked_by.filter(wait => !isDone(wait)).map(wait => cleanLine(wait));
  const own = lines.slice(item.line, item.until).map(({ text }) => text);
  item.revision = digest([item.column, ...own].join('\n'), limits.board_revision_chars);
}

/** Ids: what an author called it, or else its title, short, with a digest of it. */
class Ids {
  readonly #used = new Map<string, number>();

  of({ anchor, title }: ItemWords): string {
    const slug = title
      .normalize('NFKD')
      .toLowerCase()
      .replace(/\p{M}/gu, '')
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .slice(0, limits.board_slug_chars)
      .replace(/^-+|-+$/g, '')
      .replace(/[\ud800-\udbff]$/, '');
    const id = anchor ?? `${slug || 'item'}-${digest(title, limits.board_hash_chars)}`;
    const times = 1 + (this.#used.get(id) ?? 0);
    this.#used.set(id, times);
    return times === 1 ? id : `${id}.${times}`;
  }
}

function digest(text: string, chars: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, chars);
}

interface BoxLine {
  line: number;
  indent: number;
  parts: Partial<Record<string, string>>;
}

/** Boxes in lists. What stands four columns in is code, unless it is nested in a list. */
function boxLines(lines: readonly MarkdownLine[]): BoxLine[] {
  const found: BoxLine[] = [];
  let isInList = false;
  let wasBlank = true;
  for (const [line, { text, isInert }] of lines.entries()) {
    if (isInert) continue;
    const isBlank = text.trim() === '';
    const indent = indentOf(text);
    const isList = LIST.test(text.replace('\ufeff', ''));
    if (isList && indent < CODE_COLUMNS) isInList = true;
    else if (!isBlank && indent === 0 && !isList && (wasBlank || HEADING.test(text))) {
      isInList = false;
    }
    wasBlank = isBlank;
    if (indent >= CODE_COLUMNS && !isInList) continue;
    const parts = ITEM.exec(text)?.groups;
    if (parts !== undefined) found.push({ line, indent, parts });
  }
  return found;
}

const CODE_COLUMNS = 4;

/** An item ends before what stands no further in than it does itself. */
function blockEnd(
  lines: readonly MarkdownLine[],
  first: number,
  indent: number,
  end: number,
): number {
  let until = first + 1;
  for (let n = until; n < end; n++) {
    const line = lines[n]!;
    const isBlank = line.text.trim() === '';
    if (isBlank && !line.isInert) continue;
    // A fence or comment that the item has opened is its own to the end, however it stands.
    const isOwn = line.begun !== undefined && line.begun >= first;
    const isLazy = until === n && goesOn(line) && !line.text.trimStart().startsWith('<');
    if (!isOwn && !isLazy && indentOf(line.text) <= indent) break;
    until = n + 1;
  }
  return until;
}

/** True for a line that goes on with the paragraph above it without being indented. */
export function goesOn({ text, isInert }: MarkdownLine): boolean {
  const isText = text.trim() !== '' && !isInert;
  return isText && !LIST.test(text) && !HEADING.test(text) && !RULE.test(text);
}

const RULE = /^ {0,3}(?:[-*_=][ \t]*){3,}$/;

interface Heading {
  line: number;
  from: number;
  level: number;
  word: string;
}

function headingsIn(lines: readonly MarkdownLine[]): Heading[] {
  const found: Heading[] = [];
  for (const [line, { text, isInert }] of lines.entries()) {
    if (isInert) continue;
    const { marks, words = '' } = HEADING.exec(text)?.groups ?? {};
    if (marks !== undefined) {
      const word = headingWord(words.replace(/[ \t]#+[ \t]*$/, ''));
      found.push({ line, from: line + 1, level: marks.length, word });
    }
    const below = lines[line + 1];
    const isText = text.trim() !== '' && !LIST.test(text) && indentOf(text) < CODE_COLUMNS;
    const under = below?.isInert === false ? /^ {0,3}(=+|-+)[ \t]*$/.exec(below.text) : null;
    if (marks === undefined && isText && under !== null) {
      const level = under[1]?.startsWith('=') ? 1 : 2;
      found.push({ line, from: line + 2, level, word: headingWord(text) });
    }
  }
  return found;
}

function headingWord(words: string): string {
  return cleanLine(withoutLinks(words).replace(/[*_`]+/g, ''));
}

/** Headings are columns where two of one level say so by their words. */
function columnsAmong(headings: readonly Heading[], end: number): ColumnHeading[] {
  const said = new Map<number, Set<BoardStatus>>();
  for (const { level, word } of headings) {
    const status = statusOf(word);
    if (status !== 'unknown') said.set(level, (said.get(level) ?? new Set()).add(status));
  }
  const level = [1, 2, 3, 4, 5, 6].find(each => (said.get(each)?.size ?? 0) >= 2);
  if (level === undefined) return [];
  const columns: ColumnHeading[] = [];
  let section = -1;
  for (const heading of headings) {
    const last = columns.at(-1);
    if (heading.level <= level && last?.until === end) last.until = heading.line;
    if (heading.level < level) section = heading.line;
    const { word, from } = heading;
    if (heading.level === level) columns.push({ word, from, until: end, section });
  }
  return columns;
}
