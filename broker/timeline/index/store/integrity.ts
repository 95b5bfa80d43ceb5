// The integrity check of an index just opened: beside its work, since it can take a minute.
import { Worker } from 'node:worker_threads';
import { shutAtExit, threadGate } from '../../../system/native-gate.js';
import type { CheckSetup } from './check-thread.js';
import { fittingMark } from './clean-mark.js';

/**
 * What is wrong with the file; undefined when nothing is. One that was closed is compared with its
 * mark, and must not be written until then; any other is looked through by SQLite, which finds
 * what is no database, and is written meanwhile. Rejects when it was stopped, or could not look.
 */
export class IntegrityCheck {
  readonly damage: Promise<string | undefined>;
  /** Resolves when the file may be written. */
  readonly writable: Promise<void>;
  /** Every bit of it is as it was written; false until the file was compared with its mark. */
  isUnbroken = false;
  readonly #stopping = new AbortController();

  constructor(path: string, wasClosed: boolean) {
    const { signal } = this.#stopping;
    const compared = wasClosed ? fittingMark(path, signal) : Promise.resolve(undefined);
    this.writable = compared.then(
      () => {},
      () => {},
    );
    this.damage = compared.then(mark => {
      if (mark === undefined) return lookThrough(path, signal);
      if (mark === null) return 'it is not the file that was closed';
      this.isUnbroken = mark.isUnbroken;
      return undefined;
    });
    this.damage.catch(() => {});
  }

  stop(): void {
    this.#stopping.abort();
  }
}

/**
 * In a thread of its own, since SQLite does not return before it has read a whole table: one that
 * is stopped is not waited for, and ends after the whole file or with the thread that started it.
 */
function lookThrough(path: string, stopping: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    stopping.throwIfAborted();
    const gate = threadGate();
    const setup: CheckSetup = { path, gate: gate.shared };
    const thread = new Worker(new URL('check-thread.js', import.meta.url), {
      workerData: setup,
      name: 'index check',
    });
    thread.unref();
    const forget = shutAtExit(gate);
    stopping.addEventListener('abort', () => reject(stopping.reason));
    thread.on('message', resolve);
    thread.on('error', reject);
    thread.on('exit', () => {
      forget();
      reject(new Error('its thread ended'));
    });
  });
}
