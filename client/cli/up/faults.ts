// What nobody caught ends the broker: it says its cause, and leaves nothing behind.
import { limits } from '../../../schemas/limits.js';
import { exits } from '../../terminal/exit.js';

export interface Faults {
  /** Aborted by the first fault. */
  readonly signal: AbortSignal;
  /** What is to be done before the process ends; it may take `limits.fault_end_ms`. */
  end: () => Promise<unknown>;
  exit(): never;
}

/** From now on a fault ends the process; `say` is told the cause. */
export function endOnFaults(say: (line: string) => void): Faults {
  const first = new AbortController();
  const exit = () => process.exit(exits.failed);
  const faults: Faults = { signal: first.signal, end: () => new Promise(() => {}), exit };
  const fail = (error: unknown) => {
    const cause = error instanceof Error ? error.stack : String(error);
    say(`the broker failed, which it should not, and stops: ${cause}`);
    // What fails while it ends is said too, and changes nothing.
    if (first.signal.aborted) return;
    first.abort();
    setTimeout(exit, limits.fault_end_ms);
    faults.end().then(exit, exit);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  return faults;
}
