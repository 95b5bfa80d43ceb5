// The pending commands: those proposed and not yet settled, and who waits for the answer of each.
import { eventOfMethod } from '../../../schemas/event.js';
import type { CommandName, Parsed } from '../../../schemas/method.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { authorOf } from '../../core/decide.js';
import type { Remembered } from '../../core/rows/command-ids.js';
import type { Answer, Command } from '../../core/words.js';

/** A command on its way from the door to its answer. */
export interface PendingCommand extends Command {
  params: Parsed<CommandName> & { id: string };
  id: string;
  /** Whose id memory it belongs to. */
  by: string;
  /** The peer that spoke. */
  peer: string | undefined;
  /** Asked before and answered: a made secret is told once. */
  isRepeat: boolean;
  /** Monotonic ms at which its event was proposed. */
  since: number;
  /** The job it claims: a second claim here had better look for another. */
  claims: string | undefined;
  decided(): void;
  done(answer: Answer): void;
  /** The callers of its repeats, who wait for the same answer. */
  repeats: ((answer: Answer) => void)[] | undefined;
}

/** A command as it comes in; one without an id is given one. */
export function pending(
  { method, params, author, connected }: Command,
  newId: () => string,
  decided: () => void,
  done: (answer: Answer) => void,
): PendingCommand {
  const given = params as Parsed<CommandName> & { id?: string };
  const id = given.id ?? newId();
  return {
    method,
    params: given.id === undefined ? { ...given, id } : (given as PendingCommand['params']),
    author,
    connected,
    id,
    by: authorOf(method, author),
    peer: author.peer,
    isRepeat: false,
    since: 0,
    claims: undefined,
    decided,
    done,
    repeats: undefined,
  };
}

/** By id, the oldest first. */
export class PendingCommands {
  readonly #commands = new Map<string, PendingCommand>();
  /** The jobs that are being claimed. */
  readonly claimed = new Set<string>();

  get(id: string): PendingCommand | undefined {
    return this.#commands.get(id);
  }

  add(command: PendingCommand): void {
    this.#commands.set(command.id, command);
    if (command.claims !== undefined) this.claimed.add(command.claims);
  }

  /** Takes out those proposed before a moment (monotonic ms). */
  takeBefore(moment: number): PendingCommand[] {
    const late: PendingCommand[] = [];
    for (const command of this.#commands.values()) {
      if (command.since >= moment) break;
      late.push(command);
    }
    for (const command of late) this.settle(command);
    return late;
  }

  /** Its event was folded or refused: nobody waits for it any more. */
  settle({ id, claims }: PendingCommand): void {
    this.#commands.delete(id);
    if (claims !== undefined) this.claimed.delete(claims);
  }
}

/** Tells the answer to all who wait for it. */
export function answerAll({ done, repeats }: PendingCommand, answer: Answer): void {
  done(answer);
  if (repeats !== undefined) for (const repeat of repeats) repeat(answer);
}

/** True when the first of this id was the same method by the same author: then it is repeated. */
export function repeats(command: PendingCommand, first: PendingCommand | Remembered): boolean {
  if ('method' in first) return first.by === command.by && first.method === command.method;
  return first.author === command.by && first.type === eventOfMethod(command.method);
}

/** For an id that its author, or another, has used for something else. */
export function reused(): Refusal {
  return refuse('invalid', 'This id was used for another command; make a new uuid v7.');
}
