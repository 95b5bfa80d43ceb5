// Readiness: whether a broker takes commands, and each check of its health in words.
import { limits } from '../../../schemas/limits.js';
import type { Fold } from '../../core/fold.js';
import type { StreamSize } from '../../log/byte-limit.js';
import type { Log } from '../../log/log.js';
import type { MeshTime } from '../../system/mesh-time.js';
import { skewCheck } from '../../system/skew.js';
import type { Timeline } from '../../timeline/timeline.js';
import type { Health } from '../door.js';

/** What readiness is read from. */
export interface HealthConfig {
  fold: Fold;
  clock: MeshTime;
  log: Pick<Log, 'heardAt'>;
  timeline: Pick<Timeline, 'status'> | undefined;
  /** How large the log is and may become, as it was last seen; absent where nobody looks. */
  storeSize?(): StreamSize | undefined;
}

/** As a [readiness probe](https://kubernetes.io/docs/concepts/workloads/pods/probes/) asks it. */
export class Readiness {
  phase: 'replaying' | 'serving' | 'fenced' | 'halted' | 'closed' = 'replaying';
  /** The newest commit that was there as the replay began. */
  replaysTo = 0;
  readonly #fencing = new AbortController();
  readonly #config: HealthConfig;

  constructor(config: HealthConfig) {
    this.#config = config;
  }

  /** Aborted, with the reason in words, once this broker has taken itself out of service. */
  get fencing(): AbortSignal {
    return this.#fencing.signal;
  }

  /** Why this broker took itself out of service. */
  get fenced(): string | undefined {
    return this.fencing.reason;
  }

  /** True of a commit of a replay whose changes nobody will ask for who reads on from elsewhere. */
  isFarBehind(sequence: number): boolean {
    return sequence + limits.view_replay_commits < this.replaysTo;
  }

  fence(reason: string): void {
    this.phase = 'fenced';
    this.#fencing.abort(reason);
  }

  /** True while the log is followed, and was heard lately enough to answer from its fold. */
  readonly isServing = (): boolean => this.phase === 'serving' && this.#isHeard();

  /** Each check with its detail in words. */
  readonly check = (): Health => {
    const { fold, clock, log, timeline } = this.#config;
    const silent = Math.round(clock.elapsed() - log.heardAt());
    const checks = {
      log: { ok: this.#isHeard(), detail: `last heard ${silent} ms ago` },
      fold: {
        ok: this.phase === 'serving',
        detail: this.fenced ?? `${this.phase} at commit ${fold.sequence}`,
      },
      clock: skewCheck(clock.skew()),
      events: { ok: true, detail: `${fold.malformed} malformed` },
      ...roomCheck(this.#config.storeSize?.()),
      ...(timeline && { timeline: timelineCheck(timeline.status()) }),
    };
    return { ready: checks.log.ok && checks.fold.ok, checks };
  };

  #isHeard(): boolean {
    const { clock, log } = this.#config;
    return clock.elapsed() - log.heardAt() < limits.log_silence_ms;
  }
}

function roomCheck(size: StreamSize | undefined): Health['checks'] {
  if (size === undefined) return {};
  const left = Math.max(0, size.maxBytes - size.bytes);
  const [free, held] = [left, size.bytes].map(bytes => Math.floor(bytes / 1_048_576));
  const detail = `${free} MiB of room, ${held} MiB held`;
  return { room: { ok: left >= limits.stream_low_bytes, detail } };
}

/** A broker without its timeline serves on, so it is ready all the same. */
function timelineCheck(status: ReturnType<Timeline['status']>): Health['checks'][string] {
  const { sequence, lag_commits, isRunning, failed } = status;
  const failures = Object.entries(failed).map(([name, why]) => `${name}: ${why}`);
  const stand = `at commit ${sequence}, ${lag_commits} behind`;
  const detail = [isRunning ? stand : 'its worker is away', ...failures].join('; ');
  return { ok: isRunning && failures.length === 0, detail };
}
