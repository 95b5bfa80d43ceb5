// A refusal of the broker in the words of the command line: flags and verbs, never wire names.
import { type MethodName, methodRow } from '../../schemas/method.js';
import { refusals } from '../../schemas/refusal.js';
import type { RefusalError } from '../sdk/errors.js';
import { flagNamed, flagOf } from './flag-names.js';
import { commandFor } from './verb-names.js';

interface Called {
  method: MethodName;
  params: unknown;
}

const calls = new WeakMap<Error, Called>();

/** Remembers what was called, so that its refusal can be told in the verb's own words. */
export function noteCall(error: Error, method: MethodName, params: unknown): void {
  calls.set(error, { method, params });
}

/** What was called with; undefined when that is not known. */
export function paramsOf(error: Error): unknown {
  return calls.get(error)?.params;
}

/** What is wrong, as a sentence without its full stop. */
export function refusalText(error: RefusalError): string {
  const called = calls.get(error);
  const wrong = called && error.refusal === 'invalid' ? wrongValue(called) : undefined;
  if (wrong !== undefined) return wrong;
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

const UNREAD = 'is not written as it should be';
/** What the library that reads parameters says by itself. */
const VALIDATOR = /^Parameter `([^`]+)`: (?:Too |Invalid|[Ee]xpected ).*$/;

type Issue = NonNullable<
  ReturnType<ReturnType<typeof methodRow>['params']['safeParse']>['error']
>['issues'][number];

/** Found by reading the parameters as the broker does; undefined when that is not what is wrong. */
function wrongValue({ method, params }: Called): string | undefined {
  const id = '01900000-0000-7000-8000-000000000000';
  const parsed = methodRow(method).params.safeParse({ id, ...(params as object) });
  const issue = parsed.error?.issues.find(({ code }) => code !== 'unrecognized_keys');
  return issue && `${flagOf(method, issue.path)} ${issueText(issue)}`;
}

function issueText(issue: Issue): string {
  switch (issue.code) {
    case 'too_big':
      return boundText(issue.origin, Number(issue.maximum), 'most');
    case 'too_small':
      return boundText(issue.origin, Number(issue.minimum), 'least');
    case 'invalid_value':
      return `must be one of ${issue.values.map(value => spaced(String(value))).join(', ')}`;
    case 'invalid_type':
      return `must be ${issue.expected === 'int' ? 'a whole number' : `a ${issue.expected}`}`;
    case 'invalid_format':
    case 'custom':
      // A message of our own says what is wanted; that of the validator names its pattern.
      return issue.message.startsWith('Invalid') ? UNREAD : issue.message;
    default:
      return UNREAD;
  }
}

function boundText(origin: string, bound: number, which: 'most' | 'least'): string {
  if (origin === 'string') {
    if (which === 'least') return bound <= 1 ? 'is empty' : `needs ${bound} characters at least`;
    return `is too long: ${bound} characters are the most`;
  }
  if (origin === 'array' || origin === 'set') return `takes ${bound} at ${which}`;
  return `must be ${bound} at ${which}`;
}

function spaced(word: string): string {
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
