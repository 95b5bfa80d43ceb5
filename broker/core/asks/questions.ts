// Questions: read with distrust from an event, and what an answer to one must be like.
import type { Outcome, Question } from '../../../schemas/ask.js';
import { limits } from '../../../schemas/limits.js';
import { refuse } from '../../../schemas/refusal.js';
import type { Objection } from '../shared/view.js';

const kinds: ReadonlySet<unknown> = new Set(['acknowledge', 'choice', 'text', 'permission']);
type Option = NonNullable<Question['options']>[number];

/** The question an event carries, and nothing beside it; undefined when it is none. */
export function questionFrom({ kind, options }: Record<string, unknown>): Question | undefined {
  if (!kinds.has(kind)) return undefined;
  const known = kind as Question['kind'];
  if (options === undefined) return known === 'choice' ? undefined : { kind: known };
  if (known !== 'choice' && known !== 'permission') return undefined;
  const read = optionsFrom(options);
  return read === undefined ? undefined : { kind: known, options: read };
}

function optionsFrom(list: unknown): Option[] | undefined {
  if (!Array.isArray(list) || list.length === 0 || list.length > limits.options_items) {
    return undefined;
  }
  const read = new Map<string, Option>();
  for (const each of list) {
    const { id, label } = (each ?? {}) as Record<string, unknown>;
    if (typeof id !== 'string' || typeof label !== 'string') return undefined;
    read.set(id, { id, label });
  }
  return read.size === list.length ? [...read.values()] : undefined;
}

interface AnswerGiven {
  outcome: Outcome;
  text?: string | undefined;
  option?: string | undefined;
}

/**
 * `ask_not_question` for an option where none are offered, `option_unknown` for another than these
 * or none, `invalid` for a reply without the words a question asks for.
 */
export function answerObjection(question: Question | undefined, given: AnswerGiven): Objection {
  const { outcome, text = '', option } = given;
  if (option !== undefined) {
    const options = question?.options;
    if (options === undefined) {
      return refuse('ask_not_question', 'This ask has no options; leave option out, use text.');
    }
    if (!options.some(({ id }) => id === option)) return unknownOption(options);
  }
  if (outcome !== 'replied') return undefined;
  if (question?.kind === 'choice' && option === undefined) {
    return unknownOption(question.options ?? []);
  }
  return question?.kind === 'text' && text === ''
    ? refuse('invalid', 'This question asks for words; reply with text, or decline.')
    : undefined;
}

function unknownOption(options: readonly Option[]): Objection {
  const ids = options.map(({ id }) => `"${id}"`).join(', ');
  return refuse('option_unknown', `Answer with one of the options as option: ${ids}.`, { options });
}

/** How a question back ends the thread it answers: it chooses nothing and grants nothing. */
export function questionBack(question: Question | undefined): Outcome {
  switch (question?.kind) {
    case 'choice':
      return 'declined';
    case 'permission':
      return 'denied';
    case 'acknowledge':
    case 'text':
    case undefined:
      return 'replied';
  }
}

/** How a thread ends by itself at its deadline: what nobody granted is denied. */
export function lapsedOutcome(question: Question | undefined): 'denied' | 'expired' {
  return question?.kind === 'permission' ? 'denied' : 'expired';
}
