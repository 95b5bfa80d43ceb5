// Backoff with full jitter: how long to rest after a failure, so that no crowd comes at once.
/** Bounds of a rest, in ms: the first one's, and that of all later ones. */
export interface Backoff {
  first_ms: number;
  max_ms: number;
}

/**
 * A random time in ms below a bound that doubles with every failure; `random` is in [0, 1).
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function fullJitter(failures: number, { first_ms, max_ms }: Backoff, random: number) {
  return random * Math.min(max_ms, first_ms * 2 ** failures);
}
