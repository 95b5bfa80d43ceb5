// Truncation: a text cut short without leaving half a character.

/**
 * The first `chars` UTF-16 units of a text, never ending in half of a surrogate pair, so at times
 * one fewer. https://en.wikipedia.org/wiki/UTF-16
 */
export function firstChars(text: string, chars: number): string {
  const first = text.slice(0, chars);
  return first.isWellFormed() ? first : first.slice(0, -1);
}
