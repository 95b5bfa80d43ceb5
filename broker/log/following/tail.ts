// Following the stream by a push consumer, made anew whenever its word is in doubt.
import { limits } from '../../../schemas/limits.js';
import type { Clock } from '../../system/clock.js';
import type { Follower, FollowHandlers } from '../log.js';
import { noStream, StoreError, type StreamInfo, type Wire, type WireMessage } from '../wire.js';
import { readStamp, type Stamp } from './ack-subject.js';
import { Bridge } from './bridge.js';
import { deposition, isPassing, patience } from './head.js';

export interface TailOptions {
  wire: Wire;
  stream: string;
  from: number;
  /** The stamp of the commit before, where it is known: the same must be there still. */
  seen?: Stamp | undefined;
  handlers: FollowHandlers;
  clock: Clock;
  /** Told the elapsed time at every sign of life. */
  onHeard(elapsed: number): void;
  onNotice(line: string): void;
}

/** One consumer of ours on the server; its name is empty until the server has answered. */
interface PushConsumer {
  name: string;
  start: number;
  unsubscribe(): void;
}

const nothing = new Uint8Array(0);
const nanosPerMilli = 1_000_000;

/**
 * Delivers every commit once and in order, and notices when history was lost or replaced: after
 * each renewal the last commit is asked for again and its stamp compared. Silence beyond two
 * heartbeats of `limits.tail_heartbeat_ms` renews, and so does a commit that is known to be there
 * and does not come: the server that carried the consumer may have died.
 * https://docs.nats.io/nats-concepts/jetstream/consumers
 */
