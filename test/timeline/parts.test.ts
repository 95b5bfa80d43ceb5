// The parts of the timeline: an index that cannot be opened is told of, and the others go on.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { Refold } from '../../broker/archive/refold.js';
import type { ColdRead } from '../../broker/core/archive.js';
import { Fold } from '../../broker/core/fold.js';
import { logQueries } from '../../broker/core/log/queries.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { LogFollower } from '../../broker/timeline/follower.js';
import { IndexedArchive } from '../../broker/timeline/index/indexed-archive.js';
import { noIndex } from '../../broker/timeline/index/no-index.js';
import { INDEX_FILE } from '../../broker/timeline/index/timeline-index.js';
import { heldByAll, timelineParts } from '../../broker/timeline/parts.js';
import { inlineTimeline } from '../../broker/timeline/timeline.js';
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

test('where there can be no index a search says so and what to do, not to try again', async t => {
  const log = openMemory({ store: memoryStore(), clock });
  const parts = [noIndex('There is none; ask another broker.')];
  const fold = new Fold();
  const follower = new LogFollower({ log, fold, parts, clock, onWarning: line => t.fail(line) });
  await follower.start();
  const archive = new IndexedArchive(inlineTimeline(follower), new Refold(log));
  const held = { token: '', circles: ['*'], roles: [], verbs: [] };
  const context = { table: fold.table, now: 0, held } as never;
  const reading = logQueries['log.thread'](context, { ref: 'ask_1' });
  const told = await archive.find(reading as ColdRead<unknown>, 0);
  const message = 'There is none; ask another broker.';
  t.strictSame(told, { refusal: 'unavailable', message, data: { retry: false } });
  await follower.close();
});
