// A call queue with backpressure: which of one caller's calls may run, and when to stop reading.
import { limits } from '../../../schemas/limits.js';

/** What a queue runs. */
export interface QueuedCall {
  /** Its share of the frame that brought it. */
  readonly bytes: number;
}

export interface CallQueueEnds<T extends QueuedCall> {
  /** Starts an entry. It lets later ones follow by `pass` and ends by `settle`, once each. */
  run(entry: T): void;
  /** False while answers pile up behind a reader that does not read. */
  isOpen(): boolean;
  whenOpen(resume: () => void): void;
  /** Nothing waits any more: reading may go on. */
  eased(): void;
  /** Which turn of the event loop this is. */
  turn(): number;
  /** In ms; never back. */
  now(): number;
}

/**
 * Runs the calls of one caller in their order, within `limits.waiting_frames` and `waiting_bytes`,
 * and in each turn of the event loop no more than `limits.turn_calls` and for `turn_ms`.
 */
export class CallQueue<T extends QueuedCall> {
  readonly #ends: CallQueueEnds<T>;
  #queue: readonly T[] = [];
  #next = 0;
  /** An entry runs that later ones must not overtake. */
  #isHeld = false;
  #isDraining = false;
  #isWoken = false;
  #running = 0;
  #runningBytes = 0;
  /** The turn in which it last ran a call; since when, and how many. */
  #turn = -1;
  #turnBegan = 0;
  #turnCalls = 0;

  constructor(ends: CallQueueEnds<T>) {
    this.#ends = ends;
  }

  /** True while entries wait: the reader should be paused until `eased`. */
  get isBacklogged(): boolean {
    return this.#next < this.#queue.length;
  }

  push(entries: readonly T[]): void {
    this.#queue = this.isBacklogged ? [...this.#queue.slice(this.#next), ...entries] : entries;
    this.#next = 0;
    this.#drain();
  }

  /** Later entries may follow the one that runs. */
  pass(): void {
    this.#isHeld = false;
    this.#wake();
  }

  /** An entry was answered. */
  settle({ bytes }: T): void {
    this.#running--;
    this.#runningBytes -= bytes;
    this.#wake();
  }

  /** Forgets what waits: its caller is gone. */
  stop(): void {
    this.#queue = [];
    this.#next = 0;
  }

  /** Not at once: an answer may come from the middle of a fold, which nobody may re-enter. */
  #wake(): void {
    if (!this.isBacklogged || this.#isDraining || this.#isWoken) return;
    this.#isWoken = true;
    queueMicrotask(this.#resume);
  }

  readonly #resume = (): void => {
    this.#isWoken = false;
    this.#drain();
    if (!this.isBacklogged) this.#ends.eased();
  };

  #drain(): void {
    this.#isDraining = true;
    while (this.#mayRun()) {
      if (this.#isTurnOver()) {
        this.#later();
        break;
      }
      const entry = this.#queue[this.#next++]!;
      this.#isHeld = true;
      this.#running++;
      this.#runningBytes += entry.bytes;
      this.#ends.run(entry);
    }
    this.#isDraining = false;
    if (!this.isBacklogged) this.stop();
    else if (!this.#isWoken && !this.#ends.isOpen()) {
      this.#isWoken = true;
      this.#ends.whenOpen(this.#resume);
    }
  }

  /** Counts a call that is about to run, or says that it has to wait for the next turn. */
  #isTurnOver(): boolean {
    const turn = this.#ends.turn();
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#turnBegan = this.#ends.now();
      this.#turnCalls = 0;
    } else if (
      this.#turnCalls >= limits.turn_calls ||
      this.#ends.now() - this.#turnBegan >= limits.turn_ms
    ) {
      return true;
    }
    this.#turnCalls++;
    return false;
  }

  /** One caller's huge batch must not keep the others waiting. */
  #later(): void {
    this.#isWoken = true;
    setImmediate(this.#resume);
  }

  #mayRun(): boolean {
    return (
      this.#next < this.#queue.length &&
      !this.#isHeld &&
      this.#running < limits.waiting_frames &&
      this.#runningBytes < limits.waiting_bytes &&
      this.#ends.isOpen()
    );
  }
}
