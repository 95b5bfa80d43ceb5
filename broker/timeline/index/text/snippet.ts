// The snippet of a hit: a line of its text around the words that were found, each of them marked.
import { limits } from '../../../../schemas/limits.js';
import { type Token, tokensOf } from '../../../core/log/tokens.js';
import type { Phrase, WordsQuery } from '../../../core/timeline-reads.js';

/** A found word stands between these. */
const OPEN = '[';
const CLOSE = ']';
const ELLIPSIS = '…';

interface Range {
  from: number;
  to: number;
}

export interface Snippet {
  snippet: string;
  /** Where the found words stand in it, without their brackets, in UTF-16 units. */
  marks: [from: number, to: number][];
}

/** Of the text with the most of what was asked for; of the first one when nothing was. */
export function snippetOf(texts: readonly string[], query: WordsQuery): Snippet {
  const phrases = query.all.flat();
  let best = { text: texts[0] ?? '', ranges: [] as Range[], kinds: 0 };
  for (const text of texts) {
    const { ranges, kinds } = foundIn(text, phrases);
    if (kinds > best.kinds) best = { text, ranges, kinds };
  }
  return cutAround(best.text, best.ranges);
}

function foundIn(text: string, phrases: readonly Phrase[]): { ranges: Range[]; kinds: number } {
  if (phrases.length === 0) return { ranges: [], kinds: 0 };
  const tokens = tokensOf(text);
  const ranges: Range[] = [];
  let kinds = 0;
  for (const phrase of phrases) {
    const before = ranges.length;
    for (let at = 0; at < tokens.length; at++) {
      if (stands(phrase, tokens, at)) {
        const last = tokens[at + phrase.words.length - 1]!;
        ranges.push({ from: tokens[at]!.from, to: last.to });
      }
    }
    if (ranges.length > before) kinds++;
  }
  return { ranges: merged(ranges), kinds };
}

function stands({ words, isPrefix }: Phrase, tokens: readonly Token[], at: number): boolean {
  return words.every((word, n) => {
    const token = tokens[at + n];
    if (token === undefined) return false;
    const isLast = n === words.length - 1;
    return isLast && isPrefix ? token.word.startsWith(word) : token.word === word;
  });
}

function merged(ranges: Range[]): Range[] {
  ranges.sort((a, b) => a.from - b.from);
  const all: Range[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    if (last !== undefined && range.from < last.to) last.to = Math.max(last.to, range.to);
    else all.push({ ...range });
  }
  return all;
}

function cutAround(text: string, ranges: readonly Range[]): Snippet {
  const wanted = Math.max(0, (ranges[0]?.from ?? 0) - limits.snippet_before_chars);
  const start = wanted === 0 ? 0 : boundaryAfter(text, wanted, ranges[0]!.from);
  const end = boundaryBefore(text, start + limits.snippet_chars);
  const marks: [number, number][] = [];
  let snippet = start > 0 ? ELLIPSIS : '';
  let at = start;
  for (const { from, to } of ranges) {
    if (to > end) break;
    snippet += `${oneLine(text.slice(at, from))}${OPEN}`;
    const begin = snippet.length;
    snippet += oneLine(text.slice(from, to));
    marks.push([begin, snippet.length]);
    snippet += CLOSE;
    at = to;
  }
  snippet += oneLine(text.slice(at, end)).trimEnd();
  return { snippet: end < text.length ? `${snippet}${ELLIPSIS}` : snippet, marks };
}

/** After a space near `from`, and never within a pair of surrogates. */
function boundaryAfter(text: string, from: number, before: number): number {
  const space = text.indexOf(' ', from);
  const at = space >= 0 && space < before ? space + 1 : from;
  return isLow(text, at) ? at + 1 : at;
}

function boundaryBefore(text: string, to: number): number {
  if (to >= text.length) return text.length;
  return isLow(text, to) ? to - 1 : to;
}

function isLow(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}

const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

function oneLine(text: string): string {
  return text.replace(CONTROLS, ' ');
}
