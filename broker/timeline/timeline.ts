// The broker's side of its timeline: starts the worker, asks it, and starts it anew when it dies.
import { Worker } from 'node:worker_threads';
import { limits } from '../../schemas/limits.js';
import type { Clock } from '../system/clock.js';
import { within } from '../system/deadline.js';
import { NativeGate, shutAtExit } from '../system/native-gate.js';
import type { LogFollower } from './follower.js';
import type { FromWorker, TimelineSetup, ToWorker, WorkerSetup } from './messages.js';
import { TimelineAway, type TimelineQuestion, type TimelineStatus } from './part.js';
import type { SavedSnapshot } from './snapshots/snapshot-writer.js';

/** All that the broker may want of its timeline. */
export interface Timeline {
  status(): TimelineStatus & Lag;
  /** The broker has folded this far, and so many events more. Cheap: call it at every commit. */
  note(sequence: number, digest: Uint8Array, events: number): void;
  /**
   * What a part answers, as plain data. Rejects with TimelineAway when nobody is there to answer,
   * and with an AbortError once the signal says that nobody waits.
   */
  ask(question: TimelineQuestion, signal?: AbortSignal): Promise<unknown>;
  /** Ends it within `limits.close_ms`, or twice that where its native code takes longer. */
  close(): Promise<void>;
}

/** How far the timeline is behind the broker. */
export interface Lag {
  lag_commits: number;
  /** Since when the oldest commit that it has not folded was known, in ms. */
  lag_ms: number;
  /** False while its worker is being started, or has died. */
  isRunning: boolean;
  /** The newest snapshot on disk; absent when none is known. */
  snapshot?: SavedSnapshot | undefined;
}

export interface TimelineConfig {
  setup: TimelineSetup;
  clock: Clock;
  onWarning(line: string): void;
}

interface Asked {
  message: ToWorker;
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

const NOWHERE: TimelineStatus = { sequence: 0, head: 0, failed: {} };

/** A timeline in a worker thread: nothing of it runs, blocks or fails on the broker's own. */
export class WorkerTimeline implements Timeline {
  readonly #config: TimelineConfig;
  #worker: Worker | undefined;
  #gate = new NativeGate();
  #status = NOWHERE;
  /** The newest that we were told of, and when it was written (monotonic). */
  #saved: { snapshot: SavedSnapshot; at: number } | undefined;
  #newest: { sequence: number; digest: Uint8Array } | undefined;
  /** The head as the worker was told of it, and when each was. */
  #notes: { sequence: number; at: number }[] = [];
  /** How many events were folded since the last of them. */
  #gathered = 0;
  #nextNote: { timer: NodeJS.Timeout; isSoon: boolean } | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #startTimer: NodeJS.Timeout | undefined;
  #restartMs: number = limits.timeline_restart_min_ms;
  #startedAt = 0;
  #nextId = 1;
  readonly #asked = new Map<number, Asked>();
  #isClosed = false;

  constructor(config: TimelineConfig) {
    this.#config = config;
  }

