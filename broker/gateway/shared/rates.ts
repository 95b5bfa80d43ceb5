// Token bucket rate limiting: how fast one peer or token may call.
import { limits } from '../../../schemas/limits.js';
import { OPERATOR } from '../../../schemas/uuid.js';
import type { Author } from '../../core/words.js';

export interface Rates {
  /** Takes one call from the author's bucket: 0, or the seconds until it may try again. */
  take(author: Author): number;
}

interface Bucket {
  calls: number;
  at: number;
}

/**
 * `limits.commands_per_s`, and `limits.burst_commands` at once. The operator token, and the peers
 * it made, have no limit. `now` is in ms. https://en.wikipedia.org/wiki/Token_bucket
 */
export function createRates(now: () => number): Rates {
  const buckets = new Map<string, Bucket>();
  return {
    take(author) {
      if (author.token === OPERATOR) return 0;
      const time = now();
      const bucket = bucketOf(buckets, author.peer ?? author.token, time);
      refill(bucket, time);
      if (bucket.calls < 1) return waitFor(bucket);
      bucket.calls--;
      return 0;
    },
  };
}

function bucketOf(buckets: Map<string, Bucket>, key: string, time: number): Bucket {
  const known = buckets.get(key);
  if (known) return known;
  if (buckets.size >= limits.connections) dropFull(buckets, time);
  const bucket = { calls: limits.burst_commands, at: time };
  buckets.set(key, bucket);
  return bucket;
}

function refill(bucket: Bucket, time: number): void {
  // A clock that steps back gives nothing and takes nothing.
  const passed_s = Math.max(0, time - bucket.at) / 1_000;
  bucket.calls = Math.min(limits.burst_commands, bucket.calls + passed_s * limits.commands_per_s);
  bucket.at = time;
}

/** Rounded up to a tenth, so that a client which waits exactly that long is let in. */
function waitFor({ calls }: Bucket): number {
  return Math.ceil((10 * (1 - calls)) / limits.commands_per_s) / 10;
}

/** A bucket that is full again says nothing that a new one would not. */
function dropFull(buckets: Map<string, Bucket>, time: number): void {
  for (const [key, bucket] of buckets) {
    refill(bucket, time);
    if (bucket.calls === limits.burst_commands) buckets.delete(key);
  }
}
