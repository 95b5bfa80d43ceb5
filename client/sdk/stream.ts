// A queue between a socket that pushes and a reader that pulls, read as an async iterator.
interface Waiter<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: Error): void;
}

type End = { error?: Error };

/** What is pushed is read in order; after the end, what is left is read first. */
export class Stream<T> {
  #values: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #end: End | undefined;

  push(value: T): void {
    if (this.#end) return;
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve({ value, done: false });
    else this.#values.push(value);
  }

  /** Ends the stream; the reader gets the error once, then `done`. */
  finish(error?: Error): void {
    if (this.#end) return;
    this.#end = error ? { error } : {};
    for (const waiter of this.#waiters.splice(0)) this.#tellEnd(waiter);
  }

  /** Forgets what is not read yet and what `isUnwanted` says. */
  drop(isUnwanted: (value: T) => boolean): void {
    this.#values = this.#values.filter(value => !isUnwanted(value));
  }

  next(): Promise<IteratorResult<T>> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#end) this.#tellEnd(waiter);
      else this.#waiters.push(waiter);
    });
  }

  #tellEnd(waiter: Waiter<T>): void {
    const error = this.#end?.error;
    this.#end = {};
    if (error) waiter.reject(error);
    else waiter.resolve({ value: undefined, done: true });
  }
}
