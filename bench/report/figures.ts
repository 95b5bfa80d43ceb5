// The arithmetic of results: medians, ratios and whether a target was met.

export interface Target {
  /** Of what the ratio is. */
  of: string;
  least?: number;
  most?: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The median of the ratios of each round: what disturbs one round does not move it. */
export function ratioOf(measured: readonly number[], floor: readonly number[]): number {
  return median(measured.map((value, i) => value / (floor[i] ?? Number.NaN)));
}

export function isMet(ratio: number, { least, most }: Target): boolean {
  return (
    ratio >= (least ?? Number.NEGATIVE_INFINITY) && ratio <= (most ?? Number.POSITIVE_INFINITY)
  );
}

export interface Step {
  /** Asks a second, as offered and as answered. */
  offered: number;
  answered: number;
  p99_ms: number;
}

/** The highest rate that was kept, with its p99 within bounds, and every lower one too. */
export function kneeOf(steps: readonly Step[], p99Most_ms: number): Step | undefined {
  const sorted = [...steps].sort((a, b) => a.offered - b.offered);
  const drowned = sorted.findIndex(
    ({ offered, answered, p99_ms }) => answered < KEPT_SHARE * offered || p99_ms > p99Most_ms,
  );
  return drowned === -1 ? sorted.at(-1) : sorted[drowned - 1];
}

const KEPT_SHARE = 0.97;

/** Three digits that count, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) {
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ',');
  }
  return value.toPrecision(value < 1 ? 2 : 3);
}

export function percent(share: number | undefined): string {
  return share === undefined || Number.isNaN(share) ? '–' : `${Math.round(share * 100)} %`;
}
