// Live views of what has ended (retention): a row that leaves the table leaves every mirror of it.
import t from 'tap';
import { encodeCommit } from '../../broker/core/commits/commit-bytes.js';
import type { Delivery } from '../../broker/core/words.js';
import { compact, pack } from '../../schemas/codec.js';
import { limits } from '../../schemas/limits.js';
import { OPERATOR } from '../../schemas/uuid.js';
import * as p from '../dsl/events.js';
import { cancels, jobNo, makesJob } from '../dsl/events-jobs.js';
import { callsOff, plansMinutely, schedNo } from '../dsl/events-schedules.js';
import { HistoryDoor, settle, Truth, ViewReader } from './view-world.js';

const TEXT = 'x'.repeat(limits.text_bytes);
/** More of so many characters than a table keeps of what has ended. */
const COUNT = Math.ceil(limits.jobs_ended_chars / limits.text_bytes) + 20;
const AT_ONCE = 10;
const MADE = Math.ceil(COUNT / AT_ONCE) * AT_ONCE;
/** Ids say when they were made, which must not be ahead of the log. */
const LATER_MS = 200_000;

type Story = { keyOf(n: number): string; drafts(n: number): p.Draft[] };
const stories: Record<'asks' | 'jobs' | 'schedules', Story> = {
  asks: {
    keyOf: p.askNo,
    drafts: n => [p.asks(n, p.web, p.api, TEXT), p.closes(p.api, n, 'replied')],
  },
  jobs: { keyOf: jobNo, drafts: n => [makesJob(n, p.web, { body: TEXT }), cancels(p.web, n)] },
  schedules: {
    keyOf: schedNo,
    drafts: n => [plansMinutely(n, p.web, p.api, { text: TEXT }), callsOff(p.web, n)],
  },
};

function logOf({ drafts }: Story): Delivery[] {
  const log: Delivery[] = [];
  let made = 0;
  const commit = (said: p.Draft[]) => {
    const events = said.map(draft => {
      const event = compact({ v: 1, id: p.uuid(100_000 + made++), ...draft });
      return { type: event.type, circles: ['*'], bytes: pack(event) };
    });
    const sequence = log.length + 1;
    const clock = p.T0 + LATER_MS + 1_000 * sequence;
    const bytes = encodeCommit({ boot: p.BOOT, number: sequence, clock, events });
    log.push({ sequence, storedAt: clock, bytes });
  };
  commit([p.opened(), p.started(p.GATEWAY, p.BOOT), p.joins(p.web), p.joins(p.api)]);
  for (let n = 0; n < COUNT; n += AT_ONCE) {
    commit(Array.from({ length: AT_ONCE }, (_, i) => drafts(n + i)).flat());
  }
  return log;
}

for (const view of ['asks', 'jobs', 'schedules'] as const) {
  t.test(`what the table lets go of is told as null: ${view}`, async t => {
    const log = logOf(stories[view]);
    const watch = { view, fields: ['state', 'circle'], snapshot: true };
    const author = { token: OPERATOR };
    const truth = new Truth(log, [{ author, watch }]);
    const door = new HistoryDoor(log, 3, 0);
    t.teardown(() => door.views.close());
    const mirror = new ViewReader(author, watch, truth);
    await mirror.connect(door);
    const { outlet } = mirror;
    while (door.step()) {
      await settle();
      mirror.read();
    }
    t.equal(mirror.sequence, log.length, 'it was compared to the end');
    t.equal(mirror.resyncs, 0);
    const told = outlet!.told('view.changes') as unknown as { changes: [string, unknown][] }[];
    const gone = told.flatMap(({ changes }) => changes).filter(([, row]) => row === null);
    t.equal(gone.length, MADE - mirror.mirror.rows.size);
    const first = gone.map((_, n) => stories[view].keyOf(n));
    t.same(gone.map(([key]) => key).sort(), first.sort(), 'what ended first is gone');
    t.ok(gone.length > 0);
  });
}
