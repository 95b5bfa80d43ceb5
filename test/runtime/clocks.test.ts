// Clocks that are wrong, stepped and apart: nothing is lost, early or void because of them.
import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import type { Answer, Author } from '../../broker/core/words.js';
import { memoryStore } from '../../broker/log/memory.js';
import { limits } from '../../schemas/limits.js';
import { isRefusal } from '../../schemas/refusal.js';
import { makeUuid } from '../../schemas/uuid.js';
import { HandClock, type House, openHouse } from '../dsl/memory-brokers.js';
import { brokenTimes } from '../dsl/nominal-times.js';
import { effects, firedTimes, settle } from '../dsl/virtual-time.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;
const START = Date.UTC(2026, 0, 5, 9);

/** Real time, and a store and brokers that each tell it in their own way. */
class Town {
  readonly store = memoryStore();
  /** The store's clock: real time is its monotonic one. */
  readonly clock = new HandClock();
  readonly houses: House[] = [];
  readonly clocks: HandClock[] = [];
  private readonly t: Test;

  constructor(t: Test) {
    this.t = t;
  }

  async open(name: string, wrong = 0): Promise<House> {
    const own = new HandClock();
    own.wrong = wrong;
    own.now = () => this.clock.time + own.wrong;
    own.elapsed = () => this.clock.time - own.time + START;
    const house = await openHouse(this.t, { store: this.store, clock: this.clock, own }, name);
    this.clocks.push(own);
    this.houses.push(house);
    await this.settle();
    return house;
  }

  /** All sleep: real time passes, monotonic time does not. */
  sleep(ms: number): void {
    this.clock.time += ms;
    for (const own of this.clocks) own.time += ms;
  }

  async pass(seconds: number, step = 1): Promise<void> {
    for (let left = seconds; left > 0; left -= step) {
      this.clock.turn(Math.min(step, left));
      await this.settle();
    }
  }

  settle(): Promise<void> {
    return settle({ store: this.store, clock: this.clock }, this.houses);
  }
}

async function said(answer: Promise<Answer>): Promise<Record<string, unknown>> {
  const told = await answer;
  if (isRefusal(told)) throw new Error(`${told.refusal}: ${told.message}`);
  return told.result;
}

/** What is due within seconds, of every kind. */
async function plan(house: House, who: Author & { peer: string }) {
  const to = who.peer;
  const boss = await house.join('boss');
  const give = (method: Parameters<House['give']>[0], params: object, by: Author = boss) =>
    said(house.give(method, params, by));
  await give('schedule.create', { to, text: 'tick', fire_at: '3s' });
  const { ask } = await give('ask.open', { to, text: 'may I?', deadline_at: '3s' });
  await give('notify.send', { to, text: 'soon gone', expires_at: '3s' });
  const { job } = await give('job.create', { title: 'x', to, lease_s: 3 });
  await give('job.claim', { job }, who);
  return { ask: String(ask), job: String(job) };
}

/** What of the plan has come by now. */
function come({ fold: { table } }: House, { ask, job }: { ask: string; job: string }) {
  const texts = [...table.inbox.boxes.values()].flatMap(box =>
    [...box.items.values()].map(({ text }) => text),
  );
  return {
    fired: texts.includes('tick'),
    expired: table.asks.get(ask)?.state === 'closed',
    gone: !texts.includes('soon gone'),
    lapsed: table.jobs.get(job)?.state === 'queued',
  };
}

const none = { fired: false, expired: false, gone: false, lapsed: false };
const all = { fired: true, expired: true, gone: true, lapsed: true };

/** The plan does not come early, and has come soon after its time. */
async function comesInTime(t: Test, town: Town, house: House, who: Author & { peer: string }) {
  const plans = await plan(house, who);
  await town.pass(2);
  t.match(come(house, plans), none, 'nothing is early');
  await town.pass(3);
  t.match(come(house, plans), all, 'all of it has come');
}

function voids(house: House): string[] {
  return house.commits.flatMap(({ records }) =>
    records.flatMap(({ type, void: reason }) => (reason ? [`${type} ${reason}`] : [])),
  );
}

const offsets = [2 * MINUTE, 10 * MINUTE, HOUR, YEAR].flatMap(ms => [ms, -ms]);

