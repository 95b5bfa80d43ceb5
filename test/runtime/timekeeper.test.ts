// The timekeeper: on the dot, no busy loop, one broker first, and nothing said twice in flight.
import t, { type Test } from 'tap';
import type { FoldedCommit } from '../../broker/core/words.js';
import { Timekeeper } from '../../broker/runtime/timekeeper.js';
import type { SignalEvent } from '../../schemas/event.js';
import { limits } from '../../schemas/limits.js';
import * as p from '../dsl/events.js';
import { api, joins, opened, started, web } from '../dsl/events.js';
import { DUE, plans, plansMinutely } from '../dsl/events-schedules.js';
import { Mesh } from '../dsl/test-log.js';

const boots = ['boot_1', 'boot_2', 'boot_3'];

/** One table, several timekeepers that see it, and a clock turned by hand. */
class Hall {
  readonly mesh = new Mesh();
  /** Proposed and not yet folded. */
  readonly proposed: { boot: string; event: SignalEvent }[] = [];
  readonly keepers = new Map<string, Timekeeper>();
  moment = 0;
  isFull = false;
  private count = 0;

  constructor(t: Test, living = boots, all = boots) {
    this.mesh.say(opened(), ...all.map(boot => started(`gateway_of_${boot}`, boot)));
    for (const boot of living) {
      const keeper = new Timekeeper({
        now: () => this.mesh.now,
        elapsed: () => this.moment,
        table: () => this.mesh.table,
        boot: () => boot,
        propose: event => {
          if (this.isFull) return undefined;
          const stamped = { v: 1, id: p.uuid(5_000 + this.count++), by: boot, ...event };
          this.proposed.push({ boot, event: stamped as unknown as SignalEvent });
          return stamped.id;
        },
      });
      keeper.replayed();
      t.teardown(() => keeper.close());
      this.keepers.set(boot, keeper);
    }
  }

  pass(ms: number): void {
    this.moment += ms;
    this.mesh.now += ms;
  }

  tick(): this {
    for (const keeper of this.keepers.values()) keeper.tick();
    return this;
  }

  /** Who has proposed what is on its way. */
  get speakers(): string[] {
    return this.proposed.map(({ boot }) => boot);
  }

  /** Folds what is on its way, each broker's in a commit of its own, and tells everybody. */
  fold(): string[] {
    const verdicts: string[] = [];
    for (const { boot, event } of this.proposed.splice(0)) {
      const commit = this.mesh.store(this.mesh.encode([event], { boot }));
      verdicts.push(commit.records[0]?.void ?? 'applied');
      this.tell(commit);
    }
    return verdicts;
  }

  tell(commit: FoldedCommit): void {
    for (const keeper of this.keepers.values()) keeper.folded(commit);
  }
}

function hall(t: Test, living = boots): Hall {
  const made = new Hall(t, living);
  made.mesh.say(joins(web), joins(api));
  return made;
}

t.test('the first broker in rank proposes at once, the others leave it to it', async t => {
  const house = hall(t);
  house.mesh.say(plans(1, web, api));
  house.pass(DUE - p.T0 - 1);
  t.same(house.tick().speakers, [], 'a millisecond before');
  house.pass(1);
  t.same(house.tick().speakers, ['boot_1'], 'on the dot');
  t.same(house.fold(), ['applied']);
  house.pass(60_000);
  t.same(house.tick().speakers, [], 'and nobody says it again');
});

t.test('who is first and silent is passed over, until it is heard again', async t => {
  const house = hall(t, ['boot_2', 'boot_3']);
  house.mesh.say(plansMinutely(1, web, api));
  house.pass(DUE - p.T0);
  t.same(house.tick().speakers, []);
  house.pass(limits.due_rank_ms);
  t.same(house.tick().speakers, ['boot_2']);
  t.same(house.fold(), ['applied']);
  house.pass(60_000);
  t.same(house.tick().speakers, ['boot_2'], 'the next time at once');
  house.fold();
  house.mesh.store(house.mesh.encode([], { boot: 'boot_1' }));
  house.pass(60_000);
  t.same(house.tick().speakers, [], 'it has spoken: it is asked first again');
});

