// A path index: who holds which path of one project, searched by what lies above and below a path.
import { ancestorsOf, WHOLE } from '../../../schemas/lease-path.js';

/** What one peer holds at one path. */
export interface Hold {
  path: string;
  peer: string;
  lease: string;
}

/**
 * Holds by path and then by peer. What lies above a path is found by its prefixes, what lies below
 * in a sorted list, where all that begin alike stand side by side. So a search costs the levels of
 * the path and what it finds, however much is held. https://en.wikipedia.org/wiki/Binary_search
 */
export class PathIndex {
  readonly #holds = new Map<string, Map<string, Hold>>();
  /** The paths that are held, ascending. */
  readonly #sorted: string[] = [];

  get isEmpty(): boolean {
    return this.#sorted.length === 0;
  }

  /** What the peer holds at just this path. */
  at(path: string, peer: string): Hold | undefined {
    return this.#holds.get(path)?.get(peer);
  }

  /** Puts a hold in place of the one that the peer has there. */
  put(hold: Hold): void {
    const { path, peer } = hold;
    const held = this.#holds.get(path);
    if (held !== undefined) held.set(peer, hold);
    else {
      this.#holds.set(path, new Map([[peer, hold]]));
      this.#sorted.splice(this.#placeOf(path), 0, path);
    }
  }

  delete(path: string, peer: string): void {
    const held = this.#holds.get(path);
    if (!held?.delete(peer) || held.size > 0) return;
    this.#holds.delete(path);
    this.#sorted.splice(this.#placeOf(path), 1);
  }

  /** All holds of the path, of what it lies in and of what lies below it, from above down. */
  *overlapping(path: string): Iterable<Hold> {
    for (const above of ancestorsOf(path)) yield* this.#holds.get(above)?.values() ?? [];
    yield* this.within(path);
  }

  /** All holds of the path and of what lies below it. */
  *within(path: string): Iterable<Hold> {
    yield* this.#holds.get(path)?.values() ?? [];
    const prefix = path === WHOLE ? '' : `${path}/`;
    for (let i = this.#placeOf(prefix); i < this.#sorted.length; i++) {
      const below = this.#sorted[i]!;
      if (!below.startsWith(prefix)) return;
      if (below !== path) yield* this.#holds.get(below)?.values() ?? [];
    }
  }

  /** Where the path is in the sorted list, or would be. */
  #placeOf(path: string): number {
    let from = 0;
    let to = this.#sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#sorted[middle]! < path) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
