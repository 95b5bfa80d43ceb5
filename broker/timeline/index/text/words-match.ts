// What is asked for in words, as a condition of FTS5.
import type { Phrase, WordsQuery } from '../../../core/timeline-reads.js';

/** As a condition of FTS5 on the column `words`; undefined when nothing is wanted of it. */
export function matchOf({ all, none }: WordsQuery): { wanted?: string; barred?: string } {
  const wanted = all.map(phrases => `(${phrases.map(termOf).join(' OR ')})`).join(' AND ');
  const barred = none.map(termOf).join(' OR ');
  return {
    ...(wanted !== '' && { wanted: `{words} : (${wanted})` }),
    ...(barred !== '' && { barred: `{words} : (${barred})` }),
  };
}

/** Letters, digits and pictures only: there is nothing in a token that FTS5 reads otherwise. */
function termOf({ words, isPrefix }: Phrase): string {
  return `"${words.join(' ')}"${isPrefix ? ' *' : ''}`;
}