t.test('every broker stands in for all before it', async t => {
  const house = hall(t, ['boot_3']);
  house.mesh.say(plans(1, web, api));
  house.pass(DUE - p.T0);
  house.tick();
  house.pass(2 * limits.due_rank_ms - 1);
  t.same(house.tick().speakers, []);
  house.pass(1);
  t.same(house.tick().speakers, ['boot_3']);
});

t.test('what is on its way is not said again, however long the log takes', async t => {
  const house = hall(t, ['boot_1']);
  house.mesh.say(plans(1, web, api));
  house.pass(DUE - p.T0);
  for (let n = 0; n < 100; n++) {
    house.tick();
    house.pass(limits.due_again_ms);
  }
  t.equal(house.proposed.length, 1);
  t.same(house.fold(), ['applied']);
});

t.test('what was refused or came back void is said again, after a while', async t => {
  const house = hall(t, ['boot_1']);
  house.mesh.say(plans(1, web, api));
  house.pass(DUE - p.T0);
  house.tick();
  house.keepers.get('boot_1')?.refused(house.proposed.splice(0).map(({ event }) => event));
  t.same(house.tick().speakers, []);
  house.pass(limits.due_again_ms);
  t.same(house.tick().speakers, ['boot_1']);
  house.proposed.splice(0);
  house.pass(limits.due_again_ms);
  house.keepers.get('boot_1')?.refused([]);
  t.same(house.tick().speakers, [], 'lost without a word: still on its way');

  const full = hall(t, ['boot_1']);
  full.mesh.say(plans(1, web, api));
  full.pass(DUE - p.T0);
  full.isFull = true;
  full.tick();
  full.isFull = false;
  full.pass(limits.due_again_ms);
  t.same(full.tick().speakers, ['boot_1'], 'a full queue has taken nothing');
});

t.test('a thousand at one instant are said once each, in turns of a bounded number', async t => {
  const house = hall(t);
  const all = Array.from({ length: 1_000 }, (_, n) => plans(100 + n, web, api));
  for (let n = 0; n < all.length; n += 250) house.mesh.say(...all.slice(n, n + 250));
  house.pass(DUE - p.T0);
  const verdicts: string[] = [];
  let turns = 0;
  while (house.tick().proposed.length > 0) {
    turns++;
    t.ok(house.proposed.length <= limits.due_items);
    t.ok(house.speakers.every(boot => boot === 'boot_1'));
    verdicts.push(...house.fold());
    house.pass(5);
  }
  t.same([verdicts.length, new Set(verdicts).size, verdicts[0]], [1_000, 1, 'applied']);
  t.equal(turns, Math.ceil(1_000 / limits.due_items));
});

t.test('it wakes by itself on the dot, and does not turn in circles while it waits', async t => {
  const house = hall(t, ['boot_1']);
  house.mesh.say(plans(1, web, api));
  let ticks = 0;
  const timers: { run: () => void; wait: number }[] = [];
  const { setTimeout: real } = globalThis;
  globalThis.setTimeout = ((run: () => void, wait: number) => {
    ticks++;
    timers.push({ run, wait });
    return { [Symbol.toPrimitive]: () => 0 } as unknown as NodeJS.Timeout;
  }) as typeof setTimeout;
  t.teardown(() => {
    globalThis.setTimeout = real;
  });
  const keeper = house.keepers.get('boot_1');
  keeper?.arm();
  t.same(timers, [], 'ten minutes are for the ticker to shorten');
  house.pass(DUE - p.T0 - 400);
  for (let n = 0; n < 5; n++) keeper?.arm();
  t.same(
    timers.map(({ wait }) => wait),
    [400],
    'one timer, to the millisecond',
  );
  house.pass(399);
  timers.shift()?.run();
  t.same(
    timers.map(({ wait }) => wait),
    [1],
    'woken a little early it sleeps on',
  );
  house.pass(1);
  timers.shift()?.run();
  t.same(house.speakers, ['boot_1']);
  for (let n = 0; n < 5; n++) keeper?.arm();
  house.tick();
  t.same(timers, [], 'what is on its way needs no timer');
  t.equal(ticks, 2);
});
