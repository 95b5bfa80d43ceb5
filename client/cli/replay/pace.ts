// The pace of a replay: how long to wait before what happened next, at a speed, without idle gaps.
import { InvalidArgumentError } from 'commander';
import { readDuration } from '../../terminal/when.js';

export interface Tempo {
  /** How many times faster than it was; Infinity: without a pause. */
  speed: number;
  /** No pause is longer than this, in ms. */
  max_gap_ms: number;
}

/** How long to wait, in ms, between what happened at two times (ms UTC). */
export function pauseBetween(before: number, after: number, { speed, max_gap_ms }: Tempo): number {
  return Math.min(Math.max(0, after - before) / speed, max_gap_ms);
}

/** `10x`, `0.5x`, `10` or `max`. */
export function readSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = Number(/^(\d{1,6}(?:\.\d{1,3})?)x?$/.exec(text)?.[1]);
  if (speed > 0) return speed;
  throw new InvalidArgumentError('Write a speed as 1x, 10x, 0.5x or max.');
}

/** A time as people write it, in ms. */
export function readGap(text: string): number {
  const ms = readDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError('Write a time as 1s, 10s or 2m; 0s leaves no pause.');
}
