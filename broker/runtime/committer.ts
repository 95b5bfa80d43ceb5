// Group commit: one commit in flight, what arrives meanwhile gathers into the next.
import { pack } from '../../schemas/codec.js';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import {
  type Commit,
  commitId,
  type EventMark,
  encodeCommit,
  type OwnCommit,
} from '../core/commits/commit-bytes.js';
import type { Log, Trouble } from '../log/log.js';
import { Latencies } from '../system/latencies.js';
import type { MeshTime } from '../system/mesh-time.js';
import { queueFull, storeFails } from './handlers/unavailable.js';

export interface CommitterConfig {
  log: Log;
  clock: MeshTime;
  /** Told when the log surely did not take these events; nobody else will settle them. */
  onRefused(events: readonly SignalEvent[], reason: string): void;
  /** Told at every try that the store fails or keeps silent, until a commit is stored again. */
  onFailing?(reason: string): void;
  /** Whether there is no space left to write; asked while the store fails. */
  isDiskFull?(): boolean;
}

interface QueuedEvent extends EventMark {
  event: SignalEvent;
}

interface Flight {
  /** When it was first sent, in monotonic ms. */
  at: number;
  id: string;
  bytes: Uint8Array;
  own: OwnCommit;
}

/** Acks, turns and descriptions may wait for company; everything else leaves at once. */
const patient: ReadonlySet<string> = new Set([
  'inbox.acknowledged',
  'peer.turned',
  'peer.described',
]);

/** How long each is nobody's concern; what is silent may still answer, and is only waited for. */
const graceMs: Readonly<Record<Trouble, number>> = {
  failing: limits.store_failing_ms,
  absent: limits.answer_wait_ms,
  silent: Number.POSITIVE_INFINITY,
};

/**
 * [Group commit](https://www.postgresql.org/docs/current/wal-configuration.html): a commit in
 * flight is fsynced alone, and all that comes meanwhile shares the next one. Nothing is given up
 * that may have been stored: the same bytes are sent again until it is known.
 */
export class Committer {
  /** How many events were taken in so far. */
  proposed = 0;
  /** How long our own commits took to come back from the log. */
  readonly latencies = new Latencies();
  readonly #config: CommitterConfig;
  #boot: string;
  #number = 0;
  #waiting: QueuedEvent[] = [];
  #waitingBytes = 0;
  /** How many of those waiting are in a hurry. */
  #urgent = 0;
  /** The latest the wall clock was while they waited: the door has judged their ids by it. */
  #wall = 0;
  #flight: Flight | undefined;
  /** Set while a send is due: at the end of this turn, or when patience ends. */
  #due: { cancel(): void; isSoon: boolean } | undefined;
  #isClosed = false;
  /** While the store fails nothing more is taken in, and what flies is tried again. */
  #failing: { reason: string; since: number; cause: Trouble } | undefined;
  /** Our own commits not yet come back from the log, oldest first. */
  #unreturned: Flight[] = [];

  constructor(boot: string, config: CommitterConfig) {
    this.#boot = boot;
    this.#config = config;
  }

