// The vigil over a connection where there are other brokers: one that serves no more is left.
import { limits } from '../../schemas/limits.js';
import type { CallRequest } from './calls.js';
import { ClientError } from './errors.js';

/** What the vigil calls by, and whom it tells. */
export interface VigilOptions {
  call(request: CallRequest): void;
  /** The broker did not answer in time, or said all that time that it cannot serve. */
  onDead(): void;
}

/**
 * Asks now and then who one is. A broker that is frozen, or cut off from its log, keeps its sockets
 * open; who only listens would never know.
 */
export class Vigil {
  readonly #options: VigilOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: VigilOptions) {
    this.#options = options;
  }

  begin(): void {
    this.end();
    this.#timer = setTimeout(() => this.#look(), limits.vigil_every_ms);
    // In Node a client that has nothing else to do need not stay for this.
    const { unref } = this.#timer as { unref?(): void };
    unref?.call(this.#timer);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const timer = this.#timer;
    this.#options.call({
      method: 'peer.whoami',
      params: {},
      scope: 'socket',
      wait_ms: limits.vigil_wait_ms,
      done: outcome => {
        if (this.#timer !== timer) return;
        const isLost = 'error' in outcome && !isOurs(outcome.error);
        if (isLost) this.#options.onDead();
        else this.begin();
      },
    });
  }
}

/** What says nothing of the broker: the socket went, or too many calls are open. */
function isOurs(error: Error): boolean {
  return error instanceof ClientError && ['lost', 'busy', 'closed'].includes(error.code);
}
