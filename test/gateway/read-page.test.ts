// Pages of the log: forward and back, from any place, nothing skipped and nothing told twice.
import fc from 'fast-check';
import t from 'tap';
import { createFanout, type Fanout } from '../../broker/gateway/observe/fanout.js';
import type { Door } from '../../broker/runtime/door.js';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import type { Filter } from '../../schemas/log.js';
import { methods, type Params, type Result } from '../../schemas/method.js';
import { isRefusal } from '../../schemas/refusal.js';
import { OPERATOR } from '../../schemas/uuid.js';
import { FakeLogDoor } from './fake-log-door.js';
import { FakeOutlet, until } from './fake-outlet.js';

type Page = Result<'log.read'>;
type Given = Partial<Params<'log.read'>>;

const PER_COMMIT = limits.commit_positions;

function read(fanout: Fanout, given: Given, token = OPERATOR) {
  const params = methods['log.read'].params.parse({ from: 'start', ...given });
  return fanout.read({ token }, params);
}

async function page(fanout: Fanout, given: Given, token?: string): Promise<Page> {
  const answer = await read(fanout, given, token);
  if (isRefusal(answer)) throw new Error(answer.message);
  return answer;
}

/** Every page from a place on, each beginning where the last one ended. */
async function pages(fanout: Fanout, given: Given): Promise<Page[]> {
  const all: Page[] = [];
  let from = given.from ?? 'start';
  while (true) {
    const one = await page(fanout, { ...given, from });
    if (all.length > 0 && one.after !== from) throw new Error(`${one.after} is not ${from}`);
    all.push(one);
    if (one.end) return all;
    from = one.to;
  }
}

const positionsOf = (all: readonly Page[]) =>
  all.flatMap(({ records }) => records.map(([position]) => position));

/** A log whose commits hold so many events each; a share of them in circle `ops`. */
function history(sizes: readonly number[]) {
  const door = new FakeLogDoor();
  const early = createFanout(door);
  for (const size of sizes) {
    const events = Array.from({ length: size }, (_, n) =>
      door.event('message.broadcast', {
        message: `msg_${door.uuid()}`,
        text: `${n}`,
        circle: n % 3 === 1 ? 'ops' : 'default',
      }),
    );
    door.commit(...events);
    door.time += 1_000;
  }
  // A small ring has forgotten all but the newest commits.
  const late = createFanout(door);
  return { door, early, late };
}

function fitting(door: FakeLogDoor, filter: Filter): number[] {
  const fits = (circles: readonly string[]) =>
    filter.circles === undefined || circles.some(circle => filter.circles?.includes(circle));
  return door.commits.flatMap(({ records }) =>
    records.filter(({ circles }) => fits(circles)).map(({ position }) => position),
  );
}

const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 });
const filters = fc.constantFrom<Filter>({}, { circles: ['ops'] }, { circles: ['nowhere'] });

t.test('16: pages tell every record that fits once, in order, from ring and log', async t => {
  await fc.assert(
    fc.asyncProperty(sizes, filters, fc.integer({ min: 1, max: 7 }), async (made, filter, max) => {
      const { door, early, late } = history(made);
      const wanted = fitting(door, filter);
      for (const fanout of [early, late]) {
        const on = await pages(fanout, { filter, max });
        t.strictSame(positionsOf(on), wanted);
        t.ok(on.every(({ records }) => records.length <= max));
        const back = await pages(fanout, { filter, max, from: 'now', reverse: true });
        t.strictSame(positionsOf(back), wanted.toReversed());
        t.equal(on.at(-1)?.to, back[0]?.after);
      }
      t.equal(door.openReplays, 0);
    }),
    { numRuns: 40 },
  );
});

t.test('from any cursor, on any broker, readers and observers go on behind it', async t => {
  const { door, early, late } = history([3, 0, 4, 1]);
  const all = fitting(door, {});
  for (let n = 0; n < all.length; n++) {
    const { to } = await page(n % 2 ? early : late, { max: n + 1 });
    for (const fanout of [early, late]) {
      t.strictSame(positionsOf(await pages(fanout, { from: to })), all.slice(n + 1));
      const back = await pages(fanout, { from: to, reverse: true });
      t.strictSame(positionsOf(back), all.slice(0, n + 1).reverse());
      const ann = new FakeOutlet();
      await fanout.observe(ann, { from: to });
      await until(() => ann.isLive);
      t.strictSame(
        ann.records.map(([position]) => position),
        all.slice(n + 1),
      );
      t.equal(ann.told('log.records')[0]?.after, to);
      ann.close();
    }
  }
});

