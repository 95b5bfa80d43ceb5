// The parts of the timeline: each is made here, in the order in which it hears of a commit.
import type { TimelineSetup } from './messages.js';
import type { TimelinePart } from './part.js';

/** All that follow the log beside the broker on this data directory. */
export function timelineParts(_: Pick<TimelineSetup, 'dataDir'>): TimelinePart[] {
  return [];
}
