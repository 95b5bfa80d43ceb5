// A read-only log, as a replay has it: it has its end, and nothing is added to it.
import type { Log } from '../log/log.js';
import type { Clock } from '../system/clock.js';

/** Heard of as long as it is read; what is appended is refused. */
export function readOnly(log: Pick<Log, 'read' | 'head'>, clock: Clock): Log {
  return {
    read: (from, to) => log.read(from, to),
    head: () => log.head(),
    heardAt: clock.elapsed,
    append: async () => ({ outcome: 'refused', reason: 'this is a replay' }),
    follow: () => ({ stop() {} }),
    close: async () => {},
  };
}
