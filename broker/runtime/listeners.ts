// Those who hear of every folded commit, each on its own: what one throws is no fault of the fold.
import type { FoldedCommit } from '../core/words.js';

export type Listener = (commit: FoldedCommit) => void;

export class Listeners {
  private readonly listeners = new Set<Listener>();
  private readonly onFault: (error: unknown) => void;

  constructor(onFault: (error: unknown) => void) {
    this.onFault = onFault;
  }

  /** Returns what ends the listening. */
  add(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(commit: FoldedCommit): void {
    for (const listener of this.listeners) {
      try {
        listener(commit);
      } catch (error) {
        this.onFault(error);
      }
    }
  }
}
