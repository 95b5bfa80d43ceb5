// Hop limits: how long a chain of causes may become, and one of asks answered by asking back.
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';

/**
 * `hop_limit` past `limits.hops` causes in a row: machines that answer each other end by
 * themselves. https://en.wikipedia.org/wiki/Time_to_live
 */
export function hopsObjection(hops: number | undefined): Refusal | undefined {
  if (hops === undefined || hops <= limits.hops) return undefined;
  const advice = 'stop here and let a person look at it.';
  return refuse('hop_limit', `This chain of causes is over ${limits.hops} hops; ${advice}`);
}

/** `hop_limit` past `limits.reply_hops` asks in a row that were answered by asking back. */
export function repliesObjection(replies: number | undefined): Refusal | undefined {
  if (replies === undefined || replies <= limits.reply_hops) return undefined;
  const advice = 'close it, and let a person look at it.';
  return refuse(
    'hop_limit',
    `This thread was answered by a new ask ${limits.reply_hops} times; ${advice}`,
  );
}
