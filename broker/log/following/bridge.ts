// A bridge over the time without a consumer: single commits asked of the leader of the stream.
import { limits } from '../../../schemas/limits.js';
import type { Wire } from '../wire.js';
import type { Stamp } from './ack-subject.js';

interface StoredMessage {
  message: { seq: number; data?: string; time: string };
}

export interface BridgeOptions {
  wire: Wire;
  stream: string;
  /** The sequence needed next, and the newest that is known to be stored. */
  next(): number;
  known(): number;
  /** Takes the commit; the bridge asks for another only when `next` has moved on. */
  take(stamp: Stamp, bytes: Uint8Array): void;
}

/**
 * A consumer is placed by the leader of the whole cluster and lives on one server; the stream has
 * a leader of its own, which answers for single messages. While a lost consumer is made anew,
 * which takes as long as the cluster has no leader, commits are brought this way.
 */
export class Bridge {
  readonly #options: BridgeOptions;
  #isAsking = false;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** Brings what is known to be stored, one by one, until it is all there or one does not come. */
  cross(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#bring().finally(() => {
      this.#isAsking = false;
    });
  }

  async #bring(): Promise<void> {
    const { next, known, take } = this.#options;
    for (let left = limits.bridge_commits; left > 0 && next() <= known(); left--) {
      const seq = next();
      const message = await this.#ask(seq);
      const stamp = message?.seq === seq ? stampOf(seq, message.time) : undefined;
      if (stamp === undefined) return;
      // The consumer may have been quicker.
      if (next() !== seq) continue;
      take(stamp, Buffer.from(message?.data ?? '', 'base64'));
      if (next() === seq) return;
    }
  }

  /** Undefined when nobody answers: whoever waits for it asks again. */
  async #ask(seq: number): Promise<StoredMessage['message'] | undefined> {
    const { wire, stream } = this.#options;
    const path = `STREAM.MSG.GET.${stream}`;
    try {
      const wait_ms = limits.store_first_wait_ms;
      return (await wire.call<StoredMessage>(path, { seq }, wait_ms)).message;
    } catch {
      return undefined;
    }
  }
}

/** From RFC 3339 with up to nine digits of a second, as Go writes it. */
function stampOf(sequence: number, time: string): Stamp | undefined {
  const [, whole, fraction = ''] = /^([\d-]+T[\d:]+)(?:\.(\d{1,9}))?Z$/.exec(time) ?? [];
  if (whole === undefined) return undefined;
  const digits = fraction.padEnd(9, '0');
  const storedAt = Date.parse(`${whole}Z`) + Number(digits.slice(0, 3));
  return { sequence, storedAt, nanos: Number(digits.slice(3)) };
}
