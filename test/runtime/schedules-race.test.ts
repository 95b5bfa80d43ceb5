// Schedules that several brokers could fire: each time once, though brokers come and go.
import t from 'tap';
import type { OldCommit } from '../../broker/core/words.js';
import { type House, openHouse } from '../dsl/memory-brokers.js';
import { brokenTimes } from '../dsl/nominal-times.js';
import {
  DAY,
  effects,
  MINUTE,
  neighbours,
  pass,
  plan,
  quarters,
  settle,
  skipOf,
} from '../dsl/virtual-time.js';

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

t.test('a week of minutes: each fires once or is skipped for a reason, as brokers die', async t => {
  const world = quarters();
  let houses = await neighbours(t, world, ['a', 'b', 'c']);
  const began = world.clock.time;
  await plan(houses[0]!, { cron: '* * * * *', catch_up: 'last' });
  const WEEK = 7 * DAY;
  for (let steps = 1; world.clock.time < began + WEEK; steps++) {
    // Mostly awake; now and then all are slow to wake, or sleep for long.
    const nap = steps % 400 === 0 ? 20 * MINUTE : steps % 60 === 0 ? 3 * MINUTE : MINUTE;
    world.clock.time = Math.min(began + WEEK, world.clock.time + nap);
    await settle(world, houses);
    if (steps % 1_700 !== 0) continue;
    // The first in rank or the next is cut off for ever, and another takes its place.
    const [dead] = houses.splice((steps / 1_700) % 2, 1);
    dead?.log.cut();
    houses = [...houses, await openHouse(t, world, `d${steps}`)];
  }
  await pass(world, houses, world.clock.time + 10_000, 1_000);
  const [witness] = houses.slice(-1) as [House];
  const commits: OldCommit[] = [];
  for await (const commit of witness.door.replay(1)) commits.push(commit);
  const all = effects({ commits });
  t.same(brokenTimes(all, began + WEEK), []);
  const missed = all.reduce((sum, { event }) => sum + (skipOf(event)?.count ?? 0), 0);
  const fired = all.filter(({ event }) => event.type === 'schedule.fired').length;
  t.equal(fired + missed, WEEK / MINUTE);
  t.ok(missed > 0, `${missed} were missed`);
  const said = commits.flatMap(({ records }) =>
    records.filter(one => one.type === 'schedule.fired'),
  );
  t.ok(said.length - fired < fired / 10, `${said.length - fired} were proposed in vain`);
});
