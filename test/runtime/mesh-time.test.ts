// Mesh time: it goes on whatever the clocks do, never back, and ends where the store is.
import fc from 'fast-check';
import t from 'tap';
import { logTime } from '../../broker/core/commits/log-time.js';
import { MeshTime } from '../../broker/system/mesh-time.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;
const NOW = Date.UTC(2026, 0, 5, 9);

/** One store and some brokers, each with a wall clock of its own; real time is turned by hand. */
class Bench {
  /** Real time that has passed, in ms. */
  passed = 0;
  /** By how much the store's clock is wrong. */
  store = 0;
  logTime = 0;
  readonly brokers: { wrong: number; drift: number; asleep: number; time: MeshTime }[];

  constructor(...wrongs: number[]) {
    this.brokers = wrongs.map(wrong => {
      const broker = { wrong, drift: 1, asleep: 0 };
      const now = () => NOW + this.passed + broker.wrong;
      const elapsed = () => (this.passed - broker.asleep) * broker.drift;
      return Object.assign(broker, { time: new MeshTime({ now, elapsed }) });
    });
  }

  pass(ms: number): void {
    this.passed += ms;
  }

  get storeTime(): number {
    return NOW + this.passed + this.store;
  }

  commit(at = 0, latency = 1): number {
    const { time } = this.brokers[at]!;
    const said = { clock: time.wall(), time: time.now() };
    this.pass(latency);
    const storedAt = Math.floor(this.storeTime);
    this.pass(latency);
    this.logTime = logTime(3, this.logTime, storedAt, said);
    this.brokers.forEach((broker, i) => {
      if (i === at) broker.time.returned(said, storedAt);
      broker.time.folded(this.logTime, storedAt);
    });
    return this.logTime;
  }

  /** Idle brokers, each with a commit of its own every ten seconds. */
  idle(ms: number): void {
    for (const end = this.passed + ms; this.passed < end; ) {
      this.pass((10_000 - 2 * this.brokers.length) / this.brokers.length);
      this.brokers.forEach((_, i) => {
        this.commit(i);
      });
    }
  }
}

/** How fast log time went in some idle minutes, compared with real time. */
function pace(bench: Bench, ms = 5 * MINUTE): number {
  const [from, since] = [bench.logTime, bench.passed];
  bench.idle(ms);
  return (bench.logTime - from) / (bench.passed - since);
}

const isAlive = (rate: number) => rate > 0.94 && rate < 1.06;

t.test('before the first commit it is the wall clock’s', async t => {
  const { time } = new Bench(HOUR).brokers[0]!;
  t.equal(time.now(), NOW + HOUR);
  t.notOk(time.hasLeapt());
});

t.test('log time goes on at its pace wherever the clocks stand', async t => {
  for (const wrong of [0, 2 * MINUTE, 10 * MINUTE, HOUR, YEAR].flatMap(ms => [ms, -ms])) {
    for (const store of [0, 10 * MINUTE, -HOUR]) {
      const bench = new Bench(wrong);
      bench.store = store;
      bench.commit();
      t.ok(isAlive(pace(bench)), `broker ${wrong} ms, store ${store} ms`);
      t.ok(Math.abs(bench.brokers[0]!.time.now() - bench.logTime) < 50, 'and mesh time with it');
    }
  }
});

t.test('a step of any clock in any direction stops nothing', async t => {
  for (const step of [2 * MINUTE, HOUR, YEAR].flatMap(ms => [ms, -ms])) {
    for (const what of ['store', 'broker', 'both']) {
      const bench = new Bench(0);
      bench.idle(MINUTE);
      if (what !== 'broker') bench.store += step;
      if (what !== 'store') bench.brokers[0]!.wrong += step;
      bench.commit();
      t.ok(isAlive(pace(bench)), `${what} by ${step} ms`);
    }
  }
});

t.test('a store set back is met again, by a twentieth of the time that passes', async t => {
  const bench = new Bench(0);
  bench.idle(MINUTE);
  bench.store = -HOUR;
  bench.brokers[0]!.wrong = -HOUR;
  bench.idle(19 * HOUR);
  t.ok(bench.logTime - bench.storeTime > MINUTE, 'not yet');
  bench.idle(2 * HOUR);
  t.ok(Math.abs(bench.logTime - bench.storeTime) < 100);
  t.ok(bench.brokers[0]!.time.now() - bench.storeTime < 100);
});

t.test('many commits a second neither slow it down nor speed it up', async t => {
  for (const [store, wrong] of [
    [0, -HOUR],
    [-HOUR, -HOUR],
  ] as const) {
    const bench = new Bench(0);
    bench.idle(MINUTE);
    bench.store = store;
    bench.brokers[0]!.wrong = wrong;
    const [from, since] = [bench.logTime, bench.passed];
    while (bench.passed < since + MINUTE) bench.commit(0, 0.5);
    t.ok(isAlive((bench.logTime - from) / (bench.passed - since)), `store ${store} ms`);
  }
});

