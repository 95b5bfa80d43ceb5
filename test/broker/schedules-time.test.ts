// Schedules through whole brokers in virtual time: zones, sleep, clocks that are wrong, and races.
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { memoryStore } from '../../broker/log/memory.js';
import type { EventOf } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import { isRefusal } from '../../schemas/refusal.js';
import { HandClock, type House, openHouse } from './houses.js';
import { brokenTimes, type Effect } from './nominal-times.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

function quarters(at = Date.UTC(2026, 0, 5, 9)) {
  const clock = new HandClock();
  clock.time = at;
  return { store: memoryStore(), clock };
}

type Quarters = ReturnType<typeof quarters>;

/** Lets the brokers do all that there is to do now. */
async function settle({ store }: Quarters, houses: readonly House[]): Promise<void> {
  for (let calm = 0; calm < 2; calm++) {
    const before = store.commits.length;
    for (const house of houses) house.broker.tick();
    do for (let n = 0; n < 3; n++) await turn();
    while (houses.some(({ fold }) => fold.sequence < store.commits.length));
    if (store.commits.length > before) calm = -1;
  }
}

/** Passes time in steps, with everybody awake. */
async function pass(at: Quarters, houses: readonly House[], to: number, step: number) {
  while (at.clock.time < to) {
    at.clock.time = Math.min(to, at.clock.time + step);
    await settle(at, houses);
  }
}

/** All that took effect, in order. */
function effects({ commits }: House): Effect[] {
  return commits.flatMap(({ time, records }) =>
    records.flatMap(({ event, void: reason }) =>
      event === undefined || reason !== undefined ? [] : [{ time, event }],
    ),
  );
}

function firedTimes(house: House): number[] {
  return effects(house).flatMap(({ event }) =>
    event.type === 'schedule.fired' ? [event.nominal_at] : [],
  );
}

function skips(house: House): EventOf<'schedule.skipped'>[] {
  return effects(house).flatMap(({ event }) => (event.type === 'schedule.skipped' ? [event] : []));
}

async function plan(house: House, params: object): Promise<string> {
  const ann = await house.join('ann');
  const method = 'cron' in params ? 'schedule.cron' : 'schedule.create';
  const answer = await house.give(method, { to: ann.peer, text: 'wake up', ...params }, ann);
  if (isRefusal(answer)) throw new Error(answer.message);
  return String(answer.result.schedule);
}

const rowOf = (house: House, schedule: string) => house.fold.table.schedules.get(schedule)?.row;

t.test('a time in the gap fires at its end, a repeated time once', async t => {
  const cases = [
    [Date.UTC(2026, 2, 28, 12), ['2026-03-29T01:00', '2026-03-30T00:30']],
    [Date.UTC(2026, 9, 24, 12), ['2026-10-25T00:30', '2026-10-26T01:30']],
  ] as const;
  for (const [at, wanted] of cases) {
    const world = quarters(at);
    const house = await openHouse(t, world, 'a');
    await plan(house, { cron: '30 2 * * *', zone: 'Europe/Berlin' });
    await pass(world, [house], at + 2 * DAY, 10 * MINUTE);
    t.same(
      firedTimes(house),
      wanted.map(text => Date.parse(`${text}Z`)),
    );
    t.same(skips(house), []);
    t.ok(
      effects(house).every(({ time, event }) => {
        return event.type !== 'schedule.fired' || time === event.nominal_at;
      }),
      'on the dot',
    );
  }
});

t.test('the 29th of February fires in leap years only', async t => {
  const world = quarters();
  const house = await openHouse(t, world, 'a');
  await plan(house, { cron: '0 12 29 2 *' });
  const leaps = [2028, 2032].map(year => Date.UTC(year, 1, 29, 12));
  for (const leap of leaps) {
    await pass(world, [house], leap - 1, DAY * 400);
    await pass(world, [house], leap + DAY, DAY);
    await pass(world, [house], leap + 2 * DAY, DAY);
  }
  t.same(firedTimes(house), leaps.slice(0, 2));
});

