// How an ask ended, as people read it: who let it run out is told from who said no.
import type { Thread } from '../../schemas/ask.js';
import { minuteOf, span } from './times.js';

/** What its deadline will make of an open ask: `denied at 14:20 +01:00, in 4 min`. */
export function endsText(
  { state, question, deadline_at }: Pick<Thread, 'state' | 'question' | 'deadline_at'>,
  now: number,
): string {
  if (state !== 'open' || deadline_at === undefined) return '';
  const ends = question?.kind === 'permission' ? 'denied' : 'expires';
  const left = deadline_at > now ? `, in ${span((deadline_at - now) / 1_000)}` : '';
  return `${ends} at ${minuteOf(deadline_at, now)}${left}`;
}

type Ended = Pick<Thread, 'state' | 'outcome' | 'reply' | 'deadline_at'>;

/** True when nobody answered, and the deadline decided. */
export function hasRunOut({ state, outcome, reply }: Ended): boolean {
  return state === 'closed' && reply === undefined && isLapse(outcome);
}

/** An outcome that may be the deadline's. */
export function isLapse(outcome: string | undefined): boolean {
  return outcome === 'denied' || outcome === 'expired';
}

/** `denied: no answer by 10:42 +01:00`, or the outcome alone where somebody answered. */
export function outcomeText(thread: Ended, now: number): string {
  const { state, outcome, deadline_at } = thread;
  if (!hasRunOut(thread)) return outcome === 'retired' ? 'ended: a peer left' : (outcome ?? state);
  const by = deadline_at === undefined ? ' in time' : ` by ${minuteOf(deadline_at, now)}`;
  return `${outcome}: no answer${by}`;
}
