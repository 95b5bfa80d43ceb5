// The query language of the search: what people type, read so that no text is an error.
import { limits } from '../../../schemas/limits.js';
import type { Phrase, WordsQuery } from '../timeline-reads.js';
import { tokensOf } from './tokens.js';

const TERM = /(-?)(?:"([^"]*)(?:"|$)|([^\s"]+))(\*?)/gu;

/**
 * Reads words, `"phrases"`, `prefix*`, `this OR that` and `-not`; every other sign only divides
 * words. Undefined when there are more than `limits.search_words_items` words.
 */
export function readQuery(text: string): WordsQuery | undefined {
  const all: Phrase[][] = [];
  const none: Phrase[] = [];
  let isOr = false;
  let count = 0;
  for (const [, minus, quoted, bare = '', star] of text.matchAll(TERM)) {
    if (bare === 'OR' && minus === '') {
      isOr = all.length > 0;
      continue;
    }
    const phrase = phraseOf(quoted ?? bare, star !== '' || bare.endsWith('*'));
    if (phrase === undefined) continue;
    count += phrase.words.length;
    if (count > limits.search_words_items) return undefined;
    if (minus !== '') none.push(phrase);
    else if (isOr) all.at(-1)?.push(phrase);
    else all.push([phrase]);
    isOr = false;
  }
  return { all, none };
}

function phraseOf(text: string, isPrefix: boolean): Phrase | undefined {
  const tokens = tokensOf(text);
  const last = tokens.at(-1);
  if (last === undefined) return undefined;
  // The last character of a run stands alone only at the end of one.
  const isAfterPair = tokens.at(-2)?.isPair === true && tokens.at(-2)!.to === last.to;
  if (isAfterPair) return { words: tokens.slice(0, -1).map(({ word }) => word), isPrefix: false };
  const isLoneChar = last.isPair !== true && isUndivided(last.word);
  return { words: tokens.map(({ word }) => word), isPrefix: isPrefix || isLoneChar };
}

const LONE =
  /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]$/u;

function isUndivided(word: string): boolean {
  return LONE.test(word);
}
