// Warnings: what an operator is told of a running broker, as it comes up.
import type { Fold } from '../../core/fold.js';
import type { MeshTime } from '../../system/mesh-time.js';
import { skewCheck } from '../../system/skew.js';
import type { Part } from '../part.js';

export interface WarningsConfig {
  fold: Fold;
  clock: MeshTime;
  onWarning(line: string): void;
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