t.test('what comes while one stands within the newest commit comes once', async t => {
  const { door, early } = history([3]);
  const { to } = await page(early, { max: 3 });
  const [ann, ben] = [new FakeOutlet(), new FakeOutlet()];
  await early.observe(ben, { from: 'now' });
  await until(() => ben.isLive);
  door.note('unshown');
  await early.observe(ann, { from: to });
  door.note('later');
  await until(() => ann.records.length === 4);
  t.strictSame(ann.texts, ['1', '2', 'unshown', 'later']);
  t.strictSame(ben.texts, ['unshown', 'later']);
});

t.test('a position and a time belong to the stretch, at whichever end they stand', async t => {
  const { door, late } = history([3, 3, 3]);
  const middle = 3 * PER_COMMIT + 1;
  const at = (from: Given['from'], more: Given = {}) =>
    pages(late, { from: from ?? 'start', ...more }).then(positionsOf);
  t.equal((await at({ position: middle }))[0], middle);
  t.equal((await at({ position: middle }, { reverse: true }))[0], middle);
  t.strictSame(await at({ position: middle }, { to: { position: middle } }), [middle]);
  const { time } = door.commits[2]!;
  const third = [0, 1, 2].map(n => 3 * PER_COMMIT + n);
  t.strictSame(await at({ time }, { to: { time } }), third);
  t.strictSame(await at({ time }, { to: { time }, reverse: true }), third.toReversed());
  t.equal((await at({ time: time + 1 }))[0], 4 * PER_COMMIT);
  t.strictSame(await at({ position: 0 }), await at('start'));
  t.strictSame(await at('now'), [], 'nothing is left there');
  t.strictSame(await at('now', { to: 'start' }), [], 'nor where the end comes first');
});

t.test('a page looks at no more than its bounds, and may be empty before the end', async t => {
  const { door, late } = history([]);
  for (let n = 0; n < 40; n++) door.note('x'.repeat(250_000));
  door.note('y', 'ops');
  const filter = { circles: ['ops'] };
  for (const reverse of [false, true]) {
    if (reverse) for (let n = 0; n < 40; n++) door.note('x'.repeat(250_000));
    const all = await pages(late, { filter, reverse, from: reverse ? 'now' : 'start' });
    t.match(all[0], { records: [], end: false });
    t.not(all[0]?.to, all[0]?.after, 'the cursor moves on');
    t.strictSame(positionsOf(all), [42 * PER_COMMIT]);
  }
});

t.test('an answer fits its frame, whatever the encoding makes of its texts', async t => {
  const { door, late } = history([]);
  for (let n = 0; n < 30; n++) door.note('\u0001'.repeat(30_000));
  for (const reverse of [false, true]) {
    const all = await pages(late, { max: 1_000, reverse, from: reverse ? 'now' : 'start' });
    t.ok(all.length > 5);
    for (const one of all) t.ok(JSON.stringify(one).length < limits.frame_bytes);
    t.equal(positionsOf(all).length, 32);
  }
});

t.test(
  'where a page ended the next one begins, and what lies before is not read again',
  async t => {
    const { door, late } = history(Array.from({ length: 30 }, () => 2));
    const { to } = await page(late, { max: 41 });
    door.begunReplays = 0;
    const { records } = await page(late, { from: to, max: 3 });
    t.equal(records.length, 3);
    t.equal(door.begunReplays, 1, 'the cursor is known to be of this log');
    t.equal(door.replayedFrom, 20, 'the commit before the one that the page ended in');
  },
);

t.test('a token sees nothing outside its circles, wherever it reads from', async t => {
  const { door, late } = history([5, 5]);
  const token = door.token('ops');
  for (const reverse of [false, true]) {
    const { records } = await page(late, { reverse, from: reverse ? 'now' : 'start' }, token);
    t.equal(records.length, 4);
    t.ok(records.every(([, , event]) => event?.circle === 'ops'));
  }
  door.commit(door.event('token.revoked', { revoked: token, circle: '*' }));
  t.match(await read(late, {}, token), { refusal: 'unauthorized' });
});