  /** Starts the worker; called once the broker itself serves. */
  start(): void {
    if (this.#isClosed) return;
    const { clock, setup, onWarning } = this.#config;
    this.#startedAt = clock.elapsed();
    const gate = new NativeGate();
    const workerData: WorkerSetup = { ...setup, gate: gate.shared };
    const worker = new Worker(new URL('worker.js', import.meta.url), {
      workerData,
      name: 'timeline',
    });
    const forget = shutAtExit(gate);
    this.#gate = gate;
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#hear(message));
    worker.on('error', error => onWarning(`the worker of the timeline died: ${error.message}`));
    worker.on('exit', () => {
      forget();
      this.#ended();
    });
    if (this.#newest !== undefined) this.#sendNote();
    // Whoever asked while it was away is answered by the next one.
    for (const { message } of this.#asked.values()) worker.postMessage(message);
  }

  status(): TimelineStatus & Lag {
    const { sequence } = this.#status;
    const head = this.#newest?.sequence ?? this.#status.head;
    const oldest = this.#notes[0]?.at;
    const now = this.#config.clock.elapsed();
    const lag = {
      lag_commits: Math.max(0, head - sequence),
      lag_ms: oldest === undefined ? 0 : Math.round(now - oldest),
      isRunning: this.#worker !== undefined,
    };
    const saved = this.#saved;
    const snapshot = saved && { ...saved.snapshot, age_ms: Math.round(now - saved.at) };
    return { ...this.#status, head, ...lag, snapshot };
  }

  note(sequence: number, digest: Uint8Array, events: number): void {
    this.#newest = { sequence, digest };
    this.#gathered += events;
    this.#planNote();
  }

  ask(asked: TimelineQuestion, signal?: AbortSignal): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new TimelineAway('the timeline is closed'));
    if (this.#asked.size >= limits.timeline_waiting_calls) {
      return Promise.reject(new TimelineAway('too many questions wait for the timeline'));
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#askedAt = this.#config.clock.elapsed();
    const id = this.#nextId++;
    const message: ToWorker = { say: 'ask', id, asked };
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#settle(id);
        this.#send({ say: 'cancel', id });
        reject(signal?.reason);
      };
      const end =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', stop);
          then(value);
        };
      signal?.addEventListener('abort', stop, { once: true });
      this.#asked.set(id, { message, resolve: end(resolve), reject: end(reject) });
      this.#send(message);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#nextNote?.timer);
    clearTimeout(this.#startTimer);
    for (const id of [...this.#asked.keys()]) {
      this.#settle(id)?.reject(new TimelineAway('the timeline is closed'));
    }
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise<true>(resolve => worker.once('exit', () => resolve(true)));
    this.#send({ say: 'close' });
    if (await within(ended, limits.close_ms, false)) return;
    if (await this.#gate.shutWithin(limits.close_ms)) await worker.terminate();
    // To end it now would end the process: its exit waits for what is left.
    else worker.unref();
  }

  #hear(message: FromWorker): void {
    switch (message.say) {
      case 'stands':
        this.#stands(message.status);
        break;
      case 'saved': {
        const { snapshot } = message;
        this.#saved = { snapshot, at: this.#config.clock.elapsed() - snapshot.age_ms };
        break;
      }
      case 'warning':
        this.#config.onWarning(message.line);
        break;
      case 'told':
        this.#settle(message.id)?.resolve(message.answer);
        break;
      case 'failed': {
        const { id, isAway } = message;
        const error = isAway ? new TimelineAway(message.message) : new Error(message.message);
        this.#settle(id)?.reject(error);
      }
    }
  }

  #stands(status: TimelineStatus): void {
    this.#status = status;
    this.#notes = this.#notes.filter(note => note.sequence > status.sequence);
    const hasFailed = Object.keys(status.failed).length > 0;
    // A part that failed begins again with a new worker: it may have been a passing trouble.
    if (hasFailed) this.#startTimer ??= setTimeout(() => this.#renew(), limits.timeline_heal_ms);
  }

  #renew(): void {
    this.#startTimer = undefined;
    this.#send({ say: 'close' });
  }

  /**
   * To wake for a few events costs as much as for many, so they gather while they are few and
   * nobody has asked lately; a question that names a commit does not wait for the note.
   */
  #planNote(): void {
    const { clock } = this.#config;
    const isSoon =
      this.#gathered >= limits.timeline_gather_events ||
      clock.elapsed() - this.#askedAt < limits.timeline_asked_ms;
    if (this.#nextNote !== undefined && (this.#nextNote.isSoon || !isSoon)) return;
    clearTimeout(this.#nextNote?.timer);
    const wait_ms = isSoon ? limits.timeline_note_ms : limits.timeline_gather_ms;
    this.#nextNote = { timer: setTimeout(() => this.#sendNote(), wait_ms), isSoon };
  }

  #sendNote(): void {
    clearTimeout(this.#nextNote?.timer);
    this.#nextNote = undefined;
    this.#gathered = 0;
    if (this.#newest === undefined || this.#worker === undefined) return;
    const { sequence, digest } = this.#newest;
    const at = this.#config.clock.elapsed();
    // Those between matter little for how far it is behind.
    if (this.#notes.length < limits.timeline_noted_items) this.#notes.push({ sequence, at });
    this.#send({ say: 'note', sequence, digest });
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #settle(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  #ended(): void {
    this.#worker = undefined;
    if (this.#isClosed) return;
    const lived = this.#config.clock.elapsed() - this.#startedAt;
    if (lived > limits.timeline_restart_max_ms) this.#restartMs = limits.timeline_restart_min_ms;
    clearTimeout(this.#startTimer);
    this.#startTimer = setTimeout(() => {
      this.#startTimer = undefined;
      this.start();
    }, this.#restartMs);
    this.#restartMs = Math.min(2 * this.#restartMs, limits.timeline_restart_max_ms);
  }
}

/** The same on the broker's own thread, for a log in memory. */
export function inlineTimeline(follower: LogFollower): Timeline {
  return {
    status() {
      const status = follower.status();
      const lag_commits = status.head - status.sequence;
      return { ...status, lag_commits, lag_ms: 0, isRunning: true };
    },
    note: (sequence, digest) => follower.note(sequence, digest),
    ask: (question, signal) => follower.ask(question, signal),
    close: () => follower.close(),
  };
}
