// The arguments as they were meant: without marks of Windows, and checked to be text.
import { readFileSync } from 'node:fs';
import { Failure } from '../terminal/exit.js';
import { decoded, plainText } from './reach/decode.js';

const REPLACED = '\ufffd';
const OWN_ARGUMENTS = '/proc/self/cmdline';

/** The arguments to parse. A Failure when one is no text: it would be sent as something else. */
export function plainArguments(argv: readonly string[]): string[] {
  if (argv.some(arg => arg.includes(REPLACED)) && isBroken()) {
    throw new Failure('usage', 'an argument is not UTF-8 text', {
      hint: 'set this terminal or script to UTF-8, or put the text into a file: --file FILE',
    });
  }
  return loneWait(argv.map(plainText));
}

/** Where the system does not show them, the characters may have been typed as they are. */
function isBroken(): boolean {
  try {
    return decoded(readFileSync(OWN_ARGUMENTS)) === undefined;
  } catch {
    return false;
  }
}

/**
 * The arguments with every `--wait` that no number follows moved behind the others: its value is
 * optional, and what comes next may be the peer or the text.
 */
export function loneWait(argv: readonly string[]): string[] {
  const stop = argv.indexOf('--');
  const end = stop === -1 ? argv.length : stop;
  const isLone = (arg: string, index: number) =>
    arg === '--wait' && !/^\d/.test(argv[index + 1] ?? '');
  const options = argv.slice(0, end);
  const lone = options.filter(isLone);
  const others = options.filter((arg, index) => !isLone(arg, index));
  return [...others, ...lone, ...argv.slice(end)];
}
