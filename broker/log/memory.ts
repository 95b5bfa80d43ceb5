// The log kept in memory, the same promise for tests and simulation, with fault injection.
import { limits } from '../../schemas/limits.js';
import type { Delivery } from '../core/words.js';
import type { Clock } from '../system/clock.js';
import type { AppendResult, FollowHandlers, Log } from './log.js';

/** What becomes of one append: kept and said so, kept but unheard, lost on the way, or refused. */
export type Fate = 'stored' | 'unheard' | 'lost' | 'refused';

/** The history itself, shared by every keeper opened on it; a test may cut or rewrite it. */
export interface MemoryStore {
  commits: Delivery[];
  sequences: Map<string, number>;
  wakers: Set<() => void>;
}

export interface MemoryOptions {
  store: MemoryStore;
  clock: Clock;
  /** Runs a task later, in order; the default is the next turn of the loop. */
  defer?(task: () => void): void;
  /** Decides over each append; by default all are stored. */
  fate?(id: string): Fate;
}

export interface MemoryLog extends Log {
  /** Cuts this keeper off from the store, as a partition would. */
  cut(): void;
  mend(): void;
}

/** An empty history. */
export function memoryStore(): MemoryStore {
  return { commits: [], sequences: new Map(), wakers: new Set() };
}

/**
 * A keeper on a history that others may share. It answers one task after it was asked, and dates
 * commits by `clock`.
 */
export function openMemory({ store, clock, defer = setImmediate, fate }: MemoryOptions): MemoryLog {
  const stops = new Set<() => void>();
  let cutAt: number | undefined;
  let isClosed = false;
  const isReachable = (): boolean => cutAt === undefined && !isClosed;
  const demandStore = (): void => {
    if (!isReachable()) throw new Error('The log store does not answer.');
  };

  return {
    append(id, bytes) {
      const doom = isReachable() ? (fate?.(id) ?? 'stored') : 'lost';
      const result = write(store, clock, doom, id, bytes);
      return new Promise(resolve => defer(() => resolve(result)));
    },
    follow(from, handlers) {
      const stop = pump(store, from, handlers, defer, isReachable);
      stops.add(stop);
      return { stop };
    },
    async *read(from, to = Number.POSITIVE_INFINITY) {
      demandStore();
      const last = Math.min(to, store.commits.length);
      for (let sequence = from; sequence <= last; sequence++) {
        demandStore();
        yield store.commits[sequence - 1]!;
      }
    },
    async head() {
      demandStore();
      return store.commits.length;
    },
    heardAt: () => cutAt ?? clock.elapsed(),
    cut() {
      cutAt = clock.elapsed();
    },
    mend() {
      cutAt = undefined;
      wake(store);
    },
    async close() {
      isClosed = true;
      for (const stop of stops) stop();
    },
  };
}

function write(
  store: MemoryStore,
  clock: Clock,
  fate: Fate,
  id: string,
  bytes: Uint8Array,
): AppendResult {
  switch (fate) {
    case 'lost':
      return { outcome: 'unknown', reason: 'the log did not answer in time' };
    case 'refused':
      return { outcome: 'refused', reason: 'the log is full' };
    case 'unheard':
      keep(store, clock, id, bytes);
      return { outcome: 'unknown', reason: 'the log did not answer in time' };
    case 'stored':
      return { outcome: 'stored', ...keep(store, clock, id, bytes) };
  }
}

function keep(
  store: MemoryStore,
  clock: Clock,
  id: string,
  bytes: Uint8Array,
): { sequence: number; duplicate: boolean } {
  const storedAt = clock.now();
  const known = store.commits[(store.sequences.get(id) ?? 0) - 1];
  if (known && storedAt - known.storedAt <= limits.dedup_window_ms) {
    return { sequence: known.sequence, duplicate: true };
  }
  const sequence = store.commits.length + 1;
  store.commits.push({ sequence, storedAt, bytes: Uint8Array.from(bytes) });
  store.sequences.set(id, sequence);
  wake(store);
  return { sequence, duplicate: false };
}

function wake(store: MemoryStore): void {
  for (const waker of store.wakers) waker();
}

/** Delivers one commit a task, so that a simulation can put anything between two of them. */
function pump(
  store: MemoryStore,
  from: number,
  handlers: FollowHandlers,
  defer: (task: () => void) => void,
  isReachable: () => boolean,
): () => void {
  let next = from;
  let seen: Delivery | undefined;
  let isScheduled = false;
  const stop = (): void => {
    store.wakers.delete(waker);
  };
  const step = (): void => {
    isScheduled = false;
    if (!store.wakers.has(waker) || !isReachable()) return;
    const broken = breakage(store, next, seen);
    if (broken) {
      stop();
      handlers.onBroken(`${broken}: history was lost or replaced`);
      return;
    }
    const commit = store.commits[next - 1];
    if (!commit) return;
    next += 1;
    seen = commit;
    waker();
    handlers.onCommit(commit);
  };
  const waker = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    defer(step);
  };
  store.wakers.add(waker);
  waker();
  return stop;
}

function breakage(
  store: MemoryStore,
  next: number,
  seen: Delivery | undefined,
): string | undefined {
  const end = store.commits.length;
  if (end < next - 1) return `the log ends at commit ${end}, but ${next - 1} was there before`;
  if (!seen || store.commits[next - 2] === seen) return undefined;
  return `commit ${next - 1} is not the one that was there before`;
}
