// Waiting for something that may take hours: slices of long polls, across restarts of the broker.
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../../schemas/limits.js';
import { ClientError, RefusalError } from '../../sdk/errors.js';
import { Failure } from '../../terminal/exit.js';
import type { Wait } from '../options.js';

/**
 * Repeats `slice` (given the seconds it may take) until it has a value; undefined when the time is
 * up. A broker that is away is waited for too, and said to be so once.
 */
export async function waitFor<T>(
  wait: Wait,
  slice: (seconds: number) => Promise<T | undefined>,
  say: (line: string) => void,
): Promise<T | undefined> {
  const until = wait === true ? Number.POSITIVE_INFINITY : performance.now() + wait * 1_000;
  let isAway = false;
  for (;;) {
    const left = Math.max(0, until - performance.now()) / 1_000;
    try {
      const value = await slice(Math.min(left, limits.wait_slice_s));
      if (value !== undefined) return value;
      isAway = false;
    } catch (error) {
      if (!mayReturn(error)) throw error;
      if (!isAway) say('the broker is away; still waiting');
      isAway = true;
      await sleep(Math.min(limits.cli_retry_max_ms, left * 1_000));
    }
    if (performance.now() >= until) return undefined;
  }
}

function mayReturn(error: unknown): boolean {
  if (error instanceof RefusalError) return error.retry;
  return error instanceof ClientError && ['timeout', 'unreachable'].includes(error.code);
}

/** The work, or a Failure as soon as the person presses Ctrl-C. */
export async function interruptible<T>(message: string, work: Promise<T>): Promise<T> {
  let interrupt = () => {};
  const pressed = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Failure('interrupted', message));
  });
  process.once('SIGINT', interrupt);
  try {
    return await Promise.race([work, pressed]);
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
