// The parts of the timeline: each is made here, in the order in which it hears of a commit.
import { causeOf } from '../system/fault.js';
import { AuditPart } from './audit-part.js';
import { noIndex } from './index/no-index.js';
import { type IndexConfig, TimelineIndex } from './index/timeline-index.js';
import type { TimelinePart } from './part.js';
import { Past, type PastConfig } from './past.js';
import { SnapshotWriter, type SnapshotWriterConfig } from './snapshots/snapshot-writer.js';

/**
 * All that follow the log beside the broker on this data directory. Without SQLite there is no
 * index, and the rest lives on.
 */
export async function timelineParts(
  config: IndexConfig & PastConfig & Pick<SnapshotWriterConfig, 'onSaved'>,
): Promise<TimelinePart[]> {
  const parts: TimelinePart[] = [
    new Past({ ...config, onDisk: config }),
    new AuditPart(config.log, config.clock),
  ];
  let index: TimelineIndex | undefined;
  try {
    index = await TimelineIndex.open(config);
    parts.push(index);
  } catch (error) {
    // What a person may mend is told with how the timeline stands, and tried again.
    if (!isAbsent(error)) parts.push(neverBegun('index', error));
    else {
      config.onWarning(`there is no timeline index: ${causeOf(error)}`);
      parts.push(noIndex(NO_SQLITE));
    }
  }
  // Last, so that what the others hold durably is not behind the newest snapshot.
  const before = async () => index?.settle();
  parts.push(new SnapshotWriter({ ...config, before }));
  return parts;
}

const NO_SQLITE =
  'This broker has no index of its log, as there is no SQLite here; install the package libsql ' +
  'and start the broker again, ask another broker of the mesh, or read the log by log.read.';

/** True where this machine has no SQLite at all. */
function isAbsent(error: unknown): boolean {
  return /MODULE_NOT_FOUND|DLOPEN_FAILED/.test((error as NodeJS.ErrnoException).code ?? '');
}

/** Stands for a part that could not be made: it fails at once. */
function neverBegun(name: string, error: unknown): TimelinePart {
  return { name, begin: () => Promise.reject(error) };
}

/** The last commit that every part holds: the fold must begin there or before. */
export function heldByAll(parts: readonly TimelinePart[]): number {
  return Math.min(...parts.map(part => part.cursor?.() ?? Number.POSITIVE_INFINITY));
}
