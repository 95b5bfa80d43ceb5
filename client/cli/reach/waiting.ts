// Waiting as a person does: told when the broker is away, and ended by Ctrl-C.
import type { Patience } from '../../sdk/waiting.js';
import { Failure } from '../../terminal/exit.js';
import type { Wait } from '../options.js';

/** The patience that `--wait` asks for; that the broker is away is said. */
export function patienceOf(wait: Wait, say: (line: string) => void): Patience {
  return {
    wait_s: wait === true ? Number.POSITIVE_INFINITY : wait,
    onAway: () => say('the broker is away; still waiting'),
  };
}

/** The work, or a Failure as soon as the person presses Ctrl-C. */
export async function interruptible<T>(message: string, work: Promise<T>): Promise<T> {
  let interrupt = () => {};
  const pressed = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Failure('interrupted', message));
  });
  process.once('SIGINT', interrupt);
  try {
    return await Promise.race([work, pressed]);
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
