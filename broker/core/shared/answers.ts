// What the answer to a command is made from, and what the answers of several nouns share.
import type { SignalEvent } from '../../../schemas/event.js';
import type { CommandName } from '../../../schemas/method.js';
import { seenWhen } from '../rows/capabilities.js';
import type { Receipt } from '../rows/receipt.js';
import type { Table } from '../rows/table.js';

/** What the fold made of the command, now or the first time it came. */
export interface CommandOutcome {
  position: number;
  reason?: string | undefined;
  receipt?: Receipt | undefined;
  /** Absent where it came before: what it was is not looked up again. */
  event?: SignalEvent | undefined;
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

interface Sent {
  delivery: string;
  successor?: string;
  seen_when?: string;
  runtime?: string;
}

/**
 * The answer to a sender. In it who else gets what was sent, and, where the session of the
 * recipient has said what it can do, when it sees that.
 */
export function withOutlook<A extends Sent>(
  { table, now }: AnswerContext,
  { params }: AnsweredCommand,
  { event, reason }: CommandOutcome,
  answer: A,
): A {
  const to = event !== undefined && 'to' in event ? event.to : undefined;
  const row = typeof to === 'string' ? table.peers.rows.get(to) : undefined;
  if (row === undefined || reason !== undefined) return answer;
  if (row.peer !== params.to && row.name !== params.to) answer.successor = row.name;
  if (row.can === undefined || answer.delivery === 'dropped') return answer;
  const when = seenWhen(row, table.peers.statusAt(row, now()));
  if (when !== undefined) answer.seen_when = when;
  if (row.runtime !== undefined) answer.runtime = row.runtime;
  return answer;
}

/** The secret is told once, to who did not choose it: an id seen in the log is no proof. */
export function madeSecret(
  { secretFor }: AnswerContext,
  { id, params, isRepeat }: AnsweredCommand,
) {
  return params.secret === undefined && !isRepeat ? { secret: secretFor(id) } : {};
}
