// Options and arguments that several verbs share, and how their values are read.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { resolveMoment } from '../../schemas/moment.js';
import { durationSeconds } from '../terminal/times.js';
import { localZone, readDuration, readWhen } from '../terminal/when.js';
import { type ReadAttachment, readAttachments } from './attach.js';

/** Seconds, or true for as long as it takes. */
export type Wait = number | true;

/** The option of a verb that takes a text. */
export interface TextOptions {
  file?: string;
}

/** The options of a verb that takes attachments. */
export interface AttachOptions {
  attach?: string[];
  inline?: boolean;
}

/** A time as 90s, 10m, 2h or 3d, in seconds. */
export function seconds(text: string): number {
  const value = durationSeconds(text);
  if (value !== undefined) return value;
  throw new InvalidArgumentError('Write a time as 90s, 10m, 2h or 3d.');
}

/** Any time that people write, as epoch ms by this machine's clock and zone. */
export function when(text: string): number {
  const ms = readWhen(text, Date.now(), localZone());
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError(
    'Write a time as 90s, 2h, 18:00, tomorrow 9:00, mon 9am, 2026-12-24 18:00 or 18:00 UTC.',
  );
}

/**
 * Any time that people write, as the protocol takes it: a duration stays one, in whole seconds, so
 * that the broker's clock counts it; everything else is epoch ms. A bare number is seconds.
 */
export function moment(text: string): string | number {
  const duration = readDuration(text);
  const length = duration === undefined ? durationSeconds(text) : duration / 1_000;
  if (length !== undefined) {
    const fromNow = `${Math.ceil(length)}s`;
    // What is too long for the protocol's durations is too far away for a clock to matter.
    if (resolveMoment(fromNow, 0) !== undefined) return fromNow;
  }
  return when(text);
}

/** A whole number of up to 15 digits. */
export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}

/** How many of something that is asked for: a whole number, one at least. */
export function countOf(text: string): number {
  const count = wholeNumber(text);
  if (count > 0) return count;
  throw new InvalidArgumentError('Write a whole number, 1 at least.');
}

/** US dollars. */
export function dollars(text: string): number {
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write an amount as 25 or 0.04.');
}

/** A TCP port. */
export function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError('Write a port from 0 to 65535.');
}

/** The items between commas. */
export function commaList(text: string): string[] {
  return text.split(',').filter(item => item !== '');
}

/** The items between commas, one at least: an empty variable of a shell is no choice of all. */
export function someItems(text: string): string[] {
  const items = commaList(text);
  if (items.length > 0) return items;
  throw new InvalidArgumentError('Name one at least, several with commas.');
}

/** The option --wait; `what` is waited for. */
export function waitOption(what: string): Option {
  return new Option('--wait [time]', `${what}; at most 90s, 10m, 2h …`).argParser(seconds);
}

/** The text as words, as a file, or from stdin. */
export function withText(verb: Command): Command {
  return verb
    .argument('[text...]', 'the words; a last word - reads stdin')
    .option('-f, --file <file>', 'take the text from a file, below the words');
}

/** Files and addresses that go along with the text; `readAttachments` reads them. */
export function withAttachments(verb: Command): Command {
  const more = (item: string, former: string[] = []) => [...former, item];
  return verb
    .option('--attach <file>', 'say where this file or https:// address is; repeatable', more)
    .option('--inline', 'send small attached texts themselves');
}

/** What the options name, read, as parameters of what is sent. */
export async function attached(
  { attach, inline = false }: AttachOptions,
  cwd: string,
): Promise<{ attachments?: ReadAttachment[] }> {
  if (attach === undefined) return {};
  return { attachments: await readAttachments(attach, cwd, { inline }) };
}

/** The examples below the help of a verb. */
export function examples(...lines: string[]): string {
  return ['', 'Examples:', ...lines.map(line => `  ${line}`)].join('\n');
}
