// A counting semaphore: so many inside at once, the others in the order in which they came.
// https://en.wikipedia.org/wiki/Semaphore_(programming)

/** Bounds how much of one kind of work is under way. */
export class Semaphore {
  readonly #outside: (() => void)[] = [];
  #free: number;

  /** `places` is how many may be inside. */
  constructor(places: number) {
    this.#free = places;
  }

  /** How many wait to come in. */
  get waiting(): number {
    return this.#outside.length;
  }

  /** Resolves when there is a place, which is taken until `leave`. */
  enter(): Promise<void> {
    if (this.#free === 0) return new Promise(resolve => this.#outside.push(resolve));
    this.#free--;
    return Promise.resolve();
  }

  /** Gives the place to the one who has waited longest. */
  leave(): void {
    const next = this.#outside.shift();
    if (next) next();
    else this.#free++;
  }
}