t.test('missed while asleep: what is made up for is exact, the rest has a reason', async t => {
  for (const missed of [0, 1, 100, 100_000]) {
    for (const catch_up of ['last', 'all', 'skip']) {
      await t.test(`${missed} missed, ${catch_up}`, async t => {
        const world = quarters();
        const house = await openHouse(t, world, 'a');
        const began = world.clock.time;
        const schedule = await plan(house, { cron: '* * * * *', catch_up });
        // One more has just come, and is not late.
        world.clock.time = began + (missed + 1) * MINUTE + 30_000;
        await settle(world, [house]);

        const most = { last: 1, all: limits.schedule_catch_up_items, skip: 0 }[catch_up]!;
        const late = Math.min(missed, most);
        t.match(rowOf(house, schedule), { fired: late + 1, skipped: missed - late });
        t.same(firedTimes(house).length, late + 1);
        const skipped = skips(house);
        t.equal(skipped.length, Math.ceil((missed - late) / limits.schedule_skip_items));
        t.ok(skipped.every(({ reason }) => reason === 'missed'));
        t.same(brokenTimes(effects(house), world.clock.time), []);
      });
    }
  }
});

t.test('a late one-shot fires late, or is skipped where that was wished', async t => {
  for (const catch_up of ['last', 'all', 'skip']) {
    const world = quarters();
    const house = await openHouse(t, world, 'a');
    const schedule = await plan(house, { fire_at: '1h', catch_up });
    world.clock.turn(15 * 3_600);
    await settle(world, [house]);
    const isSkipped = catch_up === 'skip';
    t.match(rowOf(house, schedule), {
      state: 'done',
      fired: isSkipped ? 0 : 1,
      last: isSkipped ? { reason: 'missed' } : { outcome: 'fired' },
    });
    const [item] = [...house.fold.table.inbox.boxes.values()].flatMap(box => [
      ...box.items.values(),
    ]);
    if (!isSkipped) t.equal(item!.time - item!.nominal_at!, 14 * 3_600_000, 'its age is shown');
  }
});

t.test('a clock set back a day fires nothing twice and nothing early', async t => {
  const world = quarters();
  let back = 0;
  world.clock.now = () => world.clock.time - back;
  const house = await openHouse(t, world, 'a');
  await plan(house, { cron: '* * * * *' });
  const began = world.clock.time;
  await pass(world, [house], began + 5 * MINUTE, 20_000);
  t.equal(firedTimes(house).length, 5);
  back = DAY;
  await pass(world, [house], began + 60 * MINUTE, 20_000);
  t.equal(firedTimes(house).length, 5, 'log time stands still until the clock is there again');
  world.clock.time += DAY - 55 * MINUTE;
  await pass(world, [house], began + DAY + 10 * MINUTE, 20_000);
  t.equal(firedTimes(house).length, 10);
  t.same(brokenTimes(effects(house), began + 10 * MINUTE), []);
});

t.test('a broker whose own clock is an hour ahead is on the dot all the same', async t => {
  const world = quarters();
  const own = new HandClock();
  own.now = () => world.clock.time + 3_600_000;
  own.elapsed = () => world.clock.time;
  const house = await openHouse(t, { ...world, own }, 'a');
  const began = world.clock.time;
  await plan(house, { cron: '* * * * *' });
  await pass(world, [house], began + 70 * MINUTE, 20_000);
  t.match(brokenTimes(effects(house), world.clock.time), []);
  t.ok(house.records('schedule.fired').every(record => record.void === undefined));
});

