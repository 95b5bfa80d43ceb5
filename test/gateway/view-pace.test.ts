// The pace of live views (conflation): what changed after other news is not held up by it.
import t from 'tap';
import { encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import type { Delivery } from '../../broker/core/words.js';
import { compact, pack } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { cancels, makesJob } from '../dsl/events-jobs.js';
import { FakeOutlet } from './fake-outlet.js';
import { HistoryDoor, settle, Truth, ViewReader } from './view-world.js';

const watch = { view: 'jobs', snapshot: true } as const;
const author = { token: OPERATOR };
/** Ids say when they were made, which must not be ahead of the log. */
const LATER_MS = 200_000;

function logOf(commits: readonly p.Draft[][]): Delivery[] {
  let made = 0;
  return commits.map((said, n) => {
    const events = said.map(draft => {
      const event = compact({ v: 1, id: p.uuid(100_000 + made++), ...draft });
      return { type: event.type, circles: ['*'], bytes: pack(event) };
    });
    const clock = p.T0 + LATER_MS + n;
    const bytes = encodeCommit({ boot: p.BOOT, number: n + 1, clock, events });
    return { sequence: n + 1, storedAt: clock, bytes };
  });
}

t.test(
  'a change is told at once, though commits that were none of its view came before',
  async t => {
    const others = [1, 2, 3].map(n => [p.tells(n, p.web, p.api, `news ${n}`)]);
    const opening = [p.opened(), p.started(p.GATEWAY, p.BOOT), p.joins(p.web), p.joins(p.api)];
    const log = logOf([opening, ...others, [makesJob(9, p.web)]]);
    const door = new HistoryDoor(log, 1, 0);
    t.teardown(() => door.views.close());
    const mirror = new ViewReader(author, watch, new Truth(log, [{ author, watch }]));
    await mirror.connect(door);
    const began = door.time;
    // All of them within the time in which a view says but once where it stands.
    for (let n = 1; n <= others.length + 1; n++) {
      door.step();
      door.time = began + (n * limits.advance_every_ms) / 10;
      await settle();
    }
    mirror.read();
    t.equal(mirror.sequence, log.length);
    t.equal(mirror.mirror.rows.size, 1, 'the job is there');
    t.equal(mirror.outlet?.told('view.changes').length, 1, 'and nothing was said of the others');
  },
);

t.test('a row is encoded once, for all who watch it by whatever they narrow it', async t => {
  const opening = [p.opened(), p.started(p.GATEWAY, p.BOOT), p.joins(p.web), p.joins(p.api)];
  const log = logOf([[...opening, makesJob(1, p.web), makesJob(2, p.web)], [cancels(p.web, 1)]]);
  const door = new HistoryDoor(log, 1, 0);
  t.teardown(() => door.views.close());
  const narrowed: Record<string, string | string[]>[] = [
    {},
    { kind: 'general' },
    { kind: ['general', 'rare'] },
  ];
  const outlets = narrowed.map(async where => {
    const outlet = new FakeOutlet(author);
    await door.views.watch(outlet, { ...watch, where });
    return outlet;
  });
  const watching = await Promise.all(outlets);
  const { bytes } = door.views.stats();
  t.match(door.views.stats(), { watchers: 3, rows: 6 });
  door.step();
  await settle();
  for (const outlet of watching) t.equal(outlet.told('view.changes').length, 1);
  const [news = 0, ...rest] = watching.map(({ frames }) => frames.at(-1)?.length);
  t.ok(bytes > 0 && bytes < 3 * news, 'two rows, not six');
  t.ok(door.views.stats().bytes - bytes < news, 'and the one that changed, not three of it');
  t.same(rest.length, 2);
  for (const outlet of watching) outlet.close();
  t.match(door.views.stats(), { watchers: 0, rows: 0, bytes: 0 });
});
