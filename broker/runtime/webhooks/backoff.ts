// Exponential backoff with jitter: when a delivery that failed is tried again, if at all.
import { limits } from '../../../schemas/limits.js';

/**
 * How long to wait after the n-th attempt, in ms: half of what the n-th step is for certain, the
 * rest by chance (`random` from 0 to 1), and as long as the receiver asks at least, within a day.
 * Undefined when that was the last attempt.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function waitAfter(attempt: number, random: number, retry_after_s = 0): number | undefined {
  if (attempt >= limits.outgoing_attempts_items) return undefined;
  const grown = limits.outgoing_retry_ms * limits.outgoing_retry_growth_ratio ** (attempt - 1);
  const step = Math.min(grown, limits.outgoing_retry_max_ms);
  const asked = Math.min(1_000 * retry_after_s, limits.outgoing_retry_after_max_ms);
  return Math.round(Math.max(step / 2 + (step / 2) * random, asked));
}
