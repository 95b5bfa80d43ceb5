// How a broker is: whether it takes commands, what stands against that, what an operator is told.
import { limits } from '../../schemas/limits.js';
import type { Fold } from '../core/fold.js';
import type { Log } from '../log/log.js';
import type { MeshTime } from '../system/mesh-time.js';
import { skewCheck } from '../system/skew.js';
import type { Health } from './door.js';

/** True when the log was heard lately enough to answer from what is folded of it. */
export function isHeard(time: MeshTime, log: Log): boolean {
  return time.elapsed() - log.heardAt() < limits.log_silence_ms;
}

export function healthOf(phase: string, fold: Fold, time: MeshTime, log: Log): Health {
  const silent = Math.round(time.elapsed() - log.heardAt());
  const checks = {
    log: { ok: isHeard(time, log), detail: `last heard ${silent} ms ago` },
    fold: { ok: phase === 'serving', detail: `${phase} at commit ${fold.sequence}` },
    clock: skewCheck(time.skew()),
    events: { ok: true, detail: `${fold.malformed} malformed` },
  };
  return { ready: checks.log.ok && checks.fold.ok, checks };
}

/** Tells of what is wrong as it comes up: each once, and of clocks once more when they agree. */
export class Warnings {
  private readonly onWarning: (line: string) => void;
  private malformed = 0;
  private isApart = false;

  constructor(onWarning: (line: string) => void) {
    this.onWarning = onWarning;
  }

  look(fold: Fold, time: MeshTime): void {
    if (fold.malformed > this.malformed) {
      this.malformed = fold.malformed;
      const what = 'commits or events in the log are malformed and were skipped';
      this.onWarning(`${fold.malformed} ${what}`);
    }
    const { ok, detail } = skewCheck(time.skew());
    if (ok !== this.isApart) return;
    this.isApart = !ok;
    const cure = 'what is due goes by log time; set the clocks, as with NTP';
    this.onWarning(ok ? detail : `${detail}; ${cure}`);
  }
}
