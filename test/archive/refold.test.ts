// The slow archive: keeps the promise of every archive, and concurrent reads share its passes.
import t, { type Test } from 'tap';
import { Refold } from '../../broker/archive/refold.js';
import type { Delivery } from '../../broker/core/words.js';
import { memoryStore, openMemory } from '../../broker/log/memory.js';
import { api, askNo, asks, joins, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';
import { archiveSuite } from './archive-suite.js';

function logOf(commits: readonly Delivery[]) {
  const clock = { now: () => 0, elapsed: () => 0 };
  return openMemory({ store: { ...memoryStore(), commits: [...commits] }, clock });
}

archiveSuite(t, async (_, commits) => new Refold(logOf(commits)));

/** A log with one ask, whose reads a test may look into. */
function oneAsk(t: Test) {
  const { mesh } = given(t, joins(web), joins(api), asks(1, web, api));
  const find = (archive: Refold, n: number) =>
    archive.find(
      { find: 'row', view: 'asks', key: askNo(n), told: row => row?.ask },
      mesh.fold.sequence,
    );
  return { log: logOf(mesh.log), find };
}

t.test('passes over the log take turns, and one that fails does not stop the next', async t => {
  const { log, find } = oneAsk(t);
  let open = 0;
  let most = 0;
  let failures = 1;
  async function* read(from: number, to?: number) {
    most = Math.max(most, ++open);
    try {
      if (failures-- > 0) throw new Error('the log is away');
      yield* log.read(from, to);
    } finally {
      open--;
    }
  }
  const archive = new Refold({ ...log, read });
  const [first, second, third] = await Promise.allSettled([1, 1, 9].map(n => find(archive, n)));
  t.match(first, { status: 'rejected' });
  t.match(second, { status: 'fulfilled', value: askNo(1) });
  t.match(third, { status: 'fulfilled', value: undefined });
  t.equal(most, 1);
});

t.test('who asks during a pass shares the next one', async t => {
  const { log, find } = oneAsk(t);
  let passes = 0;
  async function* read(from: number, to?: number) {
    passes++;
    yield* log.read(from, to);
  }
  const archive = new Refold({ ...log, read });
  const found = await Promise.all(Array.from({ length: 41 }, () => find(archive, 1)));
  t.same(new Set(found), new Set([askNo(1)]));
  t.equal(passes, 2);
});
