// Signs of life while a POST waits for its answer: one that is frozen is given up for another.
import { limits } from '../../schemas/limits.js';
import { livezUrl } from './address.js';

/** Watches one broker for as long as one call waits. */
export interface LifeWatch {
  /** Aborted once the broker gives no sign of life. */
  signal: AbortSignal;
  stop(): void;
}

/**
 * An answer may take minutes, as of a call that waits, so silence says nothing: every
 * `limits.post_look_ms` the broker is asked whether it lives.
 */
export function watchLife(url: string): LifeWatch {
  const dead = new AbortController();
  let isOver = false;
  const look = async (): Promise<void> => {
    try {
      const signal = AbortSignal.timeout(limits.post_look_wait_ms);
      const { body } = await fetch(livezUrl(url), { signal });
      await body?.cancel();
      if (!isOver) timer = setTimeout(look, limits.post_look_ms);
    } catch {
      if (!isOver) dead.abort(new Error('it gives no sign of life'));
    }
  };
  let timer = setTimeout(look, limits.post_look_ms);
  return {
    signal: dead.signal,
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
