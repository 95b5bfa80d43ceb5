// Queues of the jobs that wait to be claimed: one for each assignee and circle, and kind therein.
import { TimerQueue } from './timer-queue.js';

export interface Queued {
  job: string;
  number: number;
  circle: string;
  kind: string;
  to?: string | undefined;
}

/** Whose line: that of a peer they are assigned to, or of a circle whose peers may all claim. */
type Place = { to: string } | { circle: string };

/**
 * Priority queues by job number, so a job that comes back keeps its place; finding the first that
 * fits takes out none. https://en.wikipedia.org/wiki/Priority_queue
 */
export class JobQueue {
  readonly #lines = new Map<string, TimerQueue>();

  add(job: Queued): void {
    for (const key of linesOf(job)) {
      const line = this.#lines.get(key) ?? new TimerQueue();
      // The oldest goes first, also one that is back in line.
      line.set(job.job, job.number);
      this.#lines.set(key, line);
    }
  }

  delete(job: Queued): void {
    for (const key of linesOf(job)) {
      const line = this.#lines.get(key);
      line?.delete(job.job);
      if (line?.size === 0) this.#lines.delete(key);
    }
  }

  /** How many wait in a line, of one kind or of all. */
  size(place: Place, kind: string | undefined): number {
    return this.#lines.get(keyOf(place, kind))?.size ?? 0;
  }

  /** The oldest job of a line that fits, of one kind or of all. */
  first(
    place: Place,
    kind: string | undefined,
    fits: (job: string) => boolean,
  ): string | undefined {
    const line = this.#lines.get(keyOf(place, kind));
    if (line === undefined) return undefined;
    for (let max = 1; ; max *= 8) {
      const jobs = line.due(Number.POSITIVE_INFINITY, max);
      const found = jobs.find(fits);
      if (found !== undefined || jobs.length < max) return found;
    }
  }
}

function linesOf({ to, circle, kind }: Queued): string[] {
  const place = to === undefined ? { circle } : { to };
  return [keyOf(place, undefined), keyOf(place, kind)];
}

function keyOf(place: Place, kind: string | undefined): string {
  const whose = 'to' in place ? ['to', place.to] : ['circle', place.circle];
  return JSON.stringify(kind === undefined ? whose : [...whose, kind]);
}
