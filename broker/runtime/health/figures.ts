// The figures of a running broker: how fast it commits, how large its log is, how far its index is.
import { limits } from '../../../schemas/limits.js';
import type { Fold } from '../../core/fold.js';
import type { StreamSize } from '../../log/byte-limit.js';
import type { Latencies } from '../../system/latencies.js';
import type { MeshTime } from '../../system/mesh-time.js';
import type { Timeline } from '../../timeline/timeline.js';
import type { Part } from '../part.js';

export interface BrokerFigures {
  commits: {
    /** Of the log, by whichever broker. */
    total: number;
    events: number;
    /** In the last `limits.pace_items` seconds. */
    per_s: number;
    events_per_s: number;
    /** From sending a commit of our own until it came back; absent when none did lately. */
    p50_ms?: number;
    p99_ms?: number;
  };
  store: { bytes?: number; limit_bytes?: number };
  index?: { sequence: number; lag_commits: number; lag_ms: number; running: boolean };
  snapshot?: { sequence: number; bytes: number; age_s: number };
}

export interface FiguresConfig {
  fold: Fold;
  clock: MeshTime;
  latencies: Latencies;
  timeline: Pick<Timeline, 'status'> | undefined;
  storeSize?(): StreamSize | undefined;
}

/** Samples the log at every tick, so that no commit pays for it. */
export class Figures implements Part {
  readonly #config: FiguresConfig;
  readonly #samples: { at: number; commits: number; events: number }[] = [];

  constructor(config: FiguresConfig) {
    this.#config = config;
  }

  tick(): void {
    if (this.#samples.push(this.#sample()) > limits.pace_items) this.#samples.shift();
  }

  readonly read = (): BrokerFigures => {
    const { clock, latencies, timeline, storeSize } = this.#config;
    const now = this.#sample();
    const { at, commits, events } = this.#samples[0] ?? now;
    const seconds = Math.max(1, (now.at - at) / 1_000);
    const [p50_ms, p99_ms] = latencies.percentiles([0.5, 0.99], clock.elapsed()) ?? [];
    const size = storeSize?.();
    const index = timeline?.status();
    const snapshot = index?.snapshot;
    return {
      commits: {
        total: now.commits,
        events: now.events,
        per_s: tenths((now.commits - commits) / seconds),
        events_per_s: tenths((now.events - events) / seconds),
        ...(p50_ms !== undefined && { p50_ms: tenths(p50_ms) }),
        ...(p99_ms !== undefined && { p99_ms: tenths(p99_ms) }),
      },
      store: size === undefined ? {} : { bytes: size.bytes, limit_bytes: size.maxBytes },
      ...(index && {
        index: {
          sequence: index.sequence,
          lag_commits: index.lag_commits,
          lag_ms: index.lag_ms,
          running: index.isRunning,
        },
      }),
      ...(snapshot && {
        snapshot: {
          sequence: snapshot.sequence,
          bytes: snapshot.bytes,
          age_s: Math.floor(snapshot.age_ms / 1_000),
        },
      }),
    };
  };

  #sample() {
    const { fold, clock } = this.#config;
    return { at: clock.elapsed(), commits: fold.sequence, events: fold.events };
  }
}

function tenths(value: number): number {
  return Math.round(10 * value) / 10;
}
