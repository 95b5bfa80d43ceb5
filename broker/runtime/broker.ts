// The broker's event loop: replays and follows the log, and tells the parts of commits and ticks.
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { BrokenHistory, type Fold } from '../core/fold.js';
import type { Delivery, FoldedCommit } from '../core/words.js';
import type { Follower } from '../log/log.js';
import { CURE, lostTail } from '../log/store/survey.js';
import type { MeshTime } from '../system/mesh-time.js';
import type { Barrier } from './barrier.js';
import type { BrokerConfig } from './broker-config.js';
import type { Committer } from './committer.js';
import type { Readiness } from './health/readiness.js';
import type { Part } from './part.js';

type Told = Pick<
  BrokerConfig,
  'log' | 'mesh' | 'highWater' | 'acceptLoss' | 'foldedAt' | 'onHalt' | 'onWarning'
>;

export interface LoopConfig extends Told {
  fold: Fold;
  clock: MeshTime;
  committer: Committer;
  barrier: Barrier;
  readiness: Readiness;
  /** Told in this order. */
  parts: readonly Part[];
  /** Told of what a part throws. */
  failed(error: unknown): void;
}

/** Knows no part by its name; see `parts.ts`. */
export class Broker {
  readonly #config: LoopConfig;
  #follower: Follower | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(config: LoopConfig) {
    this.#config = config;
  }

  /** Why the log takes nothing just now, as far as its store says so. */
  get trouble(): string | undefined {
    return this.#config.committer.trouble;
  }

  /** Replays the log, then serves. Throws BrokenHistory when the log is not what it was. */
  async start(): Promise<void> {
    const { log, fold, clock, barrier, readiness, mesh } = this.#config;
    const { highWater, acceptLoss, foldedAt } = this.#config;
    if (foldedAt !== undefined && fold.sequence > 0) clock.folded(fold.table.time, foldedAt);
    const head = await log.head();
    if (highWater !== undefined && head < highWater.sequence && !acceptLoss) {
      throw new BrokenHistory(`${lostTail(head, highWater.sequence)} ${CURE}`);
    }
    readiness.replaysTo = head;
    const broken = new Promise<never>((_, reject) => {
      this.#follower = log.follow(fold.sequence + 1, {
        onCommit: delivery => this.#commit(delivery, reject),
        onBroken: reason => this.#halt(reason, reject),
      });
    });
    await Promise.race([broken, barrier.past(head)]);
    const opened = fold.table.log;
    if (opened.id !== '' && opened.mesh !== mesh) {
      throw new BrokenHistory(`The log belongs to mesh "${opened.mesh}"; start with --mesh.`);
    }
    this.#each(part => part.replayed?.());
    await Promise.race([broken, barrier.reached()]);
    clock.settle();
    readiness.phase = 'serving';
    this.tick();
    this.#ticker = setInterval(() => this.tick(), limits.tick_ms);
  }

  /** What the ticker does; a test with a hand-turned clock may do it too. */
  tick(): void {
    this.#each(part => part.tick?.());
  }

  /** The log surely did not take these events. */
  refused(events: readonly SignalEvent[], reason: string): void {
    this.#each(part => part.refused?.(events, reason));
  }

  /**
   * Takes this broker out of service: it follows the log no further, says nothing in it, and lets
   * everybody go to another.
   */
  fence(reason: string): void {
    const { readiness, committer, onWarning } = this.#config;
    if (readiness.phase !== 'serving') return;
    clearInterval(this.#ticker);
    committer.close();
    this.#follower?.stop();
    readiness.fence(reason);
    onWarning(`this broker has ${reason}; others go on`);
  }

  async close(): Promise<void> {
    const { readiness, committer, parts, failed } = this.#config;
    clearInterval(this.#ticker);
    if (readiness.phase === 'serving') readiness.phase = 'closed';
    committer.close();
    this.#follower?.stop();
    for (const part of parts) {
      try {
        await part.close?.();
      } catch (error) {
        failed(error);
      }
    }
  }

  #commit(delivery: Delivery, reject: (error: Error) => void): void {
    const { readiness, committer, fold, clock } = this.#config;
    if (readiness.phase === 'halted') return;
    try {
      const own = committer.returned(delivery.bytes);
      const commit = fold.commit(delivery, own);
      if (own !== undefined) clock.returned(own.commit, delivery.storedAt);
      clock.folded(commit.time, delivery.storedAt);
      this.#assertUnchanged(commit);
      this.#folded(commit, own?.events);
    } catch (error) {
      if (!(error instanceof BrokenHistory)) throw error;
      this.#halt(error.message, reject);
    }
  }

  #folded(commit: FoldedCommit, own: readonly SignalEvent[] | undefined): void {
    const { parts, failed } = this.#config;
    for (const part of parts) {
      try {
        part.folded?.(commit, own);
      } catch (error) {
        failed(error);
      }
    }
  }

  #each(tell: (part: Part) => void): void {
    const { parts, failed } = this.#config;
    for (const part of parts) {
      try {
        tell(part);
      } catch (error) {
        failed(error);
      }
    }
  }

  /** What an earlier boot vouched for outside the log must be what the log still says. */
  #assertUnchanged({ sequence, digest }: FoldedCommit): void {
    const { highWater, acceptLoss } = this.#config;
    if (sequence !== highWater?.sequence || acceptLoss) return;
    if (Buffer.from(digest).toString('hex') !== highWater.digest) {
      throw new BrokenHistory(rewritten(sequence));
    }
  }

  #halt(reason: string, reject: (error: Error) => void): void {
    const { readiness, onHalt } = this.#config;
    const wasServing = readiness.phase === 'serving';
    readiness.phase = 'halted';
    this.#follower?.stop();
    reject(new BrokenHistory(reason));
    if (wasServing) onHalt(reason);
  }
}

function rewritten(sequence: number): string {
  return `Commit ${sequence} or one before it is not what it was when acknowledged. ${CURE}`;
}
