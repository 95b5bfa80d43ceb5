// A cache of places in the old log where readers stood, so that the next page is read from there.
import { limits } from '../../../schemas/limits.js';
import type { HistoryMark } from '../../core/commits/marks.js';

/** The ends of the newest `limits.known_points_items` commits noted. */
export class KnownPoints {
  readonly #points = new Map<number, HistoryMark>();

  note({ sequence, time, digest }: HistoryMark): void {
    this.#points.delete(sequence);
    this.#points.set(sequence, { sequence, time, digest });
    if (this.#points.size <= limits.known_points_items) return;
    for (const oldest of this.#points.keys()) {
      this.#points.delete(oldest);
      break;
    }
  }

  at(sequence: number): HistoryMark | undefined {
    return this.#points.get(sequence);
  }
}
