// The histogram of the log: exact where it is short, an honest estimate where it is long.
import t from 'tap';
import { rights } from '../../broker/core/rows/rights.js';
import { placeAt, type ReadingContext } from '../../broker/gateway/observe/catch-up.js';
import { createFanout } from '../../broker/gateway/observe/fanout.js';
import { readHistogram } from '../../broker/gateway/observe/histogram.js';
import { KnownPoints } from '../../broker/gateway/observe/known-points.js';
import { createRing } from '../../broker/gateway/observe/ring.js';
import { Semaphore } from '../../broker/system/semaphore.js';
import { limits } from '../../schemas/limits.js';
import { methods, type Params, type Result } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { FakeLogDoor } from './fake-log-door.js';

const PER_COMMIT = limits.commit_positions;

function open() {
  const door = new FakeLogDoor();
  const begin = door.time;
  const ask = async (given: Partial<Params<'log.histogram'>>, token = OPERATOR) => {
    const params = methods['log.histogram'].params.parse({ from: 'start', ...given });
    const answer = await createFanout(door).histogram({ token }, params);
    if (isRefusal(answer)) throw new Error(answer.refusal);
    return answer;
  };
  return { door, begin, ask };
}

function contextOf(door: FakeLogDoor): ReadingContext {
  const { log, sequence, digest } = door.info();
  const start = { sequence, digest };
  return {
    door,
    log,
    ring: createRing(start, 0),
    feeds: new Semaphore(1),
    head: placeAt(log, start),
    known: new KnownPoints(),
    behindBytes: 0,
    isPaged: false,
    show() {},
    end() {},
    fail() {},
  };
}

const eventsOf = ({ buckets }: Result<'log.histogram'>) => buckets.map(({ events }) => events);

t.test('events fall into equal spans of time, each with where it begins', async t => {
  const { door, begin, ask } = open();
  for (let n = 0; n < 10; n++) {
    door.time += 1_000;
    door.note(`${n}`, n < 5 ? 'web' : 'ops');
  }
  door.time += 999;
  const all = await ask({ buckets: 11 });
  t.strictSame(eventsOf(all), [2, ...Array.from({ length: 10 }, () => 1)]);
  t.strictSame(
    all.buckets.map(({ time }) => time - begin),
    Array.from({ length: 11 }, (_, n) => 1_000 * n),
  );
  t.equal(all.buckets[3]?.position, 4 * PER_COMMIT);
  t.equal(all.sampled, undefined);
  t.strictSame(eventsOf(await ask({ buckets: 2, filter: { circles: ['ops'] } })), [0, 5]);
  const middle = { from: { time: begin + 3_000 }, to: { time: begin + 4_999 } };
  t.strictSame(eventsOf(await ask({ ...middle, buckets: 2 })), [1, 1]);
  const empty = await ask({ from: { time: begin + 10_500 }, buckets: 3 });
  t.strictSame(empty.buckets, []);
  t.strictSame(eventsOf(await ask({ buckets: 1 }, door.token('web'))), [5], 'of its own circles');
});

t.test('voids are told apart; an empty span points to what came next', async t => {
  const { door, ask } = open();
  door.time += 10_000;
  door.commit(door.event('message.retracted', { message: `msg_${door.uuid()}` }));
  const { buckets } = await ask({ buckets: 10 });
  t.match(buckets.at(-1), { events: 1, voids: 1 });
  t.strictSame(
    buckets.map(({ position }) => position / PER_COMMIT),
    [1, ...Array.from({ length: 9 }, () => 2)],
  );
});

t.test('a place that is refused is refused here too', async t => {
  const { ask } = open();
  await t.rejects(ask({ from: 'log_2.1.000000000000' }), /cursor_foreign/);
  await t.rejects(ask({ to: { position: 2 ** 40 } }), /cursor_ahead/);
  await t.rejects(ask({ from: { time: 'soon' } }), /invalid/);
});

t.test('of a long stretch evenly spaced blocks are counted, the rest is estimated', async t => {
  const { door } = open();
  const commits = 16_384;
  for (let n = 0; n < commits; n++) {
    door.time += 10;
    if (n % 16 === 0) door.note('x');
    else door.append([]);
  }
  const params = methods['log.histogram'].params.parse({ from: 'start', buckets: 50 });
  const held = rights(door.table, OPERATOR, door.time)!;
  const told = await readHistogram(contextOf(door), held, params, 4_096);
  if (isRefusal(told)) throw new Error(told.message);
  t.ok(told.sampled! < 0.3, `${told.sampled}`);
  const wanted = commits / 16 / 50;
  for (const events of eventsOf(told)) t.ok(Math.abs(events - wanted) <= 3, `${events}`);
  const positions = told.buckets.map(({ position }) => position);
  t.strictSame(
    positions,
    positions.toSorted((a, b) => a - b),
  );
});
