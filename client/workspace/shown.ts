// Words of workspace files as a model is shown them: nothing that steers a screen or ends a fence.
import { safeText } from '../terminal/safe.js';

/**
 * The words without comments, escape sequences and bidirectional characters. Dashes are parted, as
 * the fence around the words of others is made of them.
 */
export function shownText(text: string): string {
  return safeText(text.replace(/^\ufeff/, '').replace(/<!--.*?(?:-->|$)/gs, ''))
    .replaceAll('---', '- - -')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The same on one line. */
export function shownLine(text: string): string {
  return shownText(text).replace(/\s+/g, ' ');
}
