// Options and arguments that several verbs share, and how their values are read.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { durationSeconds } from './show/times.js';

/** Seconds, or true for as long as it takes. */
export type Wait = number | true;

export interface TextOptions {
  file?: string;
}

export function seconds(text: string): number {
  const value = durationSeconds(text);
  if (value !== undefined) return value;
  throw new InvalidArgumentError('Write a time as 90s, 10m, 2h or 3d.');
}

export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}

export function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError('Write a port from 0 to 65535.');
}

export function commaList(text: string): string[] {
  return text.split(',').filter(item => item !== '');
}

export function waitOption(what: string): Option {
  return new Option('--wait [time]', `${what}; at most 90s, 10m, 2h …`).argParser(seconds);
}

/** The text as words, as a file, or from stdin. */
export function withText(verb: Command): Command {
  return verb
    .argument('[text...]', 'the words; a last word - reads stdin')
    .option('-f, --file <file>', 'take the text from a file, below the words');
}

export function examples(...lines: string[]): string {
  return ['', 'Examples:', ...lines.map(line => `  ${line}`)].join('\n');
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
