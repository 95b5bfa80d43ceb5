// The tokenizer: words of any script, folded to one spelling, with their places in the text.
import { limits } from '../../../schemas/limits.js';

/** A word as the index has it, and which characters of the text it stands for. */
export interface Token {
  word: string;
  from: number;
  to: number;
  /** True for a pair of characters of a script that does not divide words. */
  isPair?: true;
}

// Scripts that put no spaces between words, and Hangul, whose words carry their endings.
const UNDIVIDED =
  '\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}ー';
const LETTER = '\\p{L}\\p{N}\\p{M}';
const PICTURE = '\\p{RI}\\p{RI}|[\\p{Extended_Pictographic}--[©®™0-9]]';
const WORDS = new RegExp(`([${UNDIVIDED}]+)|([[${LETTER}]--[${UNDIVIDED}]]+)|(${PICTURE})`, 'gv');
const PLAIN = /^[\x20-\x7e\s]*$/;
const PLAIN_WORDS = /[A-Za-z0-9]+/g;
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * The words of a text, in order. Case and accents are folded away (NFKD). A run of a script without
 * spaces becomes each two neighbours and its last character, so that any part of it is found as a
 * phrase; an emoji is a word.
 * https://www.unicode.org/reports/tr29/#Word_Boundaries
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  if (PLAIN.test(text)) {
    for (const { 0: word, index: from } of text.matchAll(PLAIN_WORDS)) {
      const to = from + word.length;
      tokens.push({ word: word.slice(0, limits.word_chars).toLowerCase(), from, to });
    }
    return tokens;
  }
  for (const found of text.matchAll(WORDS)) {
    const [whole, run] = found;
    const from = found.index;
    if (run === undefined) {
      const word = cut(folded(whole));
      if (word !== '') tokens.push({ word, from, to: from + whole.length });
    } else pushPairs(tokens, run, from);
  }
  return tokens;
}

function pushPairs(tokens: Token[], run: string, start: number): void {
  const chars = Array.from(run);
  let from = start;
  for (const [n, char] of chars.entries()) {
    const next = chars[n + 1];
    const to = from + char.length + (next?.length ?? 0);
    const word = cut(folded(char + (next ?? '')));
    if (word !== '') tokens.push({ word, from, to, ...(next !== undefined && { isPair: true }) });
    from += char.length;
  }
}

function folded(word: string): string {
  return word.normalize('NFKD').replace(ACCENTS, '').normalize('NFC').toLowerCase();
}

/** The half of a surrogate pair that a cut leaves behind would spoil the whole text for SQLite. */
function cut(word: string): string {
  return word.length <= limits.word_chars ? word : word.slice(0, limits.word_chars).toWellFormed();
}
