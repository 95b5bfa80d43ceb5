// Chains: what machines say because of each other ends by itself, however its links are made.
import t from 'tap';
import { LEVEL } from '../../../broker/core/levels.js';
import { limits } from '../../../schemas/limits.js';
import * as p from '../../dsl/events.js';
import { api, askNo, asks, calls, db, joins, msgNo, web } from '../../dsl/events.js';
import { type Decision, given } from '../../dsl/given.js';
import { Mesh } from '../../dsl/test-log.js';

const three = [joins(web), joins(api), joins(db)];
const ring = [web, api, db];

interface Turn {
  id: string;
  /** Who says it, and to whom. */
  who: p.Person;
  to: string;
  n: number;
}

/** How many turns it takes until a chain is refused; each says something, and where it is. */
function turnsOf(
  t: Parameters<typeof given>[0],
  people: readonly p.Person[],
  step: (world: ReturnType<typeof given>, turn: Turn) => Decision,
): number {
  const world = given(t, ...three);
  for (let n = 0; n < 200; n++) {
    const who = people[n % people.length]!;
    const to = people[(n + 1) % people.length]!.name;
    const said = step(world, { id: p.uuid(n + 1), who, to, n });
    if ('refusal' in said.outcome) {
      t.equal(said.outcome.refusal, 'hop_limit');
      return n;
    }
    world.and(said.outcome as never).thenApplied();
  }
  return 200;
}

const REPLIES = limits.reply_hops + 1;
const HOPS = limits.hops + 1;

t.test('asking back without end is refused after so many replies', async t => {
  for (const people of [[web, api], ring]) {
    const turns = turnsOf(t, people, (world, { id, who, to, n }) =>
      world.when(who, 'ask.open', {
        id,
        to,
        text: 'thanks, anything else?',
        ...(n > 0 && { reply_to: askNo(n) }),
      }),
    );
    t.equal(turns, REPLIES);
  }
});

t.test('a chain of replies and causes by turns has an end too', async t => {
  const turns = turnsOf(t, [web, api], (world, { id, who, to, n }) => {
    const link = n % 2 === 1 ? { reply_to: askNo(n) } : { caused_by: askNo(n) };
    return world.when(who, 'ask.open', { id, to, text: '?', ...(n > 0 && link) });
  });
  t.ok(turns <= REPLIES + HOPS, `${turns}`);
});

t.test('a chain ends through every kind of thing that can be caused', async t => {
  const made: string[] = [];
  const turns = turnsOf(t, ring, (world, { id, who, to, n }) => {
    const cause = made.at(-1);
    const caused = cause === undefined ? {} : { caused_by: cause };
    const said = { id, to, text: 'go on', ...caused };
    made.push(`${['ask', 'msg', 'job', 'sched', 'ask', 'msg'][n % 6]}_${id}`);
    switch (n % 6) {
      case 0:
        return world.when(who, 'ask.open', said);
      case 1:
        return world.when(who, 'notify.send', said);
      case 2:
        return world.when(who, 'job.create', { id, title: 'go on', to, ...caused });
      case 3:
        return world.when(who, 'schedule.create', { ...said, fire_at: '1h' });
      case 4:
        return world.when(who, 'ask.fan_out', { id, to: [to], text: '?', ...caused });
      default:
        return world.when(who, 'broadcast.send', { id, text: 'go on', ...caused });
    }
  });
  t.equal(turns, HOPS);
});

t.test('what a schedule says stands where the schedule stood', async t => {
  const made = { id: p.uuid(1), to: 'api', text: 'x', fire_at: '1h', caused_by: msgNo(9) };
  const world = given(t, ...three, p.tells(9, web, api, 'x', { hops: limits.hops - 1 }));
  const { outcome } = world.when(web, 'schedule.create', made);
  world.and(outcome as never).thenApplied();
  const fired = { schedule: `sched_${p.uuid(1)}`, revision: 0, nominal_at: p.T0 + 3_600_000 };
  world.and({ later: 3_600_000 }, { ...p.broker('schedule.fired', fired), id: p.uuid(2) } as never);
  world.thenApplied();
  const more = { to: 'web', text: 'x', caused_by: msgNo(2) };
  world.when(api, 'notify.send', more).thenRefused('hop_limit');
});

t.test('a chain is known when its thing has left the table', async t => {
  const world = given(t, ...three, p.tells(1, web, api, 'x', { hops: limits.hops }));
  world.mesh.table.messages.live.clear();
  const more = { to: 'web', text: 'x', caused_by: msgNo(1) };
  world.when(api, 'notify.send', more).thenRefused('hop_limit');
});

t.test('the fold holds the bounds by itself, from level 3 on', async t => {
  const mesh = new Mesh();
  mesh.say(p.opened('log_1', { level: 2 }), p.started(p.GATEWAY, p.BOOT), ...three);
  const deep = { replies: limits.reply_hops + 1 };
  t.equal(mesh.one(asks(1, web, api, '?', deep)).void, undefined);
  mesh.say(p.broker('log.leveled', { level: LEVEL }));
  t.equal(mesh.one(asks(2, web, api, '?', deep)).void, 'hop_limit');
  t.equal(mesh.one(calls(3, web, '!', { hops: limits.hops + 1 })).void, 'hop_limit');
  t.equal(mesh.one(asks(4, web, api, '?', { replies: limits.reply_hops })).void, undefined);
});
