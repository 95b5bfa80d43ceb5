// The integrity check of an index just opened: beside its work, since it can take a minute.
import { Worker } from 'node:worker_threads';
import { isAsMarked } from './clean-mark.js';

/**
 * What is wrong with the file; undefined when nothing is. One that was closed is compared with its
 * mark, and must not be written until then; any other is looked through by SQLite, which finds
 * what is no database, and is written meanwhile. Rejects when it was stopped, or could not look.
 */
export class IntegrityCheck {
  readonly damage: Promise<string | undefined>;
  /** Resolves when the file may be written. */
  readonly writable: Promise<void>;
  readonly #stopping = new AbortController();

  constructor(path: string, wasClosed: boolean) {
    const { signal } = this.#stopping;
    const compared = wasClosed ? isAsMarked(path, signal) : Promise.resolve(undefined);
    this.writable = compared.then(
      () => {},
      () => {},
    );
    this.damage = compared.then(isSame => {
      if (isSame === undefined) return lookThrough(path, signal);
      return isSame ? undefined : 'it is not the file that was closed';
    });
    this.damage.catch(() => {});
  }

  stop(): void {
    this.#stopping.abort();
  }
}

/** In a thread of its own, since SQLite does not return before it has read a whole table. */
function lookThrough(path: string, stopping: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    stopping.throwIfAborted();
    const thread = new Worker(new URL('check-thread.js', import.meta.url), {
      workerData: path,
      name: 'index check',
    });
    thread.unref();
    stopping.addEventListener('abort', () => {
      reject(stopping.reason);
      void thread.terminate();
    });
    thread.on('message', resolve);
    thread.on('error', reject);
    thread.on('exit', () => reject(new Error('its thread ended')));
  });
}
