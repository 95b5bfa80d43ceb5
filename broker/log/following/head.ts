// The head of the log as its leader tells it: in a cluster only one that a majority still follows.
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../../../schemas/limits.js';
import type { Clock } from '../../system/clock.js';
import { noLeader, noStream, StoreError, type StreamInfo, type Wire } from '../wire.js';

/** Whom to ask, and by which clock. */
export interface StoreLine {
  wire: Wire;
  clock: Clock;
}

const nanosPerMilli = 1_000_000;

/**
 * Calls until it is answered, for `within_ms`: while a leader changes, nobody answers or the answer
 * is lost. Throws any other refusal at once.
 */
export async function callUntilAnswered<Answer>(
  { wire, clock }: StoreLine,
  path: string,
  body?: object,
  within_ms: number = limits.answer_wait_ms,
): Promise<Answer> {
  const until = clock.elapsed() + within_ms;
  for (let tries = 0; ; tries++) {
    const wait_ms = Math.min(patience(tries), until - clock.elapsed());
    try {
      return await wire.call<Answer>(path, body, wait_ms);
    } catch (error) {
      if (!isPassing(error) || clock.elapsed() + limits.store_again_ms >= until) throw error;
      await pause(limits.store_again_ms);
    }
  }
}

/** How long to wait for an answer, in ms: short at first, as what died answers never. */
export function patience(tries: number): number {
  const rounds = 1 + Math.floor(tries / limits.store_patient_tries);
  return Math.min(limits.store_first_wait_ms * rounds, limits.store_wait_ms);
}

/** True for what a change of the leader looks like. */
export function isPassing(error: unknown): boolean {
  return error instanceof StoreError && (error.code === 0 || error.code === noLeader);
}

/**
 * Why this leader may have been replaced without knowing it: fewer than a majority of the replicas
 * have answered it lately, while the others may have elected another; or that there is none.
 * Undefined when it leads.
 * https://raft.github.io/raft.pdf (section 8, read-only operations)
 */
export function deposition({ cluster }: Pick<StreamInfo, 'cluster'>): string | undefined {
  const others = cluster?.replicas ?? [];
  // While there is none, any server may answer, and lists itself among the replicas.
  if (others.length > 0 && !cluster?.leader) return 'the log has no leader just now';
  const isHeard = ({ active, current, offline }: (typeof others)[number]) =>
    current && !offline && active <= limits.leader_lease_ms * nanosPerMilli;
  const heard = 1 + others.filter(isHeard).length;
  if (heard > (others.length + 1) / 2) return undefined;
  return `the leader of the log hears ${heard} of ${others.length + 1} replicas`;
}

/**
 * The newest stored sequence, in a cluster never one below `known`: a leader that was just elected
 * may still be reading what was acknowledged before, and know of no stream. Throws when no leader
 * vouches for it in time.
 */
export async function readHead(
  line: StoreLine,
  stream: string,
  known: () => number,
): Promise<number> {
  const until = line.clock.elapsed() + limits.answer_wait_ms;
  for (;;) {
    const isLast = () => line.clock.elapsed() + limits.store_retry_ms >= until;
    const info = await callUntilAnswered<StreamInfo>(line, `STREAM.INFO.${stream}`).catch(error => {
      if (isLast() || error.code !== noStream || !line.wire.isClustered()) throw error;
    });
    const doubt = info && deposition(info);
    if (info && doubt === undefined) {
      const { last_seq } = info.state;
      // Whether history was lost is for the tail to judge.
      if (isLast() || !isReplicated(info) || last_seq >= known()) return last_seq;
    } else if (isLast()) throw new StoreError(doubt ?? 'the log has no stream just now');
    await pause(limits.store_retry_ms);
  }
}

/** By its settings: a server that is just taking the stream up may list no replica yet. */
function isReplicated({ config }: StreamInfo): boolean {
  return config.num_replicas > 1;
}

interface LeaderWatchOptions extends StoreLine {
  stream: string;
  /** The leader vouched for this sequence at this elapsed time. */
  onHead(sequence: number, elapsed: number): void;
  /** The stream has a new leader: what was on its way to the last one may be lost. */
  onElected(): void;
}

/**
 * Asks the leader of a stream for its head every `limits.tail_heartbeat_ms` and whenever there is
 * a new one. Only what it vouches for is a sign of life: the consumer of a partitioned replica goes
 * on beating for ever. Where none is heard for `limits.log_silence_ms`, another server may be on
 * the side of the majority.
 */
export class LeaderWatch {
  readonly #options: LeaderWatchOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  #isAsking = false;
  /** When a leader was last heard, or this server was gone to. */
  #heardAt: number;

  constructor(options: LeaderWatchOptions) {
    this.#options = options;
    this.#heardAt = options.clock.elapsed();
    const { wire, stream, onElected } = options;
    this.#timer = setInterval(() => this.#ask(), limits.tail_heartbeat_ms);
    const elected = `$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${stream}`;
    this.#unsubscribe = wire.subscribe(elected, () => {
      onElected();
      this.#ask();
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #ask(): void {
    const { wire, clock, stream, onHead } = this.#options;
    if (this.#isAsking || !wire.isConnected()) return;
    this.#isAsking = true;
    const askedAt = clock.elapsed();
    const asked = wire.call<StreamInfo>(`STREAM.INFO.${stream}`, undefined, patience(0));
    asked
      .then(
        info => {
          if (deposition(info) !== undefined) return;
          this.#heardAt = askedAt;
          onHead(info.state.last_seq, askedAt);
        },
        () => {},
      )
      .finally(() => {
        this.#isAsking = false;
        const moment = clock.elapsed();
        if (moment - this.#heardAt < limits.log_silence_ms) return;
        this.#heardAt = moment;
        wire.leave();
      });
  }
}
