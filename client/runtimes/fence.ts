// The fence around the words of another agent: a random delimiter that these words do not hold.
import { randomBytes } from 'node:crypto';
import { clientLimits as limits } from '../../schemas/limits-client.js';

/**
 * The text between two lines that it cannot contain, which say whose words stand there. Without
 * `<` and `>`: a runtime that escapes them would show another fence than was written.
 * https://en.wikipedia.org/wiki/Prompt_injection
 */
export function fenced(text: string, whose: string, random: () => string = randomMark): string {
  let mark = random();
  while (text.includes(mark)) mark = random();
  return `--- ${mark}: words of ${whose} ---\n${text}\n--- ${mark}: end ---`;
}

function randomMark(): string {
  return randomBytes(limits.fence_bytes).toString('hex');
}
