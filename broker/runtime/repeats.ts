// Idempotency: whether a command repeats an earlier one, and what one out of place is answered.
import { eventOfMethod } from '../../schemas/event.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import type { Remembered } from '../core/rows/command-ids.js';
import type { PendingCommand } from './pending.js';

/** True when the first of this id was the same method by the same author. */
export function repeats(command: PendingCommand, first: PendingCommand | Remembered): boolean {
  if ('method' in first) return first.by === command.by && first.method === command.method;
  return first.author === command.by && first.type === eventOfMethod(command.method);
}

/** For a peer that joins and has seen more of the log than this broker. */
export function behind(): Refusal {
  const message = 'The log does not reach min_position here yet; try again, or another broker.';
  return refuse('unavailable', message, { retry_after_s: 1 });
}

/** For an id that its author, or another, has used for something else. */
export function reused(): Refusal {
  return refuse('invalid', 'This id was used for another command; make a new uuid v7.');
}
