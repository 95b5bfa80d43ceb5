// Size of what a model is shown: Codex counts a token for four bytes, and cuts out the middle.
import { firstChars } from '../../schemas/text-cut.js';

/** Bytes of a value in UTF-8, as JSON writes it: a quote or the end of a line counts twice. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** As much of a text's beginning as is within so many of these bytes, without half a character. */
export function firstJsonBytes(text: string, bytes: number): string {
  let first = firstChars(text, bytes);
  for (let size = jsonBytes(first); size > bytes; size = jsonBytes(first)) {
    const fewer = Math.floor((first.length * bytes) / size);
    first = firstChars(first, Math.min(fewer, first.length - 1));
    if (first === '') break;
  }
  return first;
}
