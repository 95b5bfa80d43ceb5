// Counters of what the gateway does: plain numbers, read only when somebody asks for metrics.
import type { MethodName } from '../../../schemas/method.js';
import type { RefusalName } from '../../../schemas/refusal.js';

export interface Counters {
  /** A call was answered; undefined for a method nobody knows, whose name is not kept. */
  answered(method: MethodName | undefined, outcome: 'ok' | RefusalName): void;
  /** A socket closed with this code. */
  closed(code: number): void;
  /** A request or upgrade was turned away with this status. */
  turnedAway(status: number): void;
  /** `[method, outcome, count]` of every call so far. */
  calls(): Iterable<[string, string, number]>;
  closes(): Iterable<[number, number]>;
  rejections(): Iterable<[number, number]>;
}

/** All at zero; they count until the process ends. */
export function createCounters(): Counters {
  const calls = new Map<string, Map<string, number>>();
  const closes = new Map<number, number>();
  const rejections = new Map<number, number>();
  return {
    answered(method = 'unknown' as MethodName, outcome) {
      const outcomes = calls.get(method);
      if (outcomes) count(outcomes, outcome);
      else calls.set(method, new Map([[outcome, 1]]));
    },
    closed: code => count(closes, code),
    turnedAway: status => count(rejections, status),
    *calls() {
      for (const [method, outcomes] of calls) {
        for (const [outcome, n] of outcomes) yield [method, outcome, n];
      }
    },
    closes: () => closes,
    rejections: () => rejections,
  };
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
