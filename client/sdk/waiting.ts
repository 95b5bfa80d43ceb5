// Waiting that may take hours, by socket or by POST: slices of long polls, across restarts.
import type { Thread } from '../../schemas/ask.js';
import { limits } from '../../schemas/limits.js';
import type { CommandName, MethodName, Result } from '../../schemas/method.js';
import type { CallParams } from './api.js';
import { mayRepeat, rest } from './retry.js';

/** Calls what changes nothing in the log, by whichever way; `wait_ms` is for the answer. */
export type Look = <M extends Exclude<MethodName, CommandName>>(
  method: M,
  params: CallParams<M>,
  wait_ms?: number,
) => Promise<Result<M>>;

/** How long to wait, and who hears that the broker is away. */
export interface Patience {
  /** How long to wait, in seconds; `Infinity` = for ever. */
  wait_s: number;
  /** Told once each time that the broker turns out to be away. */
  onAway?(): void;
}

/**
 * Repeats `slice` (given the seconds it may take) until it has a value; undefined when the time is
 * up. A broker that is away is waited for too.
 */
export async function waitFor<T>(
  { wait_s, onAway = () => {} }: Patience,
  slice: (seconds: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  const until = performance.now() + wait_s * 1_000;
  let isAway = false;
  for (;;) {
    const left_s = Math.max(0, until - performance.now()) / 1_000;
    try {
      const value = await slice(Math.min(left_s, limits.wait_slice_s));
      if (value !== undefined) return value;
      isAway = false;
    } catch (error) {
      if (!mayRepeat(error)) throw error;
      if (!isAway) onAway();
      isAway = true;
      await rest(Math.min(limits.wait_retry_ms, left_s * 1_000));
    }
    if (performance.now() >= until) return undefined;
  }
}

/** The call in which an answer is waited for: the broker is given `timeout_s`, the wire more. */
export function lookFor(timeout_s: number): number {
  return timeout_s * 1_000 + limits.wait_grace_ms;
}

/**
 * The thread of an ask once it is closed, or as it stands when the time is up; undefined when the
 * broker was away all that time.
 */
export async function threadWhenClosed(
  look: Look,
  ask: string,
  patience: Patience,
): Promise<Thread | undefined> {
  let thread: Thread | undefined;
  await waitFor(patience, async timeout_s => {
    thread = await look('ask.wait', { ask, timeout_s }, lookFor(timeout_s));
    return thread.state === 'closed' ? thread : undefined;
  });
  return thread;
}

type Rollup = Result<'ask.rollup'>;

/** True when all have answered, or as many as the quorum says. */
export function isOver({ state }: Rollup): boolean {
  return state === 'complete' || state === 'quorum';
}

/** The answers to an ask of many once it is over; undefined when the time is up before. */
export function rollupWhenOver(
  look: Look,
  group: string,
  patience: Patience,
): Promise<Rollup | undefined> {
  return waitFor(patience, async left_s => {
    const rollup = await look('ask.rollup', { group }, lookFor(0));
    if (isOver(rollup)) return rollup;
    // One is waited for at a time. All must answer, or with a quorum others may be quicker.
    const ask = rollup.rows.find(({ status }) => status === 'pending')?.ask;
    const timeout_s = rollup.quorum === undefined ? left_s : Math.min(left_s, limits.wait_look_s);
    if (ask !== undefined) await look('ask.wait', { ask, timeout_s }, lookFor(timeout_s));
    return undefined;
  });
}
