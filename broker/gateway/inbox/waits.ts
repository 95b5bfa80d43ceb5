// Long polling: calls that stand until something of theirs happens or their time is up.
import { limits } from '../../../schemas/limits.js';

/** Tries to answer the call; `isLate` says that it must. True when it did. */
type Attempt = (isLate: boolean) => boolean;

interface Wait {
  key: string;
  attempt: Attempt;
  /** Told when an attempt throws, which ends the wait. */
  fail: (error: unknown) => void;
  timer: NodeJS.Timeout;
}

/**
 * The calls that wait, by what they wait for; at most `limits.waits`.
 * https://www.rfc-editor.org/rfc/rfc6202
 */
export class Waits {
  readonly #byKey = new Map<string, Set<Wait>>();
  #count = 0;

  /**
   * Attempts again whenever `key` is woken and, for the last time, after `seconds`; at once when
   * too many wait already. Returns what ends the wait without an attempt.
   */
  add(
    key: string,
    seconds: number,
    attempt: Attempt,
    fail: (error: unknown) => void = () => {},
  ): () => void {
    if (this.#count >= limits.waits) {
      tried({ attempt, fail }, true);
      return () => {};
    }
    const timer = setTimeout(() => this.#expire(wait), seconds * 1000);
    const wait: Wait = { key, attempt, fail, timer };
    const known = this.#byKey.get(key);
    if (known) known.add(wait);
    else this.#byKey.set(key, new Set([wait]));
    this.#count++;
    return () => this.#remove(wait);
  }

  /** Lets those who wait for `key` try, the longest waiting first. */
  wake(key: string): void {
    if (this.#count === 0) return;
    for (const wait of this.#byKey.get(key) ?? []) if (tried(wait, false)) this.#remove(wait);
  }

  /** Lets everybody try: some may wait no longer. */
  wakeAll(): void {
    for (const key of [...this.#byKey.keys()]) this.wake(key);
  }

  /** Answers everybody as if their time were up. */
  close(): void {
    for (const waits of [...this.#byKey.values()]) for (const wait of waits) this.#expire(wait);
  }

  #expire(wait: Wait): void {
    this.#remove(wait);
    tried(wait, true);
  }

  #remove(wait: Wait): void {
    const waits = this.#byKey.get(wait.key);
    if (!waits?.delete(wait)) return;
    clearTimeout(wait.timer);
    this.#count--;
    if (waits.size === 0) this.#byKey.delete(wait.key);
  }
}

/** Tries from a timer or from the middle of a fold, so that a throw goes to its own caller only. */
function tried({ attempt, fail }: Pick<Wait, 'attempt' | 'fail'>, isLate: boolean): boolean {
  try {
    return attempt(isLate);
  } catch (error) {
    fail(error);
    return true;
  }
}
