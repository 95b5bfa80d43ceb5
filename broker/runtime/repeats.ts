// Whether a command repeats an earlier one, and what the desk says to one that comes out of place.
import { type CommandName, methods } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import type { Remembered } from '../core/rows/command-ids.js';
import type { Flying } from './pending.js';

/** True when the author used the id for the same method before. */
export function isSame(
  method: CommandName,
  by: string,
  flying: Flying | undefined,
  known: Remembered | undefined,
): boolean {
  if (flying !== undefined) return flying.by === by && flying.asked.method === method;
  return known?.author === by && known.type === methods[method].event;
}

export function behind(): Refusal {
  const message = 'The log does not reach min_position here yet; try again, or another broker.';
  return refuse('unavailable', message, { retry_after_s: 1 });
}

export function reused(): Refusal {
  return refuse('invalid', 'This id was used for another command; make a new uuid v7.');
}
