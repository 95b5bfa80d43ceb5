// How many test files run at once: one a processor, and a few more while the processors idle.
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

export interface Pace {
  /** So many run whatever the machine does. */
  least: number;
  /** So many at most, the others only while files wait for time-outs more than they work. */
  most: number;
}

/** What the processors have done since the machine began, and how many they are. */
export interface Busy {
  at_ms: number;
  busy_ms: number;
  processors: number;
}

/** Two more than processors: what waits for a lease or for a server's start fills up with them. */
export function usualPace(): Pace {
  const least = Math.min(4, Math.max(2, availableParallelism()));
  return { least, most: least + 2 };
}

const LOOK_MS = 500;
/** Of one processor. What a file that works leaves between two of its steps is less. */
const IDLE_SHARE = 0.4;

/** Runs what `next` begins until it has no more, so much of it at once. */
export async function inParallel(
  { least, most }: Pace,
  next: () => Promise<void> | undefined,
  look: () => Busy = busyOfMachine,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let isMore = true;
  const fill = (count: number) => {
    while (isMore && running.size < count) {
      const work = next();
      isMore = work !== undefined;
      const ended = work?.finally(() => running.delete(ended!));
      if (ended) running.add(ended);
    }
  };
  fill(least);
  let before = look();
  while (running.size > 0) {
    const ending = new AbortController();
    const passing = pause(LOOK_MS, undefined, { signal: ending.signal }).catch(() => {});
    await Promise.race([...running, passing]);
    ending.abort();
    fill(least);
    const now = look();
    if (now.at_ms - before.at_ms < LOOK_MS / 2) continue;
    if (idleShare(before, now) > IDLE_SHARE) fill(Math.min(most, running.size + 1));
    before = now;
  }
}

/** Waiting for the disk counts as idling: it leaves the processor to others. */
export function busyOfMachine(): Busy {
  const all = cpus();
  const busy_ms = all.reduce((n, { times }) => n + times.user + times.nice + times.sys, 0);
  return { at_ms: performance.now(), busy_ms, processors: all.length };
}

/** How much of how many processors was busy meanwhile. */
export function busyShare(before: Busy, now: Busy): number {
  return (now.busy_ms - before.busy_ms) / (now.at_ms - before.at_ms);
}

/** Where the system does not tell what its processors do, none idles. */
function idleShare(before: Busy, now: Busy): number {
  return now.busy_ms === 0 ? 0 : now.processors - busyShare(before, now);
}
