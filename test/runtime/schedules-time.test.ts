// Schedules through whole brokers in virtual time: zones, leap years, and clocks that are wrong.
import t from 'tap';
import { HandClock, openHouse } from '../dsl/memory-brokers.js';
import { brokenTimes, type Effect } from '../dsl/nominal-times.js';
import {
  DAY,
  effects,
  firedTimes,
  MINUTE,
  pass,
  plan,
  quarters,
  settle,
  skips,
} from '../dsl/virtual-time.js';

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

t.test('a clock set back a day fires nothing twice, nothing early, and goes on', async t => {
  const world = quarters();
  const house = await openHouse(t, world, 'a');
  await plan(house, { cron: '* * * * *', catch_up: 'all' });
  const began = world.clock.time;
  await pass(world, [house], began + 5 * MINUTE, 20_000);
  t.equal(firedTimes(house).length, 5);
  world.clock.wrong = -DAY;
  await pass(world, [house], began + 65 * MINUTE, 20_000);
  t.equal(firedTimes(house).length, 5 + 57, 'log time goes on, a twentieth slower');
  world.clock.wrong = 0;
  await pass(world, [house], began + 70 * MINUTE, 20_000);
  t.equal(firedTimes(house).length, 70);
  t.same(brokenTimes(effects(house), began + 70 * MINUTE), []);
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
