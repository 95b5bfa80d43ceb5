// Publish acknowledgements: appends to the stream, with one long-lived inbox for the answers.
import { limits } from '../../schemas/limits.js';
import type { AppendResult } from './log.js';
import type { Wire, WireMessage } from './wire.js';

interface PendingAppend {
  id: string;
  bytes: Uint8Array;
  isSent: boolean;
  timer: NodeJS.Timeout;
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
const text = new TextDecoder();

/**
 * Appends commits and settles each once: stored, refused, or unknown after
 * `limits.commit_retry_ms`. https://docs.nats.io/nats-concepts/jetstream/streams
 */
export class AckPath {
  readonly #wire: Wire;
  readonly #subject: string;
  readonly #inbox: string;
  readonly #waiting = new Map<number, PendingAppend>();
  /** Ids of which an attempt was sent and not answered. */
  readonly #doubtful = new Set<string>();
  readonly #ends: (() => void)[];
  #count = 0;

  constructor(wire: Wire, subject: string) {
    this.#wire = wire;
    this.#subject = subject;
    this.#inbox = wire.inbox();
    this.#ends = [
      wire.subscribe(`${this.#inbox}.*`, message => {
        this.#settle(Number(message.subject.slice(this.#inbox.length + 1)), readAck(message));
      }),
      wire.watch({
        down: () => this.#settleSent('unknown', 'the connection to the log was lost'),
        up: () => this.#sendAll(),
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
      const timer = setTimeout(() => {
        const silent = entry.isSent && this.#wire.isConnected() ? { cause: 'silent' as const } : {};
        const reason = 'the log did not answer in time';
        this.#settle(number, { outcome: 'unknown', reason, ...silent });
      }, limits.commit_retry_ms);
      const entry: PendingAppend = { id, bytes, isSent: false, timer, resolve };
      this.#waiting.set(number, entry);
      this.#send(number, entry);
    });
  }

  close(): void {
    for (const end of this.#ends) end();
    for (const number of this.#waiting.keys()) {
      this.#settle(number, { outcome: 'unknown', reason: 'the log was closed' });
    }
  }

  #sendAll(): void {
    for (const [number, entry] of this.#waiting) this.#send(number, entry);
  }

  /** While the wire is down an append waits for it, as long as it may wait for its answer. */
  #send(number: number, entry: PendingAppend): void {
    if (!this.#wire.isConnected()) return;
    entry.isSent = true;
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
      if (entry.isSent) this.#settle(number, { outcome, reason });
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
        return result;
      case 'refused':
        return this.#doubtful.has(entry.id) ? { ...result, outcome: 'unknown' } : result;
      case 'unknown':
        if (entry.isSent) this.#remember(entry.id);
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

function readAck(message: WireMessage): AppendResult {
  if (message.data.length === 0) {
    const reason = 'no stream answers: the store is starting or gone';
    return { outcome: 'unknown', reason, cause: 'failing' };
  }
  const { error, seq, duplicate } = parseAck(message.data);
  if (!error) return { outcome: 'stored', sequence: seq, duplicate: duplicate === true };
  const isFull = error.err_code === storeFailed && error.description === fullText;
  const reason = `the log store says: ${error.description}`;
  if (isFull || refusals.has(error.err_code)) return { outcome: 'refused', reason };
  return { outcome: 'unknown', reason, cause: 'failing' };
}

/** On a shared server anyone may write to our inbox; nonsense must not count as an answer. */
function parseAck(data: Uint8Array): PubAck {
  try {
    return JSON.parse(text.decode(data));
  } catch {
    return { seq: 0, error: { err_code: 0, description: 'nothing that can be read' } };
  }
}
