// Receipts: which items of the inbox answers have shown, and which a later call proves to be seen.

/** One call of a tool while it runs. */
export interface CallShown {
  /** Items that calls before this one have shown, and that it proves seen. */
  readonly proven: readonly string[];
  /** Items whose answer never reached the client. */
  readonly lost: readonly string[];
  /** Notes what its answer shows. */
  hands(refs: readonly string[]): void;
  /** Its answer has left, or went nowhere as the client had given up; maybe on its way only. */
  ends(isLost: boolean): void;
}

/**
 * An answer is proven seen by the next call of its session that began after it had left, while no
 * call that began before that still runs: a model asks for several tools in one step, so what
 * runs beside an answer proves nothing. Items proven are told once; `keep` puts them back.
 */
export class Shown {
  /** Shown by answers that have left. */
  #left = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #running = new Set<symbol>();

  /** A call begins. */
  begin(): CallShown {
    const proven = this.#running.size === 0 ? [...this.#left] : [];
    if (this.#running.size === 0) this.#left = new Set();
    const self = Symbol('call');
    this.#running.add(self);
    const handed: string[] = [];
    return {
      proven,
      lost: [...this.#lost],
      hands: refs => {
        handed.push(...refs);
      },
      ends: isLost => {
        this.#running.delete(self);
        for (const ref of handed) {
          this.#lost.delete(ref);
          this.#left.delete(ref);
          (isLost ? this.#lost : this.#left).add(ref);
        }
      },
    };
  }

  /** What could not be acknowledged is proven again by the next call. */
  keep(refs: readonly string[]): void {
    for (const ref of refs) this.#left.add(ref);
  }
}
