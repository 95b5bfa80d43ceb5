// Every `unavailable` of the loop: the log is away, full, behind or failing; try again later.
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';

/** How the trouble of a broker begins that serves no more. */
export const FENCED = 'fenced itself off';

/** While the store fails, for the reason it gives. */
export function storeFails(reason: string): Refusal {
  if (reason.startsWith(FENCED)) {
    const message = `This broker has ${reason}; use another, and tell the operator.`;
    return refuse('unavailable', message, { retry_after_s: 5 });
  }
  const message = /no space|quota/i.test(reason)
    ? 'The disk that holds the log is full: free some space, and send the same command again.'
    : `The log cannot be written just now (${reason}); send the same command again soon.`;
  return refuse('unavailable', message, { retry_after_s: 5 });
}

/** When the log did not answer in time: what became of a command is not known. */
export function away(trouble: string | undefined): Refusal {
  if (trouble !== undefined) return storeFails(trouble);
  return refuse('unavailable', 'The log does not answer; send the same command again soon.', {
    retry_after_s: 1,
  });
}

/** When the log did not take an event: nothing has happened. */
export function notTaken(reason: string): Refusal {
  return refuse('unavailable', `The log refused it: ${reason}`, { retry_after_s: 5 });
}

/** When as much waits for the log as may wait. */
export function queueFull(): Refusal {
  return refuse('unavailable', 'Too much waits for the log; send the same command again soon.', {
    retry_after_s: 1,
  });
}

/** For who has seen more of the log than there is up to `sequence`, which was its head just now. */
export function behind(sequence: number): Refusal {
  const message = 'The log does not reach min_position here yet; try again, or another broker.';
  const head = (sequence + 1) * limits.commit_positions - 1;
  return refuse('unavailable', message, { retry_after_s: 1, head });
}

/** True when a position is of a commit behind `sequence`. */
export function isBeyond(position: number | undefined, sequence: number): boolean {
  return position !== undefined && Math.floor(position / limits.commit_positions) > sequence;
}

/** Of a replay: it shows what happened, and nobody can have said anything else. */
export function onlyShown(): Refusal {
  return refuse('forbidden', 'This is a replay of the past: look on, and say it to the live mesh.');
}
