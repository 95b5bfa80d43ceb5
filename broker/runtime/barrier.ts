// A barrier: waiting until all that was stored or proposed before a call is folded.
import type { SignalEvent } from '../../schemas/event.js';
import type { FoldedCommit } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Committer } from './committer.js';
import type { Part } from './part.js';

interface Waiter {
  sequence: number;
  ticket: number;
  resolve(): void;
}

/** Makes a read [linearizable](https://jepsen.io/consistency/models/linearizable) that waits. */
export class Barrier implements Part {
  readonly #log: Pick<Log, 'head'>;
  readonly #committer: Pick<Committer, 'proposed'>;
  #sequence: number;
  /** Own events that came back or were refused. */
  #settled = 0;
  #waiters: Waiter[] = [];
  #running: Promise<number> | undefined;
  #queued: Promise<number> | undefined;

  /** `sequence` is what is folded already. */
  constructor(log: Pick<Log, 'head'>, committer: Pick<Committer, 'proposed'>, sequence = 0) {
    this.#log = log;
    this.#committer = committer;
    this.#sequence = sequence;
  }

  folded({ sequence }: FoldedCommit, own: readonly SignalEvent[] | undefined): void {
    this.#sequence = sequence;
    this.#settled += own?.length ?? 0;
    this.#release();
  }

  refused(events: readonly SignalEvent[]): void {
    this.#settled += events.length;
    this.#release();
  }

  /** Resolves once folded up to a head read after this call. Rejects when the log is away. */
  async reached(): Promise<void> {
    const ticket = this.#committer.proposed;
    const sequence = await this.#headReadFromNow();
    return this.past(sequence, ticket);
  }

  /** Resolves once the commit is folded and the own events up to `ticket` are settled. */
  past(sequence: number, ticket = 0): Promise<void> {
    if (this.#sequence >= sequence && this.#settled >= ticket) return Promise.resolve();
    return new Promise(resolve => this.#waiters.push({ sequence, ticket, resolve }));
  }

  /** Callers share a read, but never one that began before they came. */
  #headReadFromNow(): Promise<number> {
    if (this.#running === undefined) return this.#readHead();
    this.#queued ??= this.#running.then(
      () => this.#readHead(),
      () => this.#readHead(),
    );
    return this.#queued;
  }

  #readHead(): Promise<number> {
    this.#queued = undefined;
    const reading = this.#log.head();
    this.#running = reading;
    const end = () => {
      if (this.#running === reading) this.#running = undefined;
    };
    reading.then(end, end);
    return reading;
  }

  #release(): void {
    if (this.#waiters.length === 0) return;
    const isPast = ({ sequence, ticket }: Waiter) =>
      this.#sequence >= sequence && this.#settled >= ticket;
    const past = this.#waiters.filter(isPast);
    if (past.length === 0) return;
    this.#waiters = this.#waiters.filter(waiter => !isPast(waiter));
    for (const { resolve } of past) resolve();
  }
}