t.test('monotonic clocks that drift stay with the store', async t => {
  for (const drift of [1 - 200e-6, 1 + 200e-6]) {
    for (const wrong of [0, -HOUR, HOUR]) {
      const bench = new Bench(wrong);
      bench.brokers[0]!.drift = drift;
      // From where a broker an hour behind its store stands, a minute off, it follows too.
      bench.store = wrong < 0 ? wrong + MINUTE : 0;
      bench.idle(24 * HOUR);
      t.ok(Math.abs(bench.brokers[0]!.time.now() - bench.storeTime) < 100, `${drift}, ${wrong}`);
    }
  }
});

t.test('of two brokers whose clocks differ neither holds log time up nor runs away', async t => {
  for (const [a, b] of [
    [0, HOUR],
    [0, -HOUR],
    [-HOUR, HOUR],
    [YEAR, -YEAR],
  ] as const) {
    const bench = new Bench(a, b);
    bench.commit(0);
    bench.commit(1);
    t.ok(isAlive(pace(bench)));
    t.ok(bench.logTime <= bench.storeTime);
    t.ok(bench.storeTime - bench.logTime < 50 || Math.max(a, b) < 0, `${a} and ${b} ms`);
  }
});

t.test('a machine that slept is noticed once, by its wall clock', async t => {
  const bench = new Bench(0);
  const broker = bench.brokers[0]!;
  bench.idle(MINUTE);
  t.notOk(broker.time.hasLeapt());
  bench.pass(8 * HOUR);
  broker.asleep += 8 * HOUR;
  t.ok(broker.time.hasLeapt());
  t.equal(broker.time.sinceLeap(), Number.POSITIVE_INFINITY);
  bench.commit();
  t.ok(bench.storeTime - bench.logTime < 50, 'one commit tells');
  t.notOk(broker.time.hasLeapt());
  t.ok(broker.time.sinceLeap() < 50, 'and log time has leapt');

  broker.wrong = HOUR;
  t.ok(broker.time.hasLeapt(), 'a clock put ahead looks alike');
  bench.commit();
  t.notOk(broker.time.hasLeapt(), 'and is not asked about again');
});

t.test('a disagreement is measured, and a slow store is none', async t => {
  const skews = (bench: Bench) => bench.brokers[0]!.time.skew();
  const ahead = new Bench(2 * MINUTE);
  ahead.commit();
  t.match(skews(ahead), { store_ms: 2 * MINUTE - 1, log_ms: 0 });
  const behind = new Bench(-10 * MINUTE);
  behind.commit();
  t.match(skews(behind), { store_ms: 1 - 10 * MINUTE, log_ms: -9 * MINUTE - 1 });
  const slow = new Bench(0);
  slow.commit(0, 20_000);
  t.match(skews(slow), { store_ms: 0 });
  const back = new Bench(0);
  back.idle(MINUTE);
  back.store = back.brokers[0]!.wrong = -HOUR;
  back.commit();
  t.ok(Math.abs(skews(back).log_ms - HOUR) < 600);
  t.equal(skews(back).store_ms, 0);
});

const steps = fc.array(
  fc.record({
    what: fc.constantFrom('wall', 'store', 'sleep', 'stall', 'pass', 'burst'),
    who: fc.nat({ max: 1 }),
    ms: fc.oneof(
      fc.integer({ min: -2 * HOUR, max: 2 * HOUR }),
      fc.integer({ min: -9_000, max: 9_000 }),
    ),
  }),
  { maxLength: 30 },
);

/** Mesh time never goes back, is never behind log time, and both go on after anything. */
function lives(make: () => Bench): void {
  const law = fc.property(steps, all => {
    const bench = make();
    bench.commit(0);
    const seen = bench.brokers.map(({ time }) => time.now());
    for (const { what, who, ms } of all) {
      const broker = bench.brokers[who]!;
      const length = Math.abs(ms);
      if (what === 'wall') broker.wrong += ms;
      if (what === 'store') bench.store += ms;
      if (what === 'sleep') for (const each of bench.brokers) each.asleep += length;
      if (what === 'sleep' || what === 'pass') bench.pass(length);
      if (what === 'burst') for (let n = 0; n < 20; n++) bench.commit(who, 0.3);
      bench.commit(who, what === 'stall' ? length / 2 : 1);
      bench.brokers.forEach(({ time }, i) => {
        const now = time.now();
        if (now < seen[i]!) throw new Error(`mesh time went back by ${seen[i]! - now} ms`);
        if (now < bench.logTime) throw new Error('mesh time is behind log time');
        seen[i] = now;
      });
    }
    // What a step has left to catch up comes in steps of its own.
    bench.idle(3 * HOUR);
    const rate = pace(bench);
    if (!isAlive(rate)) throw new Error(`log time goes at ${rate} of its pace`);
  });
  fc.assert(law, { numRuns: 60 });
}

t.test('whatever is done to the clocks, it never goes back and goes on', async t => {
  lives(() => new Bench(0, 0));
  const frozen = () => {
    const bench = new Bench(0, 0);
    const commit = bench.commit.bind(bench);
    bench.commit = (at, latency) => {
      for (const { time } of bench.brokers) Object.assign(time, { now: time.wall });
      return commit(at, latency);
    };
    return bench;
  };
  t.throws(() => lives(frozen), 'a broker that goes by its wall clock is found out');
});
