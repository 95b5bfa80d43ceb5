// A seek for who reads the log (cursor pagination): in parts, of which none is left out.
import t from 'tap';
import type { FoundRecords } from '../../broker/core/timeline-reads.js';
import { limits } from '../../schemas/limits.js';
import { api, asks, closes, joins, web } from '../dsl/events.js';
import { given } from '../dsl/given.js';
import { followed } from '../dsl/indexes.js';

t.test('what takes long to be read back is told in part, with where it goes on', async t => {
  const { mesh } = given(t, joins(web), joins(api));
  for (let n = 1; n <= 300; n++) {
    mesh.one(asks(n, web, api, 'now?'));
    mesh.one(closes(api, n, 'replied'));
  }
  const { follower } = await followed(t, mesh.log);
  const filter = { peers: [api.peer] };
  const read = async (wait_ms: number, isReverse: boolean) => {
    const told: number[][] = [];
    let [from, to] = [0, (mesh.log.length + 1) * limits.commit_positions];
    Object.assign(limits, { index_records_wait_ms: wait_ms });
    for (let isCut = true; isCut; ) {
      const page = { filter, circles: ['*'], from, to, isReverse, max: 1_000, asOf: 0 };
      const question = { find: 'records', ...page };
      const answer = await follower.ask({ part: 'index', question });
      const { found } = answer as { found: FoundRecords };
      told.push(found.records.map(({ position }) => position));
      isCut = found.isCut;
      if (isReverse) to = found.from;
      else from = found.to;
    }
    return told;
  };
  const usual = limits.index_records_wait_ms;
  t.teardown(() => Object.assign(limits, { index_records_wait_ms: usual }));
  const [wanted] = await read(usual, false);
  t.ok(wanted!.length >= 600);
  for (const isReverse of [false, true]) {
    const pages = await read(0, isReverse);
    t.ok(pages.length > 2);
    t.strictSame(pages.flat(), isReverse ? wanted!.toReversed() : wanted);
  }
});
