// The supervisor of one nats-server: a new one when it dies, no longer answers, or on request.
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../schemas/limits.js';
import type { Clock } from '../system/clock.js';
import type { NatsAnswer } from './probe.js';
import type { NatsProcess } from './process.js';

export interface KeeperParts {
  /** Starts a server and resolves when it is ready; gives up when `stopping` is aborted. */
  launch(stopping: AbortSignal): Promise<NatsProcess>;
  /** Whether the server at our address answers in time, as far as we could ask. */
  answers(): Promise<NatsAnswer>;
  clock: Clock;
  onProgress(line: string): void;
  onWarning(line: string): void;
}

/**
 * A supervisor: starts the server again with exponential backoff, from `limits.nats_restart_min_ms`
 * to `nats_restart_max_ms`, and ends one that leaves `nats_probe_misses` questions unanswered.
 */
export class NatsKeeper {
  readonly #parts: KeeperParts;
  readonly #stopping = new AbortController();
  readonly #kept: Promise<void>;
  #process: NatsProcess;
  #isUp = true;
  /** Why we ended it ourselves, if we did. */
  #verdict: string | undefined;
  #waitMs: number = limits.nats_restart_min_ms;
  #awaitingNext: (() => void)[] = [];

  constructor(first: NatsProcess, parts: KeeperParts) {
    this.#parts = parts;
    this.#process = first;
    this.#kept = this.#keep();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Ends the server and resolves when the next one is ready; joins a restart under way. */
  async restart(reason: string): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const next = new Promise<void>(resolve => this.#awaitingNext.push(resolve));
    if (this.#isUp) {
      this.#verdict ??= reason;
      await this.#process.end();
    }
    await next;
  }

  /** Ends the server for good; returns when it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#process.end();
    await this.#kept;
    // One that became ready in the same moment.
    await this.#process.end();
  }

  async #keep(): Promise<void> {
    const { clock, onWarning } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      const since = clock.elapsed();
      await this.#watch();
      this.#isUp = false;
      if (this.#stopping.signal.aborted) break;
      const why = this.#verdict ?? this.#process.gone.reason;
      onWarning(`nats-server (process ${this.pid}) is started again: ${why}`);
      this.#verdict = undefined;
      if (clock.elapsed() - since > limits.nats_steady_ms) {
        this.#waitMs = limits.nats_restart_min_ms;
      }
      await this.#startNext();
    }
    this.#tellWaiting();
  }

  /** Returns when the server is gone; ends it when it keeps silent. */
  async #watch(): Promise<void> {
    const { gone } = this.#process;
    let misses = 0;
    while (!gone.aborted) {
      await sleep(limits.nats_probe_every_ms, undefined, { signal: gone }).catch(() => {});
      if (gone.aborted) return;
      const answer = await this.#parts.answers();
      // A question that we could not ask is no silence of the server.
      if (answer !== 'unasked') misses = answer === 'answers' ? 0 : misses + 1;
      if (misses < limits.nats_probe_misses || gone.aborted) continue;
      this.#verdict ??= 'it no longer answered';
      await this.#process.kill();
    }
  }

  /** Tries until one is ready, ever more slowly. */
  async #startNext(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(this.#waitMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      this.#waitMs = Math.min(this.#waitMs * 2, limits.nats_restart_max_ms);
      try {
        this.#process = await this.#parts.launch(signal);
        this.#isUp = true;
        this.#parts.onProgress(`nats-server runs again (process ${this.pid})`);
        this.#tellWaiting();
        return;
      } catch (error) {
        if (!signal.aborted) this.#parts.onWarning((error as Error).message);
      }
    }
  }

  #tellWaiting(): void {
    for (const resolve of this.#awaitingNext.splice(0)) resolve();
  }
}
