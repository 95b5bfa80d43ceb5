// A replay of old commits for one reader, opened late, held briefly, few at a time.
import { isWaypoint } from '../../core/commits/waypoints.js';
import type { OldCommit } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import type { Semaphore } from '../../system/semaphore.js';
import type { KnownPoints } from './known-points.js';

/**
 * Reads the log behind the ring for one reader. It must be closed, for its place among the feeds
 * and for its iterator's buffers.
 */
export class ReplayFeed {
  readonly #door: Door;
  readonly #places: Semaphore;
  readonly #known: KnownPoints | undefined;
  #commits: AsyncIterator<OldCommit> | undefined;
  /** Read already, but too much for the last chunk. */
  #held: OldCommit[] = [];

  /**
   * `places` bounds how many feeds are open at once: each holds buffers while it reads. Where a
   * point before it is known, reading begins there.
   */
  constructor(door: Door, places: Semaphore, known?: KnownPoints) {
    this.#door = door;
    this.#places = places;
    this.#known = known;
  }

  isOpen(): boolean {
    return this.#commits !== undefined;
  }

  /**
   * The commits after `after` up to `to`: at least one, else as many as fit `bytes`; where it can
   * it ends at a waypoint, whose digest is known. Successive calls must go on where the last one
   * ended until `close`. Throws when the log has a hole there or cannot be read.
   */
  async read(after: number, to: number, bytes: number): Promise<OldCommit[]> {
    const commits = this.#commits ?? (await this.#open(after + 1));
    const found: OldCommit[] = [];
    let left = bytes;
    while (after + found.length < to) {
      const commit = this.#held.shift() ?? (await commits.next()).value;
      if (commit?.sequence !== after + found.length + 1) {
        throw new Error(`commit ${after + found.length + 1} cannot be read back`);
      }
      if (found.length > 0 && commit.bytes.length > left) {
        const end = found.findLastIndex(({ sequence }) => isWaypoint(sequence)) + 1;
        const held = 2 * end > found.length ? found.splice(end) : [];
        this.#held.unshift(...held, commit);
        break;
      }
      found.push(commit);
      left -= commit.bytes.length;
    }
    return found;
  }

  async close(): Promise<void> {
    const commits = this.#commits;
    if (commits === undefined) return;
    this.#commits = undefined;
    this.#held = [];
    try {
      await commits.return?.();
    } catch {
      // The log is away, and so is what was to be given back.
    } finally {
      this.#places.leave();
    }
  }

  async #open(sequence: number): Promise<AsyncIterator<OldCommit>> {
    await this.#places.enter();
    this.#commits = this.#door
      .replay(sequence, this.#known?.at(sequence - 1))
      [Symbol.asyncIterator]();
    return this.#commits;
  }
}
