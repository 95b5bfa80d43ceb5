// What is kept of the whole history in a few bytes: marks of digest and time, voids, levels.
import { limits } from '../../../schemas/limits.js';
import { Waypoints } from './waypoints.js';

/** Where the history stood after a commit. */
export interface HistoryMark {
  sequence: number;
  /** Log time in ms UTC. */
  time: number;
  digest: Uint8Array;
}

export const ZERO_DIGEST: Uint8Array = new Uint8Array(32);
const START: HistoryMark = { sequence: 0, time: 0, digest: ZERO_DIGEST };

/**
 * A sparse index of the history: one mark in `limits.mark_every_commits`, noted in log order and
 * found by binary search; a replay from there finds any commit between.
 */
export class Marks {
  readonly rows: HistoryMark[] = [START];
  readonly waypoints = new Waypoints();

  note(mark: HistoryMark): void {
    this.waypoints.note(mark.sequence, mark.digest);
    if (mark.sequence % limits.mark_every_commits === 0) this.rows.push(mark);
  }

  /** The newest mark at or before a sequence. */
  before(sequence: number): HistoryMark {
    return this.rows[this.#last(mark => mark.sequence <= sequence)]!;
  }

  /** The newest mark whose time is before `time`. */
  beforeTime(time: number): HistoryMark {
    return this.rows[this.#last(mark => mark.time < time)]!;
  }

  /** The oldest mark whose time is after `time`; undefined when there is none yet. */
  afterTime(time: number): HistoryMark | undefined {
    return this.rows[this.#last(mark => mark.time <= time) + 1];
  }

  #last(fits: (mark: HistoryMark) => boolean): number {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (fits(this.rows[middle]!)) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** From which commit on the log has had each of its levels. */
export class Levels {
  readonly rows: { sequence: number; level: number }[] = [];

  /** Notes the level that the log has after a commit. */
  note(sequence: number, level: number): void {
    if (level !== (this.rows.at(-1)?.level ?? 0)) this.rows.push({ sequence, level });
  }

  /** The level by which the commit was judged. */
  at(sequence: number): number {
    return this.rows.findLast(row => row.sequence < sequence)?.level ?? 0;
  }
}

/** Positions of events that took no effect, in log order, with the reasons. */
export class Voids {
  readonly positions: number[] = [];
  readonly reasons: string[] = [];

  note(position: number, reason: string): void {
    this.positions.push(position);
    this.reasons.push(reason);
  }

  reason(position: number): string | undefined {
    const index = this.#from(position);
    return this.positions[index] === position ? this.reasons[index] : undefined;
  }

  /** True when one lies from `low` on and before `high`. */
  isAnyIn(low: number, high: number): boolean {
    return (this.positions[this.#from(low)] ?? high) < high;
  }

  /** Which is the first that is not before `position`. */
  #from(position: number): number {
    let low = 0;
    let high = this.positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.positions[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
