// The answer to a command, from where it stands in the log and what the fold made of it.
import { nouns } from './nouns.js';
import type { AnswerContext, AnsweredCommand, Answers, CommandOutcome } from './shared/answers.js';

const answers: Answers = Object.assign({}, ...nouns.map(noun => noun.answers));

/**
 * The same outcome makes the same answer, so a repeat is answered like the first.
 * https://en.wikipedia.org/wiki/Idempotence
 */
export function answerTo(
  context: AnswerContext,
  command: AnsweredCommand,
  outcome: CommandOutcome,
): Record<string, unknown> {
  const { position, reason } = outcome;
  const verdict =
    reason === undefined ? { position, verdict: 'applied' } : { position, verdict: 'void', reason };
  return Object.assign(verdict, answers[command.method]?.(context, command, outcome));
}
