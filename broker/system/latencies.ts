// A window of latencies: how long the newest things took, by percentile.
import { limits } from '../../schemas/limits.js';

/** The newest `limits.latency_items` of the last `limits.latency_window_ms`. */
export class Latencies {
  readonly #took = new Float64Array(limits.latency_items);
  readonly #at = new Float64Array(limits.latency_items);
  #count = 0;

  /** Something took so many ms and was over at `now` (monotonic ms). */
  note(ms: number, now: number): void {
    const slot = this.#count++ % limits.latency_items;
    this.#took[slot] = ms;
    this.#at[slot] = now;
  }

  /** The times in ms that these shares of all did not exceed; undefined when nothing was noted. */
  percentiles(shares: readonly number[], now: number): number[] | undefined {
    const kept = Math.min(this.#count, limits.latency_items);
    const recent = this.#took
      .subarray(0, kept)
      .filter((_, slot) => now - this.#at[slot]! <= limits.latency_window_ms)
      .sort();
    if (recent.length === 0) return undefined;
    return shares.map(share => recent[Math.ceil(share * recent.length) - 1]!);
  }
}
