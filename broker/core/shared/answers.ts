// What the answer to a command is made from, and what the answers of several nouns share.
import type { CommandName } from '../../../schemas/method.js';
import type { Receipt } from '../rows/receipt.js';
import type { Table } from '../rows/table.js';

/** What the fold made of the command, now or the first time it came. */
export interface CommandOutcome {
  position: number;
  reason?: string | undefined;
  receipt?: Receipt | undefined;
}

/** A command, as far as its answer needs it again. */
export interface AnsweredCommand {
  method: CommandName;
  id: string;
  params: Record<string, unknown>;
  /** The peer that spoke. */
  peer?: string | undefined;
  /** It came before and was answered: a made secret is told once. */
  isRepeat?: boolean;
}

export interface AnswerContext {
  table: Table;
  cursor(): string;
  now(): number;
  secretFor(id: string): string;
}

/** What one command is told beside its place in the log and the verdict. */
export type AnswerMaker = (
  context: AnswerContext,
  command: AnsweredCommand,
  outcome: CommandOutcome,
) => Record<string, unknown>;

/** A noun's part, by method; a command that is not there is told the verdict alone. */
export type Answers = { readonly [M in CommandName]?: AnswerMaker };

/** What became of the item that a command put into an inbox. */
export function deliveryOf({ receipt }: CommandOutcome): string {
  return receipt?.kind ?? 'queued';
}

/** The secret is told once, to who did not choose it: an id seen in the log is no proof. */
export function madeSecret(
  { secretFor }: AnswerContext,
  { id, params, isRepeat }: AnsweredCommand,
) {
  return params.secret === undefined && !isRepeat ? { secret: secretFor(id) } : {};
}
