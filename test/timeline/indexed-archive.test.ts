// The quick archive: keeps the promise of every archive, from what the timeline has indexed.
import t, { type Test } from 'tap';
import { Refold } from '../../broker/archive/refold.js';
import type { Delivery } from '../../broker/core/words.js';
import { IndexedArchive } from '../../broker/timeline/index/indexed-archive.js';
import { inlineTimeline } from '../../broker/timeline/timeline.js';
import { archiveSuite } from '../archive/archive-suite.js';
import { followed } from '../dsl/indexes.js';

archiveSuite(t, async (t: Test, commits: readonly Delivery[]) => {
  const { log, follower } = await followed(t, commits);
  const refold = new Refold(log);
  const timeline = inlineTimeline(follower);
  return new IndexedArchive(timeline, {
    // Of now the index knows all; how things stood earlier, only the log may.
    find(read, upTo) {
      if (upTo === commits.length) t.fail(`the index did not answer: ${JSON.stringify(read)}`);
      return refold.find(read, upTo);
    },
  });
});
