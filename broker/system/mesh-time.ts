// Mesh time: log time moved on by the monotonic clock. What is due, and how long, goes by it.
import { limits } from '../../schemas/limits.js';
import type { Commit } from '../core/commits/commit-bytes.js';
import type { Clock } from './clock.js';

type Said = Pick<Commit, 'clock' | 'time'>;

/** By how much clocks disagree, in ms. */
export interface ClockSkew {
  /** How far this machine's clock is ahead of the store's; negative: behind it. */
  store_ms: number;
  /** How far log time is ahead of the store's clock, which was set back; negative: behind it. */
  log_ms: number;
}

/**
 * The clock of a broker. Its `now` never goes back, whatever becomes of the wall clock, and is
 * never behind the newest log time. Between commits it runs with the monotonic clock, slowed down
 * or sped up by a little while it is apart from the store's: that absorbs drift, and in time a
 * store's clock that was set back. Like
 * [adjtime](https://man7.org/linux/man-pages/man3/adjtime.3.html) it slews, and never steps back.
 */
export class MeshTime implements Clock {
  readonly #clock: Clock;
  #logTime = 0;
  /** Mesh time less monotonic time when the newest commit came; absent before the first. */
  #offset: number | undefined;
  /** What is still to be added to it, little by little, to be with the store again. */
  #away = 0;
  /** The store's time less monotonic time, by the newest stamp. */
  #storeOffset = Number.NEGATIVE_INFINITY;
  /** Monotonic time of the newest commit, and of the last that log time leapt ahead with. */
  #foldedAt = 0;
  #leaptAt = Number.NEGATIVE_INFINITY;
  /** How far the wall clock is known to be ahead of mesh time; absent before a commit of ours. */
  #lead: number | undefined;
  readonly #apart: ClockSkew = { store_ms: 0, log_ms: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In ms UTC; the wall clock's before the first commit. */
  readonly now = (): number => {
    if (this.#offset === undefined) return this.#clock.now();
    const moment = this.#clock.elapsed();
    return Math.floor(Math.max(this.#logTime, this.#offsetAt(this.#offset, moment) + moment));
  };

  readonly elapsed = (): number => this.#clock.elapsed();

  /** What the wall clock says, in ms UTC. */
  readonly wall = (): number => this.#clock.now();

  /** The latest time a client may go by: mesh time, the wall clock's or the store's. */
  readonly latest = (): number => {
    const store = Math.floor(this.#storeOffset + this.#clock.elapsed());
    return Math.max(this.now(), this.#clock.now(), store);
  };

  /** A commit was folded, kept by the store at `storedAt`. */
  folded(logTime: number, storedAt: number): void {
    const moment = this.#clock.elapsed();
    const reached = logTime - moment;
    const before = this.#offset === undefined ? reached : this.#offsetAt(this.#offset, moment);
    if (reached - before > limits.clock_skew_ms) this.#leaptAt = moment;
    this.#offset = Math.max(before, reached);
    this.#logTime = logTime;
    this.#storeOffset = storedAt - moment;
    this.#foldedAt = moment;
    // A store within a minute is followed ahead too; what is further ahead is for the fold to
    // believe, which asks what the writers vouch for.
    const away = this.#storeOffset - this.#offset;
    this.#away = away > limits.clock_ahead_ms ? 0 : away;
    // What came now may be of before a sleep: it tells of no greater lead than was known.
    if (this.#lead !== undefined) this.#lead = Math.min(this.#lead, this.#clock.now() - this.now());
    this.#apart.log_ms = logTime - storedAt;
  }

  /** A commit of ours has come back, kept at `storedAt`: at `clock` by the wall it was `time`. */
  returned({ clock, time = clock }: Said, storedAt: number): void {
    this.#lead = clock - time;
    // The store took it at some time between: what lies within is no disagreement.
    const [first, last] = [clock - storedAt, this.#clock.now() - storedAt];
    const [least, most] = [Math.min(first, last), Math.max(first, last)];
    this.#apart.store_ms = least > 0 ? least : Math.min(most, 0);
  }

  /** True when the wall clock has leapt ahead since our newest commit: the store's may have. */
  hasLeapt(): boolean {
    if (this.#lead === undefined) return false;
    return this.#clock.now() - this.now() - this.#lead > limits.clock_skew_ms;
  }

  /** How long ago log time leapt ahead, in monotonic ms: a leap is nobody's silence. */
  sinceLeap(): number {
    return this.#clock.elapsed() - this.#leaptAt;
  }

  /** What was before this broker served is no leap. */
  settle(): void {
    this.#leaptAt = Number.NEGATIVE_INFINITY;
  }

  skew(): ClockSkew {
    return { ...this.#apart };
  }

  #offsetAt(offset: number, moment: number): number {
    const most = (moment - this.#foldedAt) * limits.clock_slew_ratio;
    return offset + Math.max(-most, Math.min(most, this.#away));
  }
}
