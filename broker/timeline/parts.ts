// The parts of the timeline: each is made here, in the order in which it hears of a commit.
import { causeOf } from '../system/fault.js';
import { AuditPart } from './audit-part.js';
import { type IndexConfig, TimelineIndex } from './index/timeline-index.js';
import type { TimelinePart } from './part.js';
import { Past, type PastConfig } from './past.js';
import { SnapshotWriter } from './snapshots/snapshot-writer.js';

/**
 * All that follow the log beside the broker on this data directory. Without SQLite there is no
 * index, and the rest lives on.
 */
export async function timelineParts(config: IndexConfig & PastConfig): Promise<TimelinePart[]> {
  const parts: TimelinePart[] = [
    new Past({ ...config, onDisk: config }),
    new AuditPart(config.log, config.clock),
  ];
  let index: TimelineIndex | undefined;
  try {
    index = await TimelineIndex.open(config);
    parts.push(index);
  } catch (error) {
    config.onWarning(`there is no timeline index: ${causeOf(error)}`);
  }
  // Last, so that what the others hold durably is not behind the newest snapshot.
  const before = async () => index?.settle();
  parts.push(new SnapshotWriter({ ...config, before }));
  return parts;
}

/** The last commit that every part holds: the fold must begin there or before. */
export function heldByAll(parts: readonly TimelinePart[]): number {
  return Math.min(...parts.map(part => part.cursor?.() ?? Number.POSITIVE_INFINITY));
}
