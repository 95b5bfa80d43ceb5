// Validation of parameters against the table of methods; what is wrong is said in one sentence.
import { type MethodName, methodRow } from '../../../schemas/method.js';
import { type Refusal, type RefusalName, refusals, refuse } from '../../../schemas/refusal.js';

type Parse = ReturnType<ReturnType<typeof methodRow>['params']['safeParse']>;
type Issue = NonNullable<Parse['error']>['issues'][number];

/** The parameters with their defaults, or `invalid` (or what the schema itself names). */
export function readParams(method: MethodName, given: unknown): { params: unknown } | Refusal {
  if (Array.isArray(given)) return refuse('invalid', 'Give the parameters by name, as an object.');
  try {
    const parsed = methodRow(method).params.safeParse(given ?? {});
    if (parsed.success) return { params: parsed.data };
    const issue = parsed.error.issues[0]!;
    return refuse(refusalOf(issue), sentenceOf(method, issue));
  } catch {
    // Whatever a check stumbled over was not among what it takes.
    return refuse('invalid', `${method}: the parameters cannot be read; see /openrpc.json.`);
  }
}

function refusalOf(issue: Issue): RefusalName {
  const name = issue.code === 'custom' ? issue.params?.refusal : undefined;
  return typeof name === 'string' && Object.hasOwn(refusals, name)
    ? (name as RefusalName)
    : 'invalid';
}

function sentenceOf(method: MethodName, issue: Issue): string {
  if (issue.code === 'unrecognized_keys') {
    const where = issue.path.length > 0 ? ` in \`${issue.path.join('.')}\`` : '';
    const known = knownKeys(method, issue.path.length);
    return `Leave out \`${issue.keys.join('`, `')}\`${where}: ${method} does not know it.${known}`;
  }
  const name = issue.path.join('.');
  const said = wordsOf(issue);
  return name === '' ? `${method}: ${said}.` : `Parameter \`${name}\`: ${said}.`;
}

/** The words of an issue; of a union, what each of its forms would have wanted. */
function wordsOf(issue: Issue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) {
    return issue.message.replace(/^Invalid input: /, '');
  }
  const words = issue.errors.flatMap(form => form.slice(0, 1).map(wordsOf));
  return [...new Set(words)].join(', or ');
}

function knownKeys(method: MethodName, depth: number): string {
  const { params } = methodRow(method);
  if (depth > 0 || !('shape' in params)) return '';
  const keys = Object.keys(params.shape as object);
  return keys.length > 0 ? ` It takes ${keys.join(', ')}.` : ' It takes no parameters.';
}
