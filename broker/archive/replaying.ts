// Replaying: old commits handed on once more, at their own pace from a moment on.
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../schemas/limits.js';
import { decodeCommit } from '../core/commits/commit-bytes.js';
import { logTime } from '../core/commits/log-time.js';
import { parseCursor } from '../core/cursor.js';
import type { Fold } from '../core/fold.js';
import type { Delivery } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';

/** `start`, `now`, a cursor, a position, or a time in ms UTC. */
export type ReplayPlace = string | { time: number } | { position: number };

/** The same as a whole commit. */
type Edge = 'start' | 'now' | { time: number } | { commit: number };

const STEP = limits.commit_positions;

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
  #to: Edge = 'now';

  constructor(config: ReplayConfig) {
    this.#config = config;
  }

  /**
   * Resolves where the replay begins: everything before it is folded. Rejects with the code
   * `replay_place` where there is no such place in this log.
   */
  async begin(): Promise<void> {
    const { log, fold, clock, from, to = 'now', stopping, feed } = this.#config;
    this.#head = await log.head();
    if (this.#head === 0) throw new Error('There is nothing in the log yet.');
    const first = this.#edgeOf(from, 'from');
    this.#to = this.#edgeOf(to, 'to');
    if (typeof first === 'object' && 'commit' in first && first.commit > this.#head) {
      throw noPlace(`the log ends at position ${this.#head * STEP}; begin before that`);
    }
    let began = clock.elapsed();
    for await (const delivery of log.read(1, this.#head)) {
      stopping.throwIfAborted();
      // The first commit says which log it is: it is always there.
      if (delivery.sequence > 1 && this.#reaches(first, delivery)) return;
      feed(delivery);
      if (delivery.sequence === 1) this.#demandOwn([from, to]);
      if (clock.elapsed() - began < limits.timeline_slice_ms) continue;
      await nextTurn();
      began = clock.elapsed();
    }
    if (typeof first === 'object' && 'time' in first && fold.table.time < first.time) {
      const last = new Date(fold.table.time).toISOString();
      throw noPlace(`nothing happened from then on: the log ends at ${last}`);
    }
  }

  /** Resolves at the end of the replay. Rejects when it is stopped, and as the log does. */
  async run(): Promise<void> {
    const { log, fold, clock, pace, stopping, feed } = this.#config;
    const { speed, max_gap_ms } = pace;
    let due = clock.elapsed();
    let before: number | undefined;
    for await (const delivery of log.read(fold.sequence + 1, this.#head)) {
      const time = this.#timeOf(delivery);
      if (this.#isPast(delivery, time)) return;
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
  #reaches(from: Edge, delivery: Delivery): boolean {
    if (from === 'start') return true;
    if (from === 'now') return false;
    return 'time' in from ? this.#timeOf(delivery) >= from.time : delivery.sequence >= from.commit;
  }

  #isPast({ sequence }: Delivery, time: number): boolean {
    const to = this.#to;
    if (to === 'now') return false;
    if (to === 'start') return true;
    return 'time' in to ? time > to.time : sequence > to.commit;
  }

  /** The commit of a place; of a cursor as `from` the first that its reader has not wholly read. */
  #edgeOf(place: ReplayPlace, end: 'from' | 'to'): Edge {
    if (place === 'start' || place === 'now') return place;
    if (typeof place === 'object') {
      return 'time' in place ? place : { commit: Math.floor(place.position / STEP) };
    }
    const cursor = parseCursor(place);
    if (cursor === undefined) throw noPlace(`${place} is no cursor`);
    const isRead = end === 'from' && cursor.events === undefined;
    return { commit: cursor.sequence + (isRead ? 1 : 0) };
  }

  /** The first commit has told which log it is. */
  #demandOwn(places: readonly ReplayPlace[]): void {
    const { id } = this.#config.fold.table.log;
    for (const place of places) {
      const log = typeof place === 'string' ? parseCursor(place)?.log : undefined;
      if (log !== undefined && log !== id) throw noPlace(`${place} is a cursor of another log`);
    }
  }

  /** The log time that the commit will have. */
  #timeOf({ storedAt, bytes }: Delivery): number {
    const { table } = this.#config.fold;
    return logTime(table.log.level, table.time, storedAt, decodeCommit(bytes));
  }
}

function noPlace(message: string): Error {
  return Object.assign(new Error(message), { code: 'replay_place' });
}