for (const wrong of offsets) {
  t.test(`a broker ${wrong} ms from its store serves as if it were right`, async t => {
    const town = new Town(t);
    const house = await town.open('a', wrong);
    const ann = await house.join('ann');
    const now = town.clock.time;
    for (const time of [now, now + wrong, house.door.now()]) {
      const id = makeUuid(time, randomBytes(10));
      const answer = said(house.give('notify.send', { id, to: 'ann', text: 'hello' }, ann));
      t.match(await answer, { verdict: 'applied' }, `an id made at ${time - now} ms`);
    }
    const latest = Math.max(now, now + wrong) + limits.clock_ahead_ms;
    const id = makeUuid(latest + 1_000, randomBytes(10));
    const refusal = await house.give('notify.send', { id, to: 'ann', text: 'hello' }, ann);
    t.match(refusal, { refusal: 'invalid', data: { time: house.door.now() } });
    await comesInTime(t, town, house, ann);
    t.same(voids(house), []);
    const { checks, ready } = house.door.health();
    t.match([ready, checks.clock], [true, { ok: false, detail: /log store's/ }]);
  });
}

for (const step of offsets) {
  for (const what of ['store', 'broker', 'both']) {
    t.test(`the clock of ${what} steps by ${step} ms while it runs`, async t => {
      const town = new Town(t);
      const house = await town.open('a');
      const ann = await house.join('ann');
      await town.pass(20);
      if (what !== 'broker') town.clock.wrong += step;
      if (what !== 'store') town.clocks[0]!.wrong += step;
      await town.pass(1);
      await comesInTime(t, town, house, ann);
      t.same(voids(house), []);
    });
  }
}

t.test('a broker that starts after its clock and the store’s went back goes on', async t => {
  const town = new Town(t);
  const first = await town.open('a');
  const ann = await first.join('ann');
  await said(first.give('schedule.cron', { to: ann.peer, text: 'tock', cron: '* * * * *' }, ann));
  await town.pass(30);
  await first.broker.close();
  town.houses.splice(0);
  town.clock.wrong = -HOUR;
  const house = await town.open('a', -HOUR);
  await comesInTime(t, town, house, ann);
  await town.pass(120, 5);
  const [at, ...more] = firedTimes(house);
  t.ok(at !== undefined && more.length >= 1, 'every minute');
  t.same(brokenTimes(effects(house), house.fold.table.time), []);
  t.same(voids(house), []);
});

t.test('two brokers whose clocks differ fire each time once, and never early', async t => {
  for (const [a, b] of [
    [0, HOUR],
    [-HOUR, HOUR],
    [HOUR, -YEAR],
  ] as const) {
    const town = new Town(t);
    const first = await town.open('a', a);
    const second = await town.open('b', b);
    const ann = await first.join('ann');
    await town.settle();
    for (const [n, house] of [first, second].entries()) {
      const params = { to: ann.peer, text: `tock ${n}`, cron: '* * * * *' };
      await said(house.give('schedule.cron', params, ann));
    }
    await town.pass(300, 5);
    t.equal(firedTimes(first).length, 10, `${a} and ${b} ms`);
    t.same(brokenTimes(effects(first), first.fold.table.time), []);
    t.strictSame(second.fold.toSnapshot(), first.fold.toSnapshot());
    t.ok(voids(first).every(line => /stale/.test(line)));
    t.ok(Math.abs(first.door.now() - second.door.now()) < 1_000, 'one mesh time');
  }
});

t.test('after a sleep of all one commit tells the time, and nobody is lost for it', async t => {
  const town = new Town(t);
  const first = await town.open('a');
  await town.open('b');
  await town.pass(20);
  const [before, boots] = [town.store.commits.length, first.boots];
  town.sleep(8 * HOUR);
  await town.settle();
  t.equal(first.fold.table.time, town.clock.time);
  t.ok(town.store.commits.length - before <= 2, 'one of each at most');
  await town.pass(60);
  t.same(first.boots, boots);
  t.same(first.records('gateway.lost'), []);
});

t.test('what is asked for right after a sleep is decided by the time it is then', async t => {
  const town = new Town(t);
  const house = await town.open('a');
  const [ann, bob] = [await house.join('ann'), await house.join('bob')];
  await town.pass(5);
  town.sleep(8 * HOUR);
  const params = { to: bob.peer, text: 'may I?', deadline_at: '60s' };
  const { ask } = await said(house.give('ask.open', params, ann));
  t.equal(house.fold.table.asks.get(String(ask))?.deadline_at, town.clock.time + MINUTE);
});

t.test('a broker that is simply ahead of its store does not ask it again and again', async t => {
  const town = new Town(t);
  await town.open('a');
  town.clocks[0]!.wrong = HOUR;
  await town.pass(1);
  const before = town.store.commits.length;
  await town.pass(9);
  t.equal(town.store.commits.length, before);
});

t.test('what a broker proposes too early is proposed again', async t => {
  const town = new Town(t);
  const house = await town.open('a');
  const ann = await house.join('ann');
  // The store steps back by less than was silent: log time is behind what the broker thought.
  await town.pass(9);
  const plans = await plan(house, ann);
  town.clock.wrong = -2_500;
  await town.pass(9);
  t.match(come(house, plans), all);
});
