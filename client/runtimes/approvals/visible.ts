// Text made plain to whoever must judge it: what a screen would hide or turn around is spelled out.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { firstChars } from '../../../schemas/text-cut.js';

// Whatever leaves no mark of its own, or moves others: controls, marks of direction, halves of
// characters, unassigned ones, spaces that are no plain space, and what is ignored when drawn.
const UNSEEN = /(?![\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const BLANKS = new RegExp(` {${limits.approval_blanks_chars},}`, 'g');
const EMPTY_LINES = /\n(?: *\n){3,}/g;

/**
 * The text with every character that could not be seen as `\u{202e}`; a gap that would push words
 * out of sight is told by its size. Lines are kept.
 */
export function visible(text: string): string {
  return text
    .replace(UNSEEN, char => `\\u{${char.codePointAt(0)!.toString(16)}}`)
    .replace(BLANKS, gap => ` [${gap.length} spaces] `)
    .replace(EMPTY_LINES, gap => `\n[${gap.split('\n').length - 2} empty lines]\n`);
}

/**
 * As much of it as fits into so many characters: its begin and its end, as what is appended is
 * what surprises, and between them how much is not shown.
 */
export function shortened(text: string, chars: number): string {
  // What is far too long is cut before it is looked at closely.
  const shown = text.length <= chars ? visible(text) : undefined;
  if (shown !== undefined && shown.length <= chars) return shown;
  const head = firstChars(visible(firstChars(text, chars)), Math.floor(chars * 0.6));
  const end = visible(text.slice(-chars)).slice(-Math.floor(chars * 0.3));
  const note = `[NOT SHOWN WHOLE: ${text.length} characters in all; those left out would run too]`;
  return `${head}\n${note}\n${end.replace(/^[\udc00-\udfff]/, '')}`;
}
