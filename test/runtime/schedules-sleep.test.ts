// Schedules missed while everybody slept: made up for as wished, the rest with a recorded reason.
import t from 'tap';
import { limits } from '../../schemas/limits.js';
import { openHouse } from '../dsl/memory-brokers.js';
import { brokenTimes } from '../dsl/nominal-times.js';
import {
  effects,
  firedTimes,
  MINUTE,
  plan,
  quarters,
  rowOf,
  settle,
  skips,
} from '../dsl/virtual-time.js';

const policies = ['last', 'all', 'skip'] as const;
/** How many of the late times are said after all; `last` says but the newest of all that came. */
function madeUpFor(policy: (typeof policies)[number]): number {
  if (policy === 'all') return limits.schedule_catch_up_items;
  return 0;
}

t.test('missed while asleep: what is made up for is exact, the rest has a reason', async t => {
  for (const missed of [0, 1, 100, 100_000]) {
    for (const catch_up of policies) {
      await t.test(`${missed} missed, ${catch_up}`, async t => {
        const world = quarters();
        const house = await openHouse(t, world, 'a');
        const began = world.clock.time;
        const schedule = await plan(house, { cron: '* * * * *', catch_up });
        // One more has just come, and is not late.
        world.clock.time = began + (missed + 1) * MINUTE + 30_000;
        await settle(world, [house]);

        const most = madeUpFor(catch_up);
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
