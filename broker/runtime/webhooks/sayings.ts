// What webhooks have the log say: each event with the promise of what became of it.
import type { SignalEvent } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Refusal } from '../../../schemas/refusal.js';
import type { TimedEvent } from '../../core/shared/timed.js';
import type { FoldedRecord } from '../../core/words.js';

export interface SayingsConfig {
  boot(): string;
  newId(): string;
  propose(event: SignalEvent): Refusal | undefined;
  /** Monotonic ms. */
  elapsed(): number;
}

interface Waiting {
  since: number;
  settle(isApplied: boolean): void;
}

/** Events that wait for the fold, by their ids. */
export class Sayings {
  readonly #config: SayingsConfig;
  readonly #waiting = new Map<string, Waiting>();

  constructor(config: SayingsConfig) {
    this.#config = config;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * True once it took effect; false when it is void, was refused, or is not known to be in the log
   * after `limits.answer_wait_ms`. Never rejects.
   */
  say(event: TimedEvent): Promise<boolean> {
    const { boot, newId, propose, elapsed } = this.#config;
    const id = newId();
    const isRefused = propose({ v: 1, id, by: boot(), ...event } as SignalEvent) !== undefined;
    if (isRefused) return Promise.resolve(false);
    return new Promise(settle => this.#waiting.set(id, { since: elapsed(), settle }));
  }

  folded({ event, void: reason }: FoldedRecord): void {
    if (event !== undefined) this.#settle(event.id, reason === undefined);
  }

  refused(events: readonly SignalEvent[]): void {
    for (const { id } of events) this.#settle(id, false);
  }

  /** Gives up what has waited too long. */
  tick(): void {
    const before = this.#config.elapsed() - limits.answer_wait_ms;
    for (const [id, { since }] of this.#waiting) if (since <= before) this.#settle(id, false);
  }

  close(): void {
    for (const id of this.#waiting.keys()) this.#settle(id, false);
  }

  #settle(id: string, isApplied: boolean): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.settle(isApplied);
  }
}
