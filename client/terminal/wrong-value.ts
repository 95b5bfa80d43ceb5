// Finds the parameter that the broker refused, by parsing all of them with the protocol's schemas.
//
// Loaded once a call was refused as `invalid`: the schemas take longer to load than a call takes.
import { type MethodName, methodRow } from '../../schemas/method.js';
import { flagOf } from './flag-names.js';
import { spaced, UNREAD } from './refusal-text.js';

type Issue = NonNullable<
  ReturnType<ReturnType<typeof methodRow>['params']['safeParse']>['error']
>['issues'][number];

/** What is wrong, by the name of its flag; undefined when the parameters are not what is wrong. */
export function wrongValue(method: MethodName, params: unknown): string | undefined {
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