export class Tail implements Follower {
  readonly #options: TailOptions;
  readonly #pulse: NodeJS.Timeout;
  readonly #unwatch: () => void;
  readonly #bridge: Bridge;
  #consumer: PushConsumer | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** The sequence the caller needs next. */
  #next: number;
  /** The stamp of the commit at `#next - 1`, once delivered. */
  #seen: Stamp | undefined;
  /** The newest sequence this consumer has brought. */
  #position = 0;
  #heardAt = 0;
  /** The newest sequence that is known to be stored, and where this consumer stood at a pulse. */
  #expected = 0;
  #standing = 0;
  /** How many consumers in a row could not be made. */
  #tries = 0;
  #doubts = 0;
  /** How many consumers in a row brought nothing, though the server claimed to have more. */
  #empty = 0;
  #lastTrouble = '';
  #isEnded = false;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#next = options.from;
    this.#seen = options.seen;
    this.#bridge = new Bridge({
      ...options,
      next: () => this.#next,
      known: () => this.#expected,
      take: (stamp, bytes) => this.#deliver(stamp, bytes),
    });
    // What came while this thread was busy is no silence.
    const look = () => setImmediate(() => this.#checkPulse());
    this.#pulse = setInterval(look, limits.tail_pulse_ms);
    this.#unwatch = options.wire.watch({ down() {}, up: () => this.#renew(), denied() {} });
    this.#renew();
  }

  stop(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearInterval(this.#pulse);
    this.#unwatch();
    this.#release();
  }

  /** The store has said that it holds this sequence. */
  expect(sequence: number): void {
    if (sequence > this.#expected) this.#expected = sequence;
    // A server by itself loses no consumer without a loss of the connection.
    const isClustered = this.#options.wire.isClustered();
    if (isClustered && this.#consumer?.name === '' && sequence >= this.#next) this.#bridge.cross();
  }

  /** Listens anew from the last delivered commit, so that a rewritten history shows itself. */
  #renew(): void {
    this.#release();
    const { wire, clock } = this.#options;
    const start = this.#seen ? this.#next - 1 : this.#next;
    const inbox = wire.inbox();
    const unsubscribe = wire.subscribe(inbox, message => this.#receive(message));
    const consumer = { name: '', start, unsubscribe };
    this.#consumer = consumer;
    this.#position = start - 1;
    this.#heardAt = clock.elapsed();
    this.#create(consumer, inbox, this.#next).catch(error => this.#retry(consumer, error));
  }

  #release(): void {
    clearTimeout(this.#retryTimer);
    this.#consumer?.unsubscribe();
    this.#forget(this.#consumer?.name ?? '');
    this.#consumer = undefined;
  }

  /** Best effort: a consumer nobody listens to ends by itself after `consumer_idle_ms`. */
  #forget(name: string): void {
    const { wire, stream } = this.#options;
    if (name === '' || !wire.isConnected()) return;
    wire.call(`CONSUMER.DELETE.${stream}.${name}`).catch(() => {});
  }

  async #create(consumer: PushConsumer, inbox: string, needed: number): Promise<void> {
    const { wire, stream } = this.#options;
    const made = await wire.call<{ name: string }>(
      `CONSUMER.CREATE.${stream}`,
      pushConsumer(stream, inbox, consumer.start),
      patience(this.#tries),
    );
    if (this.#consumer !== consumer) return this.#forget(made.name);
    consumer.name = made.name;
    await this.#lookAtEnd(consumer, needed);
  }

  /** Servers differ in what they do with a start beyond the end, so the end is asked for. */
  async #lookAtEnd(consumer: PushConsumer, needed: number): Promise<void> {
    const { wire, stream } = this.#options;
    const info = await wire.call<StreamInfo>(
      `STREAM.INFO.${stream}`,
      undefined,
      patience(this.#tries),
    );
    if (this.#consumer !== consumer) return;
    const { state } = info;
    this.#tries = 0;
    if (state.last_seq >= needed - 1) {
      this.#doubts = 0;
      this.#lastTrouble = '';
      return;
    }
    // One who may lead no longer tells nothing of the log.
    if (deposition(info) !== undefined) return this.#retrySoon();
    this.#doubt(`the log ends at commit ${state.last_seq}, but ${needed - 1} was there before`);
  }

  #retry(consumer: PushConsumer, error: Error): void {
    if (this.#consumer !== consumer) return;
    this.#tries += 1;
    const isBringing = consumer.name !== '' && this.#position >= consumer.start;
    // The answer stands behind what is brought, which may be much; silence has its pulse.
    if (isBringing && isPassing(error) && !this.#options.wire.isClustered()) {
      this.#lookAtEnd(consumer, this.#next).catch(again => this.#retry(consumer, again));
      return;
    }
    if (error instanceof StoreError && error.code === noStream) {
      this.#doubt(`the stream ${this.#options.stream} is gone`);
      return;
    }
    // While a cluster elects a leader this is how it looks.
    const isNews = !isPassing(error) || this.#tries > limits.store_patient_tries;
    if (isNews && error.message !== this.#lastTrouble) {
      this.#options.onNotice(`the log cannot be followed yet, trying again: ${error.message}`);
    }
    if (isNews) this.#lastTrouble = error.message;
    this.#retrySoon(limits.store_again_ms);
  }

  #retrySoon(rest_ms: number = limits.store_retry_ms): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#renew(), rest_ms);
  }

  /**
   * A cluster that is just starting, or has a new leader, may look like a loss; a loss still looks
   * so seconds later.
   */
  #doubt(reason: string): void {
    this.#doubts += 1;
    const { doubt_tries, doubt_cluster_tries } = limits;
    const most = this.#options.wire.isClustered() ? doubt_cluster_tries : doubt_tries;
    if (this.#doubts >= most) this.#break(reason);
    else this.#retrySoon();
  }

  #break(reason: string): void {
    this.stop();
    this.#options.handlers.onBroken(`${reason}: history was lost or replaced`);
  }

  #checkPulse(): void {
    const { wire, clock } = this.#options;
    const isStill = this.#expected > this.#position && this.#position === this.#standing;
    const isBehind = isStill && wire.isClustered();
    this.#standing = this.#position;
    if (this.#isEnded || !wire.isConnected()) return;
    if (isBehind) this.#bridge.cross();
    // One that is still being made has its own time.
    if (this.#consumer?.name === '') return;
    const silence = clock.elapsed() - this.#heardAt;
    if (isBehind || silence > 2 * limits.tail_heartbeat_ms) this.#renew();
  }

  #receive(message: WireMessage): void {
    this.#heardAt = this.#options.clock.elapsed();
    this.#options.onHeard(this.#heardAt);
    const stamp = readStamp(message.reply);
    if (stamp) this.#take(stamp, message.data);
    else this.#answer(message);
  }

  #take(stamp: Stamp, bytes: Uint8Array): void {
    const { sequence } = stamp;
    // Old servers start early on a replica that lags behind.
    if (sequence <= this.#position) return;
    if (sequence > this.#position + 1) {
      this.#gap(sequence);
      return;
    }
    this.#position = sequence;
    if (sequence < this.#next) {
      if (sequence === this.#next - 1) this.#compare(stamp);
      return;
    }
    this.#deliver(stamp, bytes);
  }

  #deliver(stamp: Stamp, bytes: Uint8Array): void {
    if (this.#isEnded) return;
    const { sequence, storedAt } = stamp;
    this.#next = sequence + 1;
    this.#empty = 0;
    this.#seen = stamp;
    this.#options.handlers.onCommit({ sequence, storedAt, bytes });
  }

  /** A gap right after the start is in the log; a later one was made on the way. */
  #gap(sequence: number): void {
    const isFresh = this.#position < (this.#consumer?.start ?? 0);
    const missing = `commit ${this.#position + 1} is missing before ${sequence}`;
    if (!isFresh) this.#renew();
    // Another replica may have what this one lacks.
    else if (this.#options.wire.isClustered()) this.#doubt(missing);
    else this.#break(missing);
  }

  #compare(stamp: Stamp): void {
    if (stamp.storedAt === this.#seen?.storedAt && stamp.nanos === this.#seen.nanos) return;
    this.#break(`commit ${stamp.sequence} is not the one that was there before`);
  }

  /** A heartbeat, a flow-control request, or the end of the consumer. */
  #answer({ reply, headers }: WireMessage): void {
    if (headers?.code !== 100) {
      this.#retrySoon();
      return;
    }
    const owed = reply || headers.get('Nats-Consumer-Stalled');
    if (owed) this.#options.wire.publish(owed, nothing);
    const claimed = Number(headers.get('Nats-Last-Stream'));
    if (claimed > this.#position) this.#claim(claimed);
  }

  /** On the way something may be lost; what is never brought is not there. */
  #claim(claimed: number): void {
    this.#empty += 1;
    if (this.#empty < limits.empty_tries) this.#renew();
    else this.#break(`the store claims commit ${claimed}, but brings none after ${this.#next - 1}`);
  }
}

function pushConsumer(stream: string, inbox: string, start: number): object {
  return {
    stream_name: stream,
    config: {
      deliver_subject: inbox,
      deliver_policy: 'by_start_sequence',
      opt_start_seq: start,
      ack_policy: 'none',
      flow_control: true,
      idle_heartbeat: limits.tail_heartbeat_ms * nanosPerMilli,
      inactive_threshold: limits.consumer_idle_ms * nanosPerMilli,
      mem_storage: true,
      num_replicas: 1,
    },
  };
}
