// A refusal of the broker in the words of the command line: flags and verbs, never wire names.
import type { MethodName } from '../../schemas/method.js';
import { refusals } from '../../schemas/refusal.js';
import type { RefusalError } from '../sdk/errors.js';
import { flagNamed, flagOf } from './flag-names.js';
import { commandFor } from './verb-names.js';

interface Called {
  method: MethodName;
  params: unknown;
  /** What is wrong with them, where that could be found. */
  wrong?: string | undefined;
}

const calls = new WeakMap<Error, Called>();

/** Remembers what was called, so that its refusal can be told in the verb's own words. */
export function noteCall(error: Error, called: Called): void {
  calls.set(error, called);
}

/** What was called with; undefined when that is not known. */
export function paramsOf(error: Error): unknown {
  return calls.get(error)?.params;
}

/** What is wrong, as a sentence without its full stop. */
export function refusalText(error: RefusalError): string {
  const called = calls.get(error);
  if (called?.wrong !== undefined) return called.wrong;
  const [, named] = telling.find(([what]) => what.test(error.message)) ?? [];
  // `schedule cron` takes its rule as a word.
  const flag = called?.method === 'schedule.cron' ? named?.replace(' (--cron)', '') : named;
  const said = inOwnWords(error.message, called?.method);
  return flag === undefined ? said : `${flag}: ${said}`;
}

/** Sentences that say what is wrong without saying with what. */
const telling: readonly (readonly [what: RegExp, flag: string])[] = [
  [/\bno zone\b/, '--zone'],
  [/\bfields?\b|\bno calendar has\b|^This rule/i, 'the rule (--cron)'],
];

/** The same for the reason of a void: the name of a refusal, or a word of the rules. */
export function voidText(reason: string): string {
  const known = Object.hasOwn(refusals, reason) ? refusals[reason as keyof typeof refusals] : null;
  return `it took no effect: ${known === null ? reason.replaceAll('_', ' ') : plain(known.help)}`;
}

/** A sentence that speaks of methods and parameters, spoken of verbs and flags. */
export function inOwnWords(sentence: string, method: MethodName | undefined): string {
  const words = sentence
    .replace(VALIDATOR, (_, path: string) => `${flagOf(method, path.split('.'))} ${UNREAD}`)
    .replace(/\bParameter `([^`]+)`:/g, (_, path: string) => flagOf(method, path.split('.')))
    .replace(/\b[a-z]+\.[a-z_]+\b/g, word => commandFor.get(word) ?? word)
    .replace(
      /(?<![\w-])[a-z]+(?:_[a-z]+)+(?![\w-])/g,
      word => flagNamed(method, word) ?? spaced(word),
    )
    .replace(/`([^`]*)`/g, '“$1”')
    .replace(/; make a new uuid v7|\bid must be a lower-case uuid v7/g, '');
  return plain(words);
}

/** Of a value that no words of ours are there for. */
export const UNREAD = 'is not written as it should be';
/** What the library that reads parameters says by itself. */
const VALIDATOR = /^Parameter `([^`]+)`: (?:Too |Invalid|[Ee]xpected ).*$/;

/** A wire name, or a word of an enumeration, as people write it. */
export function spaced(word: string): string {
  return word.replaceAll('_', ' ');
}

/** As it stands after `signalbox:`; a name or a quotation keeps its first letter. */
function plain(sentence: string): string {
  const said = sentence
    .trim()
    .replace(/\.$/, '')
    .replace(/^[;,: ]+/, '');
  return /^[A-Z](?:[a-z]| )/.test(said) ? said.slice(0, 1).toLowerCase() + said.slice(1) : said;
}
