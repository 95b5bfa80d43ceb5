// A timeline index in a folder of its own, which follows a log in memory on the test's own thread.
import type { Test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import type { Delivery } from '../../broker/core/words.js';
import { type MemoryLog, memoryStore, openMemory } from '../../broker/log/memory.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { TimelineIndex } from '../../broker/timeline/index/timeline-index.js';
import { tempDir } from './nats.js';

let looks = 0;
/** Moves with each look at it, so that no search ends early because the machine is loaded. */
const clock = { now: () => 0, elapsed: () => looks++ / 1_000 };

export interface Followed {
  log: MemoryLog;
  index: TimelineIndex;
  follower: LogFollower;
  warnings: string[];
  /** How often the index has thrown itself away. */
  anew(): number;
  close(): Promise<void>;
}

export function logOf(commits: readonly Delivery[]): MemoryLog {
  return openMemory({ store: { ...memoryStore(), commits: [...commits] }, clock });
}

/** Follows the log to its end; the index is closed with the test. */
export async function followed(
  t: Test,
  commits: readonly Delivery[],
  dataDir?: string,
): Promise<Followed> {
  const log = logOf(commits);
  const warnings: string[] = [];
  const onWarning = (line: string) => void warnings.push(line);
  let anew = 0;
  const index = await TimelineIndex.open({
    dataDir: dataDir ?? (await tempDir(t)),
    log,
    clock,
    onWarning,
    startOver: () => void anew++,
  });
  const follower = new LogFollower({ log, fold: new Fold(), parts: [index], clock, onWarning });
  await follower.start();
  await follower.reached(commits.length);
  const close = () => follower.close();
  t.teardown(close);
  return { log, index, follower, warnings, anew: () => anew, close };
}
