// Failures that are lived with: whatever stands in the way is said once, until it works again.

/**
 * Carries out work without which the broker lives on. What it throws goes to `tell`, but not a
 * second time in a row: the same code, or without one the same message.
 */
export class ToldOnce {
  readonly #tell: (message: string) => void;
  #trouble = '';

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  /** Never rejects. */
  async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#trouble = '';
    } catch (error) {
      const { message, code = message } = error as NodeJS.ErrnoException;
      if (code === this.#trouble) return;
      this.#trouble = code;
      this.#tell(message);
    }
  }
}
