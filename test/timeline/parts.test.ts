// The parts of the timeline: an index that cannot be opened is told of, and the others go on.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { INDEX_FILE } from '../../broker/timeline/index/timeline-index.js';
import { heldByAll, timelineParts } from '../../broker/timeline/parts.js';
import { tempDir } from '../dsl/nats.js';

test('an index that cannot be opened has failed, and the status says so', async t => {
  const dataDir = await tempDir(t);
  await mkdir(join(dataDir, INDEX_FILE));
  const log = openMemory({ store: memoryStore(), clock });
  const onWarning = () => {};
  const parts = await timelineParts({ dataDir, log, clock, onWarning, startOver() {} });
  t.equal(heldByAll(parts), Number.POSITIVE_INFINITY, 'it holds nobody up');
  const follower = new LogFollower({ log, fold: new Fold(), parts, clock, onWarning });
  await follower.start();
  const { failed } = follower.status();
  t.match(Object.entries(failed), [['index', /open/]], 'and the others have not');
  await follower.close();
});
