// Latencies in a histogram, taken in ms and told in ms.
import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import type { Latency } from '../programs.js';

const NANOS_PER_MS = 1e6;

export class Stopwatch {
  private readonly histogram: RecordableHistogram = createHistogram();

  /** Both as `performance.now()` told them. */
  record(since: number, now: number = performance.now()): void {
    const nanos = Math.round((now - since) * NANOS_PER_MS);
    this.histogram.record(Math.max(1, nanos));
  }

  read(): Latency {
    const at = (share: number) => this.histogram.percentile(share) / NANOS_PER_MS;
    return { p50: at(50), p90: at(90), p99: at(99), max: this.histogram.max / NANOS_PER_MS };
  }
}
