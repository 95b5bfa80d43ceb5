// Log time: the only time the fold knows, made of the store's stamp and of what the writer says.
import { limits } from '../../../schemas/limits.js';
import type { Commit } from './commit-bytes.js';

/** The level from which log time moves on by the writers' monotonic clocks too. */
const MOVED_ON = 3;

type Said = Pick<Commit, 'clock' | 'time'>;

/**
 * The log time of a commit kept at `storedAt`, in a log of that level; it never goes back. The
 * store's stamp is it, as far as the writer vouches for it: up to a minute ahead of its wall clock,
 * and as far as its mesh time has come whatever that clock says. When the stamp lies behind log
 * time (the store's clock was set back), log time moves on by the writers' mesh time instead.
 */
export function logTime(
  level: number,
  previous: number,
  storedAt: number,
  said: Said | undefined,
): number {
  if (said === undefined) return previous;
  const vouched = said.clock + limits.clock_ahead_ms;
  if (level < MOVED_ON) return Math.max(previous, Math.min(storedAt, vouched));
  const moved = said.time ?? previous;
  const next =
    storedAt >= previous
      ? Math.min(storedAt, Math.max(vouched, moved))
      : Math.min(moved, previous + limits.clock_step_ms);
  return Math.max(previous, next);
}
