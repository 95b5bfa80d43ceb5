// Replaying: old commits handed on once more, at their own pace from a moment on.
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../schemas/limits.js';
import { decodeCommit } from '../core/commits/commit-bytes.js';
import { logTime } from '../core/commits/log-time.js';
import type { Fold } from '../core/fold.js';
import type { Delivery } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';

/** A moment of the log; a time is in ms UTC. */
export type ReplayPlace = 'start' | 'now' | { time: number } | { position: number };

export interface ReplayPace {
  /** How many times faster than it was; Infinity: without a pause. */
  speed: number;
  /** No pause is longer than this, in ms. */
  max_gap_ms: number;
}

export interface ReplayConfig {
  log: Pick<Log, 'read' | 'head'>;
  /** Goes on with each commit that is handed on. */
  fold: Fold;
  from: ReplayPlace;
  /** Where it ends; what happened there belongs to it. By default the end of the log. */
  to?: ReplayPlace | undefined;
  pace: ReplayPace;
  clock: Pick<Clock, 'elapsed'>;
  /** Takes the next commit, and folds it. */
  feed(delivery: Delivery): void;
  stopping: AbortSignal;
}

/** `begin` takes all that was before at once; `run` goes on from there as it happened. */
export class Replaying {
  readonly #config: ReplayConfig;
  #head = 0;

  constructor(config: ReplayConfig) {
    this.#config = config;
  }

  /** Resolves where the replay begins: everything before it is folded. */
  async begin(): Promise<void> {
    const { log, clock, from, stopping, feed } = this.#config;
    this.#head = await log.head();
    if (this.#head === 0) throw new Error('There is nothing in the log yet.');
    let began = clock.elapsed();
    for await (const delivery of log.read(1, this.#head)) {
      stopping.throwIfAborted();
      // The first commit says which log it is: it is always there.
      if (delivery.sequence > 1 && this.#reaches(from, delivery)) return;
      feed(delivery);
      if (clock.elapsed() - began < limits.timeline_slice_ms) continue;
      await nextTurn();
      began = clock.elapsed();
    }
  }

  /** Resolves at the end of the replay. Rejects when it is stopped, and as the log does. */
  async run(): Promise<void> {
    const { log, fold, clock, to = 'now', pace, stopping, feed } = this.#config;
    const { speed, max_gap_ms } = pace;
    let due = clock.elapsed();
    let before: number | undefined;
    for await (const delivery of log.read(fold.sequence + 1, this.#head)) {
      const time = this.#timeOf(delivery);
      if (this.#isPast(to, delivery, time)) return;
      if (before !== undefined) due += Math.min((time - before) / speed, max_gap_ms);
      before = time;
      const wait = due - clock.elapsed();
      // Shorter ones add up; the loop is let go in any case.
      if (wait >= limits.replay_step_ms) await pause(wait, undefined, { signal: stopping });
      else await nextTurn();
      stopping.throwIfAborted();
      feed(delivery);
    }
  }

  /** True when the commit is the first that belongs to what is replayed. */
  #reaches(from: ReplayPlace, delivery: Delivery): boolean {
    if (from === 'start') return true;
    if (from === 'now') return false;
    return 'time' in from
      ? this.#timeOf(delivery) >= from.time
      : delivery.sequence >= Math.floor(from.position / limits.commit_positions);
  }

  #isPast(to: ReplayPlace, { sequence }: Delivery, time: number): boolean {
    if (to === 'now') return false;
    if (to === 'start') return true;
    if ('time' in to) return time > to.time;
    return sequence > Math.floor(to.position / limits.commit_positions);
  }

  /** The log time that the commit will have. */
  #timeOf({ storedAt, bytes }: Delivery): number {
    const { table } = this.#config.fold;
    return logTime(table.log.level, table.time, storedAt, decodeCommit(bytes));
  }
}
