// Catching up before the tail: what is stored long since is pulled in bounded batches.
import { limits } from '../../../schemas/limits.js';
import type { Follower } from '../log.js';
import { type RangeSource, readBatches } from '../reader.js';
import type { Stamp } from './ack-subject.js';
import { Tail, type TailOptions } from './tail.js';

export interface CatchUpOptions extends TailOptions, RangeSource {
  /** The newest sequence that is known to be stored. */
  known: number;
}

/**
 * Follows from a place that may be far back. A push consumer would send up to 32 MiB ahead of a
 * slow reader: the store's answers and pongs stand behind them, and a server that cannot get rid
 * of them cuts a slow consumer off. So the past is pulled, at most two batches ahead, and the tail
 * begins where it ends; whatever goes wrong in between, the tail begins there and judges it.
 * https://docs.nats.io/running-a-nats-service/nats_admin/slow_consumers
 */
export class CatchUp implements Follower {
  #tail: Tail | undefined;
  #expected = 0;
  #isEnded = false;

  constructor(options: CatchUpOptions) {
    const isNear = options.known - options.from < limits.read_batch_commits;
    if (isNear) this.#tail = new Tail(options);
    else void this.#pull(options);
  }

  /** The store has said that it holds this sequence. */
  expect(sequence: number): void {
    this.#expected = Math.max(this.#expected, sequence);
    this.#tail?.expect(sequence);
  }

  stop(): void {
    this.#isEnded = true;
    this.#tail?.stop();
  }

  async #pull(options: CatchUpOptions): Promise<void> {
    const { handlers, clock, onHeard } = options;
    let { from } = options;
    let seen: Stamp | undefined;
    const batches = readBatches(options, from, Number.POSITIVE_INFINITY);
    while (!this.#isEnded) {
      const batch = await batches.next().catch(() => undefined);
      if (batch === undefined || batch.done) break;
      onHeard(clock.elapsed());
      for (const delivery of batch.value) {
        if (this.#isEnded) break;
        seen = delivery;
        from = delivery.sequence + 1;
        handlers.onCommit(delivery);
      }
    }
    await batches.return();
    if (this.#isEnded) return;
    this.#tail = new Tail({ ...options, from, seen });
    this.#tail.expect(this.#expected);
  }
}
