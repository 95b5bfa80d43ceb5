// A Markdown text line by line: with their ends, and which of them are code, comment or raw HTML.
import { clientLimits as limits } from '../../../schemas/limits-client.js';

export interface MarkdownLine {
  /** Without its end. */
  text: string;
  /** How the line ends; nothing at the end of a file without a last newline. */
  end: string;
  /** True within a fence, a comment, front matter and the like: no item and no heading. */
  isInert: boolean;
  /** The line that opened the fence, comment and the like in which this line stands. */
  begun?: number;
  /** True where that is never closed. */
  isOpen?: boolean;
}

/** What goes on over several lines, until a line fits. */
interface Region {
  isLast(text: string): boolean;
}

const FENCE = /^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(?<mark>`{3,}|~{3,})(?<info>.*)$/;
const RAW = /^ {0,3}<(?<tag>pre|script|style|textarea)(?=[\s>]|$)/i;
const BOM = '\ufeff';

/** The lines; joined again they are the text, byte by byte. */
export function markdownLines(text: string): MarkdownLine[] {
  const raw = text.split(/(?<=\n)/);
  const lines = raw.map((line): MarkdownLine => {
    const [end = ''] = /\r?\n$/.exec(line) ?? [];
    return { text: line.slice(0, line.length - end.length), end, isInert: false };
  });
  const ends = { '-->': lastWith(lines, '-->'), '%%': lastWith(lines, '%%') };
  let region: Region | undefined = frontMatter(lines);
  let opened = 0;
  for (const [n, line] of lines.entries()) {
    if (region !== undefined) {
      line.isInert = true;
      line.begun = opened;
      // The first line of front matter is its own mark.
      if (n > 0 && region.isLast(line.text)) region = undefined;
      continue;
    }
    const begun = regionAt(lines, n, ends);
    if (begun === undefined) continue;
    line.isInert = begun.isWhole;
    region = begun.region;
    opened = n;
  }
  if (region !== undefined) for (const line of lines.slice(opened)) line.isOpen = true;
  return lines;
}

/** How wide the white space before a line is; a tab goes to the next multiple of four. */
export function indentOf(text: string): number {
  let width = 0;
  for (const char of text.replace(BOM, '')) {
    if (char === ' ') width += 1;
    else if (char === '\t') width += 4 - (width % 4);
    else break;
  }
  return width;
}

/** The end of most lines of the text. */
export function newlineOf(lines: readonly MarkdownLine[]): string {
  const windows = lines.filter(({ end }) => end === '\r\n').length;
  return windows * 2 > lines.length ? '\r\n' : '\n';
}

function frontMatter(lines: readonly MarkdownLine[]): Region | undefined {
  const isRule = (text: string) => /^(?:---|\.\.\.)\s*$/.test(text);
  const [first] = lines;
  if (first === undefined || !/^---\s*$/.test(first.text.replace(BOM, ''))) return undefined;
  return lines.slice(1).some(({ text }) => isRule(text)) ? { isLast: isRule } : undefined;
}

/** What begins at a line; `isWhole` where the line itself is part of it. */
function regionAt(
  lines: readonly MarkdownLine[],
  n: number,
  ends: Ends,
): { region?: Region; isWhole: boolean } | undefined {
  const { text } = lines[n]!;
  const fence = FENCE.exec(text)?.groups;
  if (fence !== undefined && !(fence.mark!.startsWith('`') && fence.info!.includes('`'))) {
    const [char = '', length] = [fence.mark![0], fence.mark!.length];
    const isLast = (line: string) => {
      const mark = line.trim();
      return mark.length >= length && mark === char.repeat(mark.length);
    };
    return { region: { isLast }, isWhole: true };
  }
  const tag = RAW.exec(text)?.groups?.tag?.toLowerCase();
  if (tag !== undefined) {
    const isLast = (line: string) => line.toLowerCase().includes(`</${tag}>`);
    return isLast(text) ? { isWhole: true } : { region: { isLast }, isWhole: true };
  }
  const isClosed = (mark: keyof Ends) => ends[mark] > n;
  return commentAt(text, '<!--', '-->', isClosed) ?? commentAt(text, '%%', '%%', isClosed);
}

/** The last line that holds each end of a comment. */
type Ends = Record<'-->' | '%%', number>;

function lastWith(lines: readonly MarkdownLine[], mark: string): number {
  return lines.findLastIndex(({ text }) => text.includes(mark));
}

/** A comment that goes on behind its line; one without an end is none, unless it begins a line. */
function commentAt(
  line: string,
  begin: string,
  end: keyof Ends,
  isClosed: (end: keyof Ends) => boolean,
): { region?: Region; isWhole: boolean } | undefined {
  if (!line.includes(begin)) return undefined;
  const text = withoutCode(line);
  const isWhole = text.trimStart().startsWith(begin);
  let at = text.indexOf(begin);
  for (let close = 0; at >= 0; at = text.indexOf(begin, close)) {
    close = text.indexOf(end, at + begin.length);
    if (close < 0) break;
    close += end.length;
  }
  if (at < 0) return isWhole ? { isWhole } : undefined;
  if (!isClosed(end) && !(isWhole && end === '-->')) return undefined;
  return { region: { isLast: each => each.includes(end) }, isWhole };
}

/** A line without what is quoted in it as code, between two marks of one length. */
export function withoutCode(line: string): string {
  if (line.length > limits.board_words_chars || !line.includes('`')) return line;
  const marks = [...line.matchAll(/`+/g)];
  const nextOf = new Map<number, number>();
  // Where the next mark of the same length stands, looked up once for all.
  const closing = marks.map(() => -1);
  for (let n = marks.length - 1; n >= 0; n--) {
    const { length } = marks[n]![0];
    closing[n] = nextOf.get(length) ?? -1;
    nextOf.set(length, n);
  }
  let said = '';
  let at = 0;
  for (let n = 0; n < marks.length; n++) {
    const close = closing[n]!;
    if (close < 0) continue;
    said += `${line.slice(at, marks[n]!.index)} `;
    at = marks[close]!.index + marks[close]![0].length;
    n = close;
  }
  return said + line.slice(at);
}