  /** Queues the event. Refuses `too_large`, or `unavailable` when the queue is full. */
  propose(event: SignalEvent): Refusal | undefined {
    if (this.#isClosed || this.#isFull()) return queueFull();
    if (this.trouble !== undefined) return storeFails(this.trouble);
    const bytes = pack(event);
    if (bytes.length > limits.event_bytes) return tooLarge();
    this.#waiting.push({ event, type: event.type, circles: [event.circle], bytes });
    this.#waitingBytes += bytes.length;
    this.#wall = Math.max(this.#wall, this.#config.clock.wall());
    if (!patient.has(event.type)) this.#urgent++;
    this.proposed++;
    this.#plan();
    return undefined;
  }

  /** Appends an empty commit, so that log time moves while the mesh is idle. */
  proposeNothing(): void {
    if (this.#flight === undefined && !this.#isClosed) this.#launch([]);
  }

  /** A broker that was declared lost goes on as a new boot. Only between commits. */
  reboot(boot: string): void {
    this.#boot = boot;
    this.#number = 0;
  }

  /** The commit of ours that these bytes are, come back on the tail: it is settled now. */
  returned(bytes: Uint8Array): OwnCommit | undefined {
    const at = this.#unreturned.findIndex(flight => isEqual(flight.bytes, bytes));
    const [flight] = at < 0 ? [] : this.#unreturned.splice(at, 1);
    const now = this.#elapsed();
    if (flight !== undefined) this.latencies.note(now - flight.at, now);
    if (flight !== undefined && this.#flight === flight) this.#land();
    return flight?.own;
  }

  /** Why nothing can be written, once that has lasted; a moment's failure is nobody's concern. */
  get trouble(): string | undefined {
    if (this.#failing === undefined) return undefined;
    if (this.#config.isDiskFull?.()) return 'there is no space left';
    const { reason, since, cause } = this.#failing;
    return this.#elapsed() - since >= graceMs[cause] ? reason : undefined;
  }

  get isIdle(): boolean {
    return this.#flight === undefined && this.#waiting.length === 0;
  }

  /** Idle, and every commit of ours has come back. */
  get isSettled(): boolean {
    return this.isIdle && this.#unreturned.length === 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#due?.cancel();
  }

  #elapsed(): number {
    return this.#config.clock.elapsed();
  }

  #isFull(): boolean {
    const isCrowded = this.#waiting.length >= limits.queue_events;
    return isCrowded || this.#waitingBytes >= limits.queue_bytes;
  }

  #plan(): void {
    if (this.#flight !== undefined) return;
    const isSoon = this.#urgent > 0 || this.#waiting.length >= limits.commit_events;
    if (this.#due !== undefined && (this.#due.isSoon || !isSoon)) return;
    this.#due?.cancel();
    if (isSoon) {
      // The end of the turn: what other sockets said in the same turn comes along.
      const immediate = setImmediate(() => this.#send());
      this.#due = { isSoon, cancel: () => clearImmediate(immediate) };
    } else {
      const timer = setTimeout(() => this.#send(), limits.commit_wait_ms);
      this.#due = { isSoon, cancel: () => clearTimeout(timer) };
    }
  }

  #send(): void {
    this.#due = undefined;
    if (this.#flight === undefined && this.#waiting.length > 0) this.#launch(this.#takeBatch());
  }

  #takeBatch(): QueuedEvent[] {
    let count = 0;
    let bytes = 0;
    for (const { bytes: part, type } of this.#waiting) {
      if (count === limits.commit_events || bytes + part.length > limits.commit_bytes) break;
      bytes += part.length;
      count++;
      if (!patient.has(type)) this.#urgent--;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  #launch(batch: QueuedEvent[]): void {
    const number = ++this.#number;
    const id = commitId(this.#boot, number);
    const time = this.#config.clock.now();
    const clock = Math.max(this.#wall, this.#config.clock.wall());
    if (this.#waiting.length === 0) this.#wall = 0;
    const commit: Commit = { boot: this.#boot, number, clock, time, events: batch };
    const own = { commit, events: batch.map(({ event }) => event) };
    this.#flight = { at: this.#elapsed(), id, bytes: encodeCommit(commit), own };
    this.#unreturned.push(this.#flight);
    this.#append(this.#flight);
  }

  #append(flight: Flight): void {
    this.#config.log.append(flight.id, flight.bytes).then(result => {
      if (this.#flight !== flight || this.#isClosed) return;
      if (result.outcome === 'stored') this.#land();
      else if (result.outcome === 'refused') this.#refuse(flight, result.reason);
      else this.#doubt(flight, result);
    });
  }

  /** Not known: the same bytes again until it settles. */
  #doubt(flight: Flight, { reason, cause }: { reason: string; cause?: Trouble }): void {
    if (cause !== undefined) {
      const since = this.#failing?.since ?? this.#elapsed();
      this.#failing = { reason, since, cause };
      this.#config.onFailing?.(reason);
    }
    const rest_ms = cause === 'absent' ? limits.store_again_ms : limits.store_retry_ms;
    setTimeout(() => this.#retry(flight), rest_ms);
  }

  #retry(flight: Flight): void {
    if (this.#flight === flight && !this.#isClosed) this.#append(flight);
  }

  #refuse(flight: Flight, reason: string): void {
    this.#unreturned = this.#unreturned.filter(other => other !== flight);
    this.#land();
    this.#config.onRefused(flight.own.events, reason);
  }

  #land(): void {
    this.#flight = undefined;
    this.#failing = undefined;
    if (this.#waiting.length > 0) this.#plan();
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

function tooLarge(): Refusal {
  return refuse('too_large', `The event is over ${limits.event_bytes} bytes; send less at once.`);
}
