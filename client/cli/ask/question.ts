// The options by which an ask says how its answer should look, and the question they make.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Question } from '../../../schemas/ask.js';
import { Failure } from '../../terminal/exit.js';

type Choice = NonNullable<Question['options']>[number];

/** What the options say of the answer. */
export interface QuestionOptions {
  choice?: Choice[];
  permission?: boolean;
  acknowledge?: boolean;
}

/** Adds the options that make an ask a question. */
export function withQuestion(verb: Command): Command {
  const only = (flag: string, what: string) => new Option(flag, what).conflicts('acknowledge');
  return verb
    .addOption(
      only('--choice <id=label>', 'an answer to choose from; give two or more').argParser(choice),
    )
    .addOption(only('--permission', 'the answer is allowed or denied; denied at the deadline'))
    .option('--acknowledge', 'no words are wanted, only that it was seen and done');
}

/** The question that the options make; undefined when any words will do. */
export function questionOf(options: QuestionOptions): Question | undefined {
  const { choice: choices, permission, acknowledge } = options;
  if (acknowledge) return { kind: 'acknowledge' };
  if (permission) return { kind: 'permission', ...(choices && { options: choices }) };
  if (choices === undefined) return undefined;
  if (choices.length > 1) return { kind: 'choice', options: choices };
  throw new Failure('usage', 'one --choice is no choice', {
    hint: 'give two or more, as --choice yes="Yes, go on" --choice no',
  });
}

function choice(text: string, former: Choice[] = []): Choice[] {
  const at = text.indexOf('=');
  const id = (at === -1 ? text : text.slice(0, at)).trim();
  const label = at === -1 ? id : text.slice(at + 1).trim();
  if (id === '' || label === '') {
    throw new InvalidArgumentError('Write an answer as id=Label, or as its id alone.');
  }
  return [...former, { id, label }];
}
