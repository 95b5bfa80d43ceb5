// Waiting until all that was stored or proposed before a call is folded.
import type { Log } from '../log/log.js';

interface Waiter {
  sequence: number;
  ticket: number;
  resolve(): void;
}

export class Barrier {
  private readonly log: Log;
  private sequence = 0;
  /** Own events proposed and settled so far. */
  private proposed = 0;
  private settled = 0;
  private waiters: Waiter[] = [];
  private running: Promise<number> | undefined;
  private queued: Promise<number> | undefined;

  constructor(log: Log) {
    this.log = log;
  }

  noteProposed(): void {
    this.proposed++;
  }

  /** Own events that came back or were refused. */
  noteSettled(count: number): void {
    this.settled += count;
    this.release();
  }

  noteFolded(sequence: number): void {
    this.sequence = sequence;
    this.release();
  }

  /** Resolves once folded up to a head read after this call. Rejects when the log is away. */
  async reached(): Promise<void> {
    const ticket = this.proposed;
    const sequence = await this.headReadFromNow();
    return this.past(sequence, ticket);
  }

  /** Resolves once the commit is folded and the own events up to `ticket` are settled. */
  past(sequence: number, ticket = 0): Promise<void> {
    if (this.sequence >= sequence && this.settled >= ticket) return Promise.resolve();
    return new Promise(resolve => this.waiters.push({ sequence, ticket, resolve }));
  }

  /** Callers share a read, but never one that began before they came. */
  private headReadFromNow(): Promise<number> {
    if (this.running === undefined) return this.readHead();
    this.queued ??= this.running.then(
      () => this.readHead(),
      () => this.readHead(),
    );
    return this.queued;
  }

  private readHead(): Promise<number> {
    this.queued = undefined;
    const reading = this.log.head();
    this.running = reading;
    const end = () => {
      if (this.running === reading) this.running = undefined;
    };
    reading.then(end, end);
    return reading;
  }

  private release(): void {
    if (this.waiters.length === 0) return;
    const isPast = ({ sequence, ticket }: Waiter) =>
      this.sequence >= sequence && this.settled >= ticket;
    const past = this.waiters.filter(isPast);
    if (past.length === 0) return;
    this.waiters = this.waiters.filter(waiter => !isPast(waiter));
    for (const { resolve } of past) resolve();
  }
}
