// The log follower: folds the log beside the broker, in slices at its own pace, for its parts.
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../schemas/limits.js';
import { BrokenHistory, type Fold } from '../core/fold.js';
import type { FoldedCommit } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';
import { causeOf } from '../system/fault.js';
import {
  TimelineAway,
  type TimelinePart,
  type TimelineQuestion,
  type TimelineStatus,
} from './part.js';

export interface FollowerConfig {
  log: Pick<Log, 'read'>;
  /** Where the following begins: empty, or restored; no later than what the parts hold. */
  fold: Fold;
  parts: readonly TimelinePart[];
  clock: Clock;
  onWarning(line: string): void;
  /** After each slice, and when a part has failed. */
  onMoved?(status: TimelineStatus): void;
}

interface Waiter {
  sequence: number;
  resolve(): void;
  reject(error: Error): void;
}

/** A part that follows, and what it already has. */
interface Seat {
  part: TimelinePart;
  cursor: number;
}

/**
 * Reads the log as far as it is told that it goes (`note`), never ahead of the broker. A store that
 * is away is tried again until `close`. https://martinfowler.com/bliki/CQRS.html
 */
export class LogFollower {
  readonly #config: FollowerConfig;
  readonly #failed: Record<string, string> = {};
  #seats: Seat[] = [];
  #head = 0;
  /** What the broker's digest was at a commit still to be folded. */
  #vouched: { sequence: number; digest: Uint8Array } | undefined;
  #waiters: Waiter[] = [];
  #wake: (() => void) | undefined;
  #broken: BrokenHistory | undefined;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(config: FollowerConfig) {
    this.#config = config;
    this.#head = config.fold.sequence;
  }

  get fold(): Fold {
    return this.#config.fold;
  }

  status(): TimelineStatus {
    return { sequence: this.fold.sequence, head: this.#head, failed: { ...this.#failed } };
  }

  /** Begins to follow. Resolves once all parts have begun. */
  async start(): Promise<void> {
    for (const part of this.#config.parts) {
      try {
        await part.begin?.(this.fold);
        this.#seats.push({ part, cursor: part.cursor?.() ?? this.fold.sequence });
      } catch (error) {
        this.#fail(part, error);
      }
    }
    this.#running ??= this.#run();
  }

  /** The broker has folded this far; its digest there must be ours. */
  note(sequence: number, digest?: Uint8Array): void {
    if (sequence <= this.#head) return;
    this.#head = sequence;
    if (digest !== undefined) this.#vouched = { sequence, digest };
    this.#wake?.();
  }

  /** Resolves once a commit is folded, and the parts have rested after it. */
  reached(sequence: number): Promise<void> {
    this.note(sequence);
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    if (this.#isClosed) return Promise.reject(new TimelineAway('closed'));
    if (this.#rested >= sequence) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ sequence, resolve, reject }));
  }

  /** What a part answers. Rejects with TimelineAway when it cannot. */
  async ask({ part: name, question, upTo }: TimelineQuestion, signal?: AbortSignal) {
    if (upTo !== undefined) await this.reached(upTo);
    const why = this.#failed[name];
    if (why !== undefined) throw new TimelineAway(`${name} has failed: ${why}`);
    const part = this.#seats.find(seat => seat.part.name === name)?.part;
    if (part?.answer === undefined) throw new TimelineAway(`there is no ${name}`);
    return part.answer(question as never, signal ?? this.#closing.signal, this.fold);
  }

  /** Ends the following and closes the parts; what was asked and not answered rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake?.();
    await this.#running;
    this.#end(new TimelineAway('closed'));
    for (const { part } of this.#seats) {
      try {
        await part.close?.();
      } catch (error) {
        this.#fail(part, error);
      }
    }
  }

  /** The commit after which the parts last rested. */
  #rested = 0;

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    await this.#rest();
    while (!this.#isClosed) {
      if (this.fold.sequence >= this.#head) {
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
        continue;
      }
      try {
        await this.#slices();
      } catch (error) {
        if (!(await this.#livesWith(error))) return;
      }
    }
  }

  /** Folds to the head as it was known, and rests after each slice. */
  async #slices(): Promise<void> {
    const { log, clock } = this.#config;
    let began = clock.elapsed();
    for await (const delivery of log.read(this.fold.sequence + 1, this.#head)) {
      this.#tell(this.fold.commit(delivery));
      this.#assertVouched();
      if (this.#isClosed) return;
      if (clock.elapsed() - began < limits.timeline_slice_ms) continue;
      await this.#rest();
      await nextTurn();
      began = clock.elapsed();
    }
    await this.#rest();
  }

  #tell(commit: FoldedCommit): void {
    for (const { part, cursor } of this.#seats) {
      if (commit.sequence < cursor) continue;
      try {
        if (commit.sequence === cursor) part.passed?.(this.fold);
        else part.folded?.(commit, this.fold);
      } catch (error) {
        this.#fail(part, error);
      }
    }
  }

  async #rest(): Promise<void> {
    const { sequence } = this.fold;
    for (const { part } of this.#seats) {
      try {
        await part.rested?.(this.fold, sequence >= this.#head);
      } catch (error) {
        this.#fail(part, error);
      }
    }
    this.#rested = sequence;
    const reached = this.#waiters.filter(waiter => waiter.sequence <= sequence);
    this.#waiters = this.#waiters.filter(waiter => waiter.sequence > sequence);
    for (const { resolve } of reached) resolve();
    this.#config.onMoved?.(this.status());
  }

  /** What was read from the store twice must be the same, or one of the two is not the log. */
  #assertVouched(): void {
    const { sequence, digest } = this.fold;
    if (this.#vouched?.sequence !== sequence) return;
    if (Buffer.compare(digest, this.#vouched.digest) === 0) return;
    throw new BrokenHistory(`commit ${sequence} or one before it is not what the broker folded`);
  }

  /** False when the following ends here. */
  async #livesWith(error: unknown): Promise<boolean> {
    const { onWarning } = this.#config;
    if (error instanceof BrokenHistory) {
      this.#broken = error;
      onWarning(`the timeline does not follow the log any further: ${error.message}`);
      this.#end(error);
      return false;
    }
    const { signal } = this.#closing;
    await pause(limits.timeline_retry_ms, undefined, { signal }).catch(() => {});
    return !this.#isClosed;
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  #fail(part: TimelinePart, error: unknown): void {
    this.#failed[part.name] = error instanceof Error ? error.message : String(error);
    this.#seats = this.#seats.filter(seat => seat.part !== part);
    this.#config.onWarning(`the ${part.name} of the timeline has failed: ${causeOf(error)}`);
    this.#config.onMoved?.(this.status());
  }
}
