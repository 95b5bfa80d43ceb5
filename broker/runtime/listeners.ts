// The listeners: observers of folded commits that come and go, as the wings of the gateway do.
import type { FoldedCommit } from '../core/words.js';
import type { Part } from './part.js';

export type CommitListener = (commit: FoldedCommit) => void;

/** Tells each on its own: what one throws is its own fault, and no fault of the fold. */
export class Listeners implements Part {
  readonly #listeners = new Set<CommitListener>();
  readonly #onFault: (error: unknown) => void;

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Returns what ends the listening. */
  add(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  folded(commit: FoldedCommit): void {
    for (const listener of this.#listeners) {
      try {
        listener(commit);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }
}
