// For how long an answer of GitHub asks to be left alone.
import { limits } from '../../schemas/limits.js';

/**
 * In ms, within our own bounds; undefined when it does not ask for it. Times in the answer are
 * GitHub's, as is its date; `ours`, in ms UTC, stands in for one that is missing.
 */
export function quietAsked(status: number, headers: Headers, ours: number): number | undefined {
  const theirs = Date.parse(headers.get('date') ?? '');
  const now = Number.isNaN(theirs) ? ours : theirs;
  const asked = retryAfter(headers, now) ?? untilReset(headers, now);
  if (asked === undefined) return status === 429 ? limits.github_quiet_ms : undefined;
  return Math.min(Math.max(asked, limits.github_quiet_min_ms), limits.github_quiet_max_ms);
}

function retryAfter(headers: Headers, now: number): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? limits.github_quiet_ms : ms;
}

function untilReset(headers: Headers, now: number): number | undefined {
  if (headers.get('x-ratelimit-remaining') !== '0') return undefined;
  const reset = headers.get('x-ratelimit-reset') ?? '';
  return /^\d+$/.test(reset) ? Number(reset) * 1_000 - now : limits.github_quiet_ms;
}
