// Reading a past range of the stream by a pull consumer: the next batch comes while one is read.
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../schemas/limits.js';
import type { Delivery } from '../core/words.js';
import type { Clock } from '../system/clock.js';
import { readStamp, type Stamp } from './following/ack-subject.js';
import { callUntilAnswered, patience } from './following/head.js';
import type { Wire } from './wire.js';

/** A commit and the whole stamp of it. */
export type StampedDelivery = Delivery & Stamp;

interface Batch {
  deliveries: StampedDelivery[];
  /** The first sequence that came instead of the expected one; 0 when none did. */
  jumpedTo: number;
  /** The consumer fell silent, or the connection to it was lost. */
  isCutOff: boolean;
}

/** A batch that was asked for. */
interface Pull {
  batch: Promise<Batch>;
  cancel(): void;
}

interface PullRequest {
  first: number;
  count: number;
  /** How long nothing may come, in ms. */
  quiet_ms: number;
}

const nanosPerMilli = 1_000_000;
const json = new TextEncoder();

/** What is read, and how. */
export interface RangeSource {
  wire: Wire;
  clock: Clock;
  stream: string;
  /** The newest stored sequence. */
  head(): Promise<number>;
}

/**
 * The commits `from..to` that are stored when the reading starts. Holds at most two batches, the
 * one that is being read and the one behind it. Throws at a hole, and when the store is silent.
 * https://en.wikipedia.org/wiki/Prefetching
 */
export async function* readRange(
  source: RangeSource,
  from: number,
  to: number,
): AsyncGenerator<Delivery, void, undefined> {
  for await (const batch of readBatches(source, from, to)) for (const one of batch) yield one;
}

/** The same in the batches in which they come, none of them empty. */
export async function* readBatches(
  source: RangeSource,
  from: number,
  to: number,
): AsyncGenerator<StampedDelivery[], void, undefined> {
  const { wire, clock, stream } = source;
  const last = Math.min(to, await source.head());
  let next = from;
  let consumer = '';
  let pulledAt = 0;
  let tries = 0;
  let movedAt = clock.elapsed();
  let ahead: Pull | undefined;
  const ask = (first: number): Pull => {
    pulledAt = clock.elapsed();
    const count = Math.min(limits.read_batch_commits, last - first + 1);
    // All that is asked for is stored: in a cluster silence is how a consumer's server dies.
    const quiet_ms = wire.isClustered() ? patience(tries) : limits.store_wait_ms;
    return pull(wire, `${stream}.${consumer}`, { first, count, quiet_ms });
  };
  try {
    while (next <= last) {
      // A consumer left idle may be gone by now, and old servers do not say so.
      const isIdle = consumer === '' || clock.elapsed() - pulledAt > limits.consumer_idle_ms / 2;
      const isFresh = ahead === undefined && isIdle;
      if (isFresh) consumer = await createConsumer(source, next);
      ahead ??= ask(next);
      const { deliveries, jumpedTo, isCutOff } = await ahead.batch;
      const isWhole = deliveries.length > 0 && jumpedTo === 0 && !isCutOff;
      const after = next + deliveries.length;
      ahead = isWhole && after <= last ? ask(after) : undefined;
      if (deliveries.length > 0) yield deliveries;
      if (isFresh && deliveries.length === 0 && jumpedTo > 0) {
        throw new Error(`The log has a hole: commit ${next} is missing before ${jumpedTo}.`);
      }
      next = after;
      if (!isWhole) consumer = '';
      tries = deliveries.length === 0 ? tries + 1 : 0;
      if (tries === 0) movedAt = clock.elapsed();
      else if (clock.elapsed() - movedAt < limits.read_wait_ms) await pause(limits.store_again_ms);
      else throw new Error(`The log store does not deliver commit ${next}: try again later.`);
    }
  } finally {
    ahead?.cancel();
    // Best effort: an idle consumer ends by itself.
    if (consumer !== '') wire.call(`CONSUMER.DELETE.${stream}.${consumer}`).catch(() => {});
  }
}

/** Waits as a reader does: a cluster may have to elect who places consumers, then the leader. */
async function createConsumer(source: RangeSource, start: number): Promise<string> {
  const { stream } = source;
  const body = {
    stream_name: stream,
    config: {
      deliver_policy: 'by_start_sequence',
      opt_start_seq: start,
      ack_policy: 'none',
      inactive_threshold: limits.consumer_idle_ms * nanosPerMilli,
      mem_storage: true,
      num_replicas: 1,
    },
  };
  const path = `CONSUMER.CREATE.${stream}`;
  const within_ms = limits.read_wait_ms;
  return (await callUntilAnswered<{ name: string }>(source, path, body, within_ms)).name;
}

/**
 * Asks for `count` commits and gives back what came, in sequence, up to the byte limit. What came
 * is all there will be once nothing has come for `quiet_ms` (at most twice that), or when the
 * connection is lost: the server has forgotten what was asked of it.
 */
function pull(wire: Wire, consumer: string, { first, count, quiet_ms }: PullRequest): Pull {
  let cancel = () => {};
  const batch = new Promise<Batch>(resolve => {
    const inbox = wire.inbox();
    const deliveries: StampedDelivery[] = [];
    const finish = (jumpedTo: number, isCutOff = false): void => {
      clearInterval(pulse);
      unsubscribe();
      unwatch();
      resolve({ deliveries, jumpedTo, isCutOff });
    };
    cancel = () => finish(0, true);
    let standing = 0;
    const look = (): void => {
      if (deliveries.length === standing) cancel();
      standing = deliveries.length;
    };
    // Once what came while this thread was busy has been read.
    const pulse = setInterval(() => setImmediate(look), quiet_ms);
    const unwatch = wire.watch({ down: cancel, up() {}, denied() {} });
    const unsubscribe = wire.subscribe(inbox, ({ reply, data }) => {
      const stamp = readStamp(reply);
      if (!stamp) return finish(0);
      const { sequence, storedAt, nanos } = stamp;
      const expected = first + deliveries.length;
      // Old servers start early on a replica that lags behind.
      if (sequence < expected) return;
      if (sequence > expected) return finish(sequence);
      deliveries.push({ sequence, storedAt, bytes: data, nanos });
      if (deliveries.length === count) finish(0);
    });
    const request = {
      batch: count,
      max_bytes: limits.read_batch_bytes,
      expires: limits.store_wait_ms * nanosPerMilli,
    };
    const body = json.encode(JSON.stringify(request));
    wire.publish(wire.api(`CONSUMER.MSG.NEXT.${consumer}`), body, { reply: inbox });
  });
  return { batch, cancel };
}
