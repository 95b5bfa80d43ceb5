// Text made plain to whoever must judge it: what a screen would hide or turn around is spelled out.
import { clientLimits as limits } from '../../../schemas/limits-client.js';

// Whatever leaves no mark of its own, or moves others: controls, marks of direction, halves of
// characters, unassigned ones, spaces that are no plain space, and what is ignored when drawn.
const UNSEEN = /(?![\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;
// Marks are drawn over what stands before them; so many as to cover other lines serve no script.
const PILED = /(?<=\p{M}{4})\p{M}/gu;
const BLANKS = new RegExp(` {${limits.approval_blanks_chars},}`, 'g');
const EMPTY_LINES = /\n(?: *\n){3,}/g;

/**
 * The text with every character that could not be seen as `\u{202e}`; a gap that would push words
 * out of sight is told by its size. Lines are kept.
 */
export function visible(text: string): string {
  return text
    .replace(UNSEEN, spelt)
    .replace(PILED, spelt)
    .replace(BLANKS, gap => ` [${gap.length} spaces] `)
    .replace(EMPTY_LINES, gap => `\n[${gap.split('\n').length - 2} empty lines]\n`);
}

function spelt(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}
