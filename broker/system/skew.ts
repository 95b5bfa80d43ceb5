// What is told of clocks that disagree: this machine's, its log store's, and log time.
import { limits } from '../../schemas/limits.js';
import type { ClockSkew } from './mesh-time.js';

/** Whether they agree, in words for an operator. */
export function skewCheck({ store_ms, log_ms }: ClockSkew): { ok: boolean; detail: string } {
  const isWrong = Math.abs(store_ms) > limits.clock_skew_ms;
  const isApart = log_ms > limits.clock_skew_ms;
  const own = isWrong
    ? `the broker's clock is ${apart(store_ms)} the log store's`
    : "the broker's clock agrees with the log store's";
  const log = isApart ? `; log time is ${apart(log_ms)} the store's clock, which was set back` : '';
  return { ok: !isWrong && !isApart, detail: `${own}${log}` };
}

/** In seconds, to the millisecond. */
export function skewSeconds(ms: number): number {
  return Math.round(ms) / 1_000;
}

function apart(ms: number): string {
  return `${Math.abs(skewSeconds(ms))} s ${ms > 0 ? 'ahead of' : 'behind'}`;
}
