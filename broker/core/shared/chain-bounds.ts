// How long a chain may become: of causes, and of asks that are answered by asking back.
import { limits } from '../../../schemas/limits.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';

export function hopsObjection(hops: number | undefined): Refusal | undefined {
  if (hops === undefined || hops <= limits.hops) return undefined;
  const advice = 'stop here and let a person look at it.';
  return refuse('hop_limit', `This chain of causes is over ${limits.hops} hops; ${advice}`);
}

export function repliesObjection(replies: number | undefined): Refusal | undefined {
  if (replies === undefined || replies <= limits.reply_hops) return undefined;
  const advice = 'close it, and let a person look at it.';
  return refuse(
    'hop_limit',
    `This thread was answered by a new ask ${limits.reply_hops} times; ${advice}`,
  );
}