t.test('a thousand at one instant fire once each, whichever of three brokers says so', async t => {
  const world = quarters();
  const houses = await neighbours(t, world, ['a', 'b', 'c']);
  const [a] = houses as [House, House, House];
  const ann = await a.join('ann');
  const fire_at = world.clock.time + 5_000;
  const params = { to: ann.peer, text: 'now', fire_at };
  await Promise.all(Array.from({ length: 1_000 }, () => a.give('schedule.create', params, ann)));
  await pass(world, houses, fire_at + 10_000, 500);
  t.same(brokenTimes(effects(a), fire_at), []);
  t.equal(a.fold.table.inbox.boxes.get(ann.peer)?.items.size, 1_000);
  t.equal(a.records('schedule.fired').length, 1_000, 'and none was proposed in vain');
});

async function neighbours(t: Test, world: Quarters, names: readonly string[]): Promise<House[]> {
  const houses: House[] = [];
  for (const name of names) houses.push(await openHouse(t, world, name));
  await settle(world, houses);
  return houses;
}

t.test('a week of minutes: each fires once or is skipped for a reason, as brokers die', async t => {
  const world = quarters();
  let houses = await neighbours(t, world, ['a', 'b', 'c']);
  const began = world.clock.time;
  await plan(houses[0]!, { cron: '* * * * *', catch_up: 'last' });
  const witness = houses[0]!;
  let steps = 0;
  const WEEK = 7 * DAY;
  while (world.clock.time < began + WEEK) {
    steps++;
    // Mostly awake; each hour somebody is slow to wake, and now and then all sleep for long.
    const nap = steps % 400 === 0 ? 20 * MINUTE : steps % 60 === 0 ? 3 * MINUTE : MINUTE;
    world.clock.time = Math.min(began + WEEK, world.clock.time + nap);
    await settle(world, houses);
    if (steps % 500 !== 0) continue;
    // One is cut off in the middle of what it does, and another takes its place.
    const [dead] = houses.splice(1, 1);
    dead?.log.cut();
    houses = [...houses, await openHouse(t, world, `d${steps}`)];
  }
  await pass(world, houses, world.clock.time + 10_000, 1_000);
  const all = effects(witness);
  t.same(brokenTimes(all, began + WEEK), []);
  const missed = skips(witness).reduce((sum, { count }) => sum + count, 0);
  t.equal(firedTimes(witness).length + missed, WEEK / MINUTE);
  t.ok(missed > 0, `${missed} were missed`);
  const vain = witness.records('schedule.fired').filter(record => record.void !== undefined);
  t.ok(vain.length < WEEK / MINUTE / 10, `${vain.length} were proposed in vain`);
});

t.test('a fire that is early, twice, or a skip without a reason is found out', async t => {
  const world = quarters();
  const house = await openHouse(t, world, 'a');
  await plan(house, { cron: '* * * * *', catch_up: 'last' });
  const began = world.clock.time;
  await pass(world, [house], began + 5 * MINUTE, MINUTE);
  world.clock.time += 10 * MINUTE;
  await settle(world, [house]);
  const sound = effects(house);
  const upTo = world.clock.time;
  t.same(brokenTimes(sound, upTo), []);
  const first = sound.findIndex(({ event }) => event.type === 'schedule.fired');
  const skip = sound.findIndex(({ event }) => event.type === 'schedule.skipped');
  const [fired, skipped] = [sound[first]!, sound[skip]!];
  const mutants: Record<string, Effect[]> = {
    'a millisecond early': sound.with(first, { ...fired, time: fired.time - 1 }),
    'fired twice': sound.toSpliced(first, 0, fired),
    'never fired': sound.toSpliced(first, 1),
    'never skipped': sound.toSpliced(skip, 1),
    'skipped without a reason': sound.with(skip, {
      ...skipped,
      event: { ...skipped.event, reason: '' } as Effect['event'],
    }),
    'one too few skipped': sound.with(skip, {
      ...skipped,
      event: { ...skipped.event, count: 1 } as Effect['event'],
    }),
  };
  for (const [what, lines] of Object.entries(mutants)) {
    t.not(brokenTimes(lines, upTo).length, 0, what);
  }
});
