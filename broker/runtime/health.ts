// Readiness and warnings: whether a broker takes commands, and what an operator is told.
import { limits } from '../../schemas/limits.js';
import type { Fold } from '../core/fold.js';
import type { Log } from '../log/log.js';
import type { MeshTime } from '../system/mesh-time.js';
import { skewCheck } from '../system/skew.js';
import type { Timeline } from '../timeline/timeline.js';
import type { Health } from './door.js';
import type { Part } from './part.js';

/** What readiness and the warnings are read from. */
export interface HealthConfig {
  fold: Fold;
  clock: MeshTime;
  log: Pick<Log, 'heardAt'>;
  timeline: Pick<Timeline, 'status'> | undefined;
}

export interface WarningsConfig extends Pick<HealthConfig, 'fold' | 'clock'> {
  onWarning(line: string): void;
}

/** As a [readiness probe](https://kubernetes.io/docs/concepts/workloads/pods/probes/) asks it. */
export class Readiness {
  phase: 'replaying' | 'serving' | 'halted' | 'closed' = 'replaying';
  readonly #config: HealthConfig;

  constructor(config: HealthConfig) {
    this.#config = config;
  }

  /** True while the log is followed, and was heard lately enough to answer from its fold. */
  readonly isServing = (): boolean => this.phase === 'serving' && this.#isHeard();

  /** Each check with its detail in words. */
  readonly check = (): Health => {
    const { fold, clock, log, timeline } = this.#config;
    const silent = Math.round(clock.elapsed() - log.heardAt());
    const checks = {
      log: { ok: this.#isHeard(), detail: `last heard ${silent} ms ago` },
      fold: { ok: this.phase === 'serving', detail: `${this.phase} at commit ${fold.sequence}` },
      clock: skewCheck(clock.skew()),
      events: { ok: true, detail: `${fold.malformed} malformed` },
      ...(timeline && { timeline: timelineCheck(timeline.status()) }),
    };
    return { ready: checks.log.ok && checks.fold.ok, checks };
  };

  #isHeard(): boolean {
    const { clock, log } = this.#config;
    return clock.elapsed() - log.heardAt() < limits.log_silence_ms;
  }
}

/** A broker without its timeline serves on, so it is ready all the same. */
function timelineCheck(status: ReturnType<Timeline['status']>): Health['checks'][string] {
  const { sequence, lag_commits, isRunning, failed } = status;
  const failures = Object.entries(failed).map(([name, why]) => `${name}: ${why}`);
  const stand = `at commit ${sequence}, ${lag_commits} behind`;
  const detail = [isRunning ? stand : 'its worker is away', ...failures].join('; ');
  return { ok: isRunning && failures.length === 0, detail };
}

/** Tells of what is wrong as it comes up: each once, and of clocks once more when they agree. */
export class Warnings implements Part {
  readonly #config: WarningsConfig;
  #malformed = 0;
  #isApart = false;

  constructor(config: WarningsConfig) {
    this.#config = config;
  }

  tick(): void {
    const { fold, clock, onWarning } = this.#config;
    if (fold.malformed > this.#malformed) {
      this.#malformed = fold.malformed;
      const what = 'commits or events in the log are malformed and were skipped';
      onWarning(`${fold.malformed} ${what}`);
    }
    const { ok, detail } = skewCheck(clock.skew());
    if (ok !== this.#isApart) return;
    this.#isApart = !ok;
    const cure = 'what is due goes by log time; set the clocks, as with NTP';
    onWarning(ok ? detail : `${detail}; ${cure}`);
  }
}
