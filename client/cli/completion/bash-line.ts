// The words of an unfinished line of bash, and words as bash is to insert them there.

/** The last word of a line, as it was typed and as it is meant. */
interface LastWord {
  raw: string;
  /** The quote that is still open in it. */
  quote: '"' | "'" | '';
}

/** The words of a line, quotes and backslashes undone, nothing expanded; the last one apart. */
export function splitLine(line: string): { words: string[]; last: LastWord } {
  const words: string[] = [];
  let [word, isWord] = ['', false];
  let last: LastWord = { raw: '', quote: '' };
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] ?? '';
    const { quote } = last;
    if (quote === '' && /\s/.test(letter)) {
      if (isWord) words.push(word);
      [word, isWord, last] = ['', false, { raw: '', quote: '' }];
      continue;
    }
    isWord = true;
    last.raw += letter;
    const isEscape = letter === '\\' && quote !== "'";
    const next = line[at + 1] ?? '';
    if (letter === quote) last.quote = '';
    else if (quote === '' && (letter === '"' || letter === "'")) last.quote = letter;
    else if (isEscape && (quote === '' || /["\\$`]/.test(next))) {
      word += next;
      last.raw += next;
      at += 1;
    } else word += letter;
  }
  return { words: [...words, word], last };
}

/**
 * A value as bash is to insert it in the place of `current`, which is what it takes for the word:
 * the end of what was typed, behind a colon or an equals sign. Undefined where that cannot be.
 */
export function insertedBy(value: string, last: LastWord, current: string): string | undefined {
  const kept = last.raw.endsWith(current) ? last.raw.slice(0, -current.length || undefined) : '';
  const before = splitLine(kept).words.at(-1) ?? '';
  if (!value.startsWith(before)) return undefined;
  const rest = value.slice(before.length);
  switch (last.quote) {
    case "'":
      return rest.replaceAll("'", "'\\''");
    case '"':
      return rest.replaceAll(/["\\$`]/g, '\\$&');
    case '':
      // A tilde or a mark of comments counts at the beginning alone, and does no harm escaped.
      return rest.replaceAll(/[^\p{L}\p{N}\p{M}_@%+=:,./-]/gu, '\\$&');
  }
}
