// Publish acknowledgements: appends to the stream, with one long-lived inbox for the answers.
import { limits } from '../../schemas/limits.js';
import type { AppendResult } from './log.js';
import { noLeader, type Wire, type WireMessage } from './wire.js';

interface PendingAppend {
  id: string;
  bytes: Uint8Array;
  /** How often it was sent. */
  sends: number;
  /** How long it has waited when its timer ends, and has waited in all, in ms. */
  step_ms: number;
  waited_ms: number;
  timer: NodeJS.Timeout | undefined;
  resolve(result: AppendResult): void;
}

interface PubAck {
  seq: number;
  duplicate?: boolean;
  error?: { err_code: number; description: string };
}

/** The store says these before it takes the message: resources, storage, size, sealed. */
const refusals = new Set([10_002, 10_023, 10_028, 10_047, 10_054, 10_109]);
/** A failed write may be half done; only being full is certain, and only its text tells. */
const storeFailed = 10_077;
const fullText = 'maximum bytes exceeded';
/** The same message is on its way through the cluster: its own answer is still to come. */
const underway = 10_158;
const text = new TextDecoder();

export interface AckPathOptions {
  wire: Wire;
  subject: string;
  /** Told of each commit that the store says it has. */
  onStored(sequence: number): void;
}

/**
 * Appends commits and settles each once: stored, refused, or unknown after
 * `limits.commit_retry_ms`. In a cluster the server that took a commit may die with it, unnoticed
 * here: what is not answered soon is sent again meanwhile.
 * https://docs.nats.io/nats-concepts/jetstream/streams
 */
export class AckPath {
  readonly #wire: Wire;
  readonly #subject: string;
  readonly #onStored: (sequence: number) => void;
  readonly #inbox: string;
  readonly #waiting = new Map<number, PendingAppend>();
  /** Ids of which an attempt was sent and not answered. */
  readonly #doubtful = new Set<string>();
  readonly #ends: (() => void)[];
  #count = 0;

  constructor({ wire, subject, onStored }: AckPathOptions) {
    this.#wire = wire;
    this.#subject = subject;
    this.#onStored = onStored;
    this.#inbox = wire.inbox();
    this.#ends = [
      wire.subscribe(`${this.#inbox}.*`, message => {
        const result = readAck(message);
        if (result === undefined) return;
        this.#settle(Number(message.subject.slice(this.#inbox.length + 1)), result);
      }),
      wire.watch({
        down: () => this.#settleSent('unknown', 'the connection to the log was lost'),
        up: () => this.sendAgain(),
        denied: denied => {
          if (denied !== subject) return;
          this.#settleSent('refused', `the NATS user may not publish to ${subject}`);
        },
      }),
    ];
  }

  append(id: string, bytes: Uint8Array): Promise<AppendResult> {
    return new Promise(resolve => {
      const number = ++this.#count;
      const isClustered = this.#wire.isClustered();
      const step_ms = isClustered ? limits.store_first_wait_ms : limits.commit_retry_ms;
      const entry = { id, bytes, sends: 0, step_ms, waited_ms: 0, timer: undefined, resolve };
      this.#waiting.set(number, entry);
      this.#arm(number, entry);
      this.#send(number, entry);
    });
  }

  /** Sends what is not answered again: the connection is back, or the stream has a new leader. */
  sendAgain(): void {
    for (const [number, entry] of this.#waiting) this.#send(number, entry);
  }

  close(): void {
    for (const end of this.#ends) end();
    for (const number of this.#waiting.keys()) {
      this.#settle(number, { outcome: 'unknown', reason: 'the log was closed' });
    }
  }

  #arm(number: number, entry: PendingAppend): void {
    entry.timer = setTimeout(() => this.#overdue(number, entry), entry.step_ms);
  }

  #overdue(number: number, entry: PendingAppend): void {
    entry.waited_ms += entry.step_ms;
    const left_ms = limits.commit_retry_ms - entry.waited_ms;
    if (left_ms > 0) {
      entry.step_ms = Math.min(2 * entry.step_ms, left_ms);
      this.#arm(number, entry);
      this.#send(number, entry);
      return;
    }
    const isSilent = entry.sends > 0 && this.#wire.isConnected();
    const reason = 'the log did not answer in time';
    const cause = isSilent ? { cause: 'silent' as const } : {};
    this.#settle(number, { outcome: 'unknown', reason, ...cause });
  }

  /** While the wire is down an append waits for it, as long as it may wait for its answer. */
  #send(number: number, entry: PendingAppend): void {
    if (!this.#wire.isConnected()) return;
    entry.sends++;
    const reply = `${this.#inbox}.${number}`;
    try {
      this.#wire.publish(this.#subject, entry.bytes, { reply, id: entry.id });
    } catch (error) {
      const reason = `the commit cannot be sent: ${(error as Error).message}`;
      this.#settle(number, { outcome: 'refused', reason });
    }
  }

  #settleSent(outcome: 'unknown' | 'refused', reason: string): void {
    for (const [number, entry] of this.#waiting) {
      if (entry.sends > 0) this.#settle(number, { outcome, reason });
    }
  }

  #settle(number: number, result: AppendResult): void {
    const entry = this.#waiting.get(number);
    if (!entry) return;
    this.#waiting.delete(number);
    clearTimeout(entry.timer);
    entry.resolve(this.#withDoubt(entry, result));
  }

  /** After an unanswered attempt a refusal proves nothing: the first may still be on its way. */
  #withDoubt(entry: PendingAppend, result: AppendResult): AppendResult {
    switch (result.outcome) {
      case 'stored':
        this.#doubtful.delete(entry.id);
        this.#onStored(result.sequence);
        return result;
      case 'refused':
        if (entry.sends < 2 && !this.#doubtful.has(entry.id)) return result;
        return { ...result, outcome: 'unknown' };
      case 'unknown':
        if (entry.sends > 0) this.#remember(entry.id);
        return result;
    }
  }

  /** The tail settles most of them without telling us, so only the newest are kept. */
  #remember(id: string): void {
    this.#doubtful.add(id);
    if (this.#doubtful.size <= limits.doubtful_commits) return;
    const [oldest = ''] = this.#doubtful;
    this.#doubtful.delete(oldest);
  }
}

/** Undefined for what settles nothing. */
function readAck(message: WireMessage): AppendResult | undefined {
  if (message.data.length === 0) {
    const reason = 'no stream answers: the store is starting, electing a leader, or gone';
    return { outcome: 'unknown', reason, cause: 'absent' };
  }
  const { error, seq, duplicate } = parseAck(message.data);
  if (!error) return { outcome: 'stored', sequence: seq, duplicate: duplicate === true };
  if (error.err_code === underway) return undefined;
  const isFull = error.err_code === storeFailed && error.description === fullText;
  const reason = `the log store says: ${error.description}`;
  if (isFull || refusals.has(error.err_code)) return { outcome: 'refused', reason };
  const cause = error.err_code === noLeader ? 'absent' : 'failing';
  return { outcome: 'unknown', reason, cause };
}

/** On a shared server anyone may write to our inbox; nonsense must not count as an answer. */
function parseAck(data: Uint8Array): PubAck {
  try {
    return JSON.parse(text.decode(data));
  } catch {
    return { seq: 0, error: { err_code: 0, description: 'nothing that can be read' } };
  }
}