t.test('a place that this log has not, or not so, is refused by name', async t => {
  const { door, late } = history([2, 2]);
  const { to } = await page(late, { max: 3 });
  const [log, sequence, check, events] = to.split('.');
  const refused = async (from: Given['from'], refusal: string) => {
    for (const reverse of [false, true]) {
      t.match(await read(late, { from: from!, reverse }), { refusal }, JSON.stringify(from));
      t.match(await read(late, { to: from!, reverse }), { refusal }, JSON.stringify(from));
    }
  };
  await refused(`log_2.${sequence}.${check}.${events}`, 'cursor_foreign');
  await refused(`${log}.${sequence}.000000000000.${events}`, 'cursor_diverged');
  await refused(`${log}.9.${check}`, 'cursor_ahead');
  await refused({ position: 9 * PER_COMMIT }, 'cursor_ahead');
  await refused({ position: 2 ** 53 - 1 }, 'cursor_ahead');
  await refused('yesterday', 'invalid');
  await refused({ time: 'yesterday' }, 'invalid');
  door.isAway = true;
  for (const reverse of [false, true]) {
    const from = { position: PER_COMMIT };
    t.match(await read(createFanout(door), { from, reverse }), { refusal: 'unavailable' });
  }
});

t.test('one page is made a turn, however many are asked for', async t => {
  const { early } = history([3, 3, 3]);
  let turn = 0;
  const count = () => {
    turn++;
    if (turn < 1_000) setImmediate(count);
  };
  setImmediate(count);
  const made = await Promise.all(Array.from({ length: 8 }, () => page(early, {}).then(() => turn)));
  t.equal(new Set(made).size, 8, `${made}`);
});

/** An index of the door's log up to a position, which is told at most so many at once. */
function indexUpTo(door: FakeLogDoor, last: number, most: number): Required<Door>['records'] {
  return async ({ from, to, isReverse, max }) => {
    const high = Math.max(from, Math.min(to, last + 1));
    const all = door.commits.flatMap(({ time, records }) =>
      records
        .filter(({ position }) => position >= from && position < high)
        .map(({ position, type, circles, bytes }) => ({ position, time, type, circles, bytes })),
    );
    // It may tell of more than the filter lets pass, but seeks what is rare.
    const some = all.filter(({ position }) => position % 7 === 0 || isRare(position));
    if (isReverse) some.reverse();
    const records = some.slice(0, Math.min(max, most));
    const edge = records.at(-1)?.position;
    if (records.length === some.length || edge === undefined) {
      return { records, from, to: high, isCut: false };
    }
    const cut = isReverse ? { from: edge, to: high } : { from, to: edge + 1 };
    return { records, ...cut, isCut: true };
  };
}

const isRare = (position: number) => Math.floor(position / PER_COMMIT) % 400 === 37;

t.test('of a long log what the index tells and what it does not have yet is all', async t => {
  const door = new FakeLogDoor();
  const early = createFanout(door);
  const rare: string[] = [];
  for (let n = 0; n < limits.read_seek_commits + 300; n++) {
    const message = `msg_${door.uuid()}`;
    const events: SignalEvent[] = [door.event('message.broadcast', { message, text: `${n}` })];
    if (isRare((door.fold.sequence + 1) * PER_COMMIT)) {
      rare.push(message);
      events.unshift(door.event('message.broadcast', { message: `msg_${door.uuid()}`, text: '' }));
      events.push(door.event('message.retracted', { message }));
    }
    door.commit(...events);
  }
  const late = createFanout(door);
  const filter = { refs: rare };
  const wanted = positionsOf(await pages(early, { filter }));
  t.equal(wanted.length, 2 * rare.length);
  const end = door.fold.sequence * PER_COMMIT;
  for (const [lag, most, max] of [
    [0, 100, 100],
    [0, 2, 1],
    [700, 3, 2],
    [2_000, 100, 3],
    [5_000, 1, 100],
  ] as const) {
    door.records = indexUpTo(door, end - lag * PER_COMMIT, most);
    for (const fanout of lag === 0 ? [early, late] : [late]) {
      t.strictSame(positionsOf(await pages(fanout, { filter, max })), wanted);
      const back = await pages(fanout, { filter, max, from: 'now', reverse: true });
      t.strictSame(positionsOf(back), wanted.toReversed());
    }
  }
  door.records = async () => undefined;
  t.strictSame(positionsOf(await pages(late, { filter })), wanted, 'nor without it');
});
