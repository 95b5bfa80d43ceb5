// Waypoints of the hash chain: the digest of every few commits, so that reading back hashes little.
import { limits } from '../../../schemas/limits.js';

/** Of a digest. */
const LENGTH = 32;
const BLOCK = 4_096;

/**
 * A cache: what it does not know, a replay reckons from the mark before it, and notes here. It is
 * no part of a snapshot, and takes two bytes a commit of what was folded or read.
 */
export class Waypoints {
  readonly #blocks: (Uint8Array | undefined)[] = [];

  /** Keeps the digest after a commit, if it is one of those that are kept. */
  note(sequence: number, digest: Uint8Array): void {
    if (!isWaypoint(sequence)) return;
    const index = sequence / limits.waypoint_every_commits;
    const block = Math.floor(index / BLOCK);
    this.#blocks[block] ??= new Uint8Array(BLOCK * LENGTH);
    this.#blocks[block].set(digest, (index % BLOCK) * LENGTH);
  }

  /** Undefined where it is not kept, or not known. */
  at(sequence: number): Uint8Array | undefined {
    if (!isWaypoint(sequence)) return undefined;
    const index = sequence / limits.waypoint_every_commits;
    const from = (index % BLOCK) * LENGTH;
    const digest = this.#blocks[Math.floor(index / BLOCK)]?.slice(from, from + LENGTH);
    return digest?.some(byte => byte !== 0) ? digest : undefined;
  }
}

/** True for the commits whose digest is kept. */
export function isWaypoint(sequence: number): boolean {
  return sequence % limits.waypoint_every_commits === 0;
}
