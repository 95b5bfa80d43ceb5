// Log time: never backwards, never ahead of its witnesses, and as it was below level 3.
import fc from 'fast-check';
import t from 'tap';
import { decodeCommit } from '../../broker/core/commits/commit-bytes.js';
import { logTime } from '../../broker/core/commits/log-time.js';
import { Fold } from '../../broker/core/fold.js';
import { limits } from '../../schemas/limits.js';
import { history } from '../dsl/histories.js';

const YEAR = 365 * 86_400_000;
const NOW = 2 * YEAR;

interface Written {
  storedAt: number;
  clock: number;
  time?: number | undefined;
}

const moment = fc.oneof(
  fc.integer({ min: 0, max: 2 * NOW }),
  fc.integer({ min: NOW - 120_000, max: NOW + 120_000 }),
);
const written: fc.Arbitrary<Written> = fc.record({
  storedAt: moment,
  clock: moment,
  time: fc.option(moment, { nil: undefined }),
});
const log = fc.array(written, { maxLength: 40 });

function times(commits: readonly Written[], level = 3, rule = logTime): number[] {
  let time = 0;
  return commits.map(({ storedAt, ...said }) => {
    time = rule(level, time, storedAt, said);
    return time;
  });
}

t.test('23: it never goes back, and a commit that cannot be read does not move it', async t => {
  const law = fc.property(log, fc.constantFrom(1, 2, 3), (commits, level) => {
    return times(commits, level).every((time, i, all) => time >= (all[i - 1] ?? 0));
  });
  fc.assert(law);
  for (const level of [1, 2, 3]) t.equal(logTime(level, 1_000, 2_000, undefined), 1_000);
});

/** Of stamps that never go back, log time is never ahead, whatever the writers say. */
function neverAheadOfStore(rule: typeof logTime): void {
  const law = fc.property(log, commits => {
    const stamps = commits.map(({ storedAt }) => storedAt).sort((a, b) => a - b);
    const ordered = commits.map((commit, i) => ({ ...commit, storedAt: stamps[i] ?? 0 }));
    return times(ordered, 3, rule).every((time, i) => time <= (stamps[i] ?? 0));
  });
  fc.assert(law);
}

t.test('no writer’s mad clock moves it ahead of a store that never goes back', async t => {
  neverAheadOfStore(logTime);
  const trusting: typeof logTime = (_, previous, storedAt, said) =>
    Math.max(previous, storedAt, said?.time ?? 0);
  t.throws(() => neverAheadOfStore(trusting), 'a rule that believes a writer is found out');
});

/** One commit moves it no further than its writer vouches for. */
function bounded(rule: typeof logTime): void {
  const law = fc.property(moment, written, (previous, { storedAt, ...said }) => {
    const time = rule(3, previous, storedAt, said);
    if (storedAt < previous) return time <= previous + limits.clock_step_ms;
    return time <= Math.max(previous, said.clock + limits.clock_ahead_ms, said.time ?? 0);
  });
  fc.assert(law);
}

t.test('no mad store moves it further than a minute over the writer’s clocks', async t => {
  bounded(logTime);
  t.throws(() => bounded((_, previous, storedAt) => Math.max(previous, storedAt)));
});

t.test('it is the store’s stamp, when the writer’s wall clock or mesh time has come there', t => {
  const stamps = [
    [2_000, { clock: 2_000, time: 2_000 }],
    [2_000, { clock: 0, time: 2_000 }],
    [60_000, { clock: 0, time: 1_500 }],
  ] as const;
  for (const [stamp, said] of stamps) t.equal(logTime(3, 1_000, stamp, said), stamp);
  t.equal(logTime(3, 1_000, 900_000, { clock: 2_000, time: 1_500 }), 62_000);
  t.equal(logTime(3, 1_000, 900_000, { clock: 0, time: 70_000 }), 70_000);
  t.end();
});

t.test('behind a store that was set back it moves on with the writers, by steps', t => {
  const said = { clock: 0, time: 110_000 };
  t.equal(logTime(3, 100_000, 5_000, said), 110_000);
  t.equal(logTime(3, 100_000, 5_000, { ...said, time: 900_000 }), 120_000);
  t.equal(logTime(3, 100_000, 5_000, { ...said, time: 90_000 }), 100_000);
  t.equal(logTime(3, 100_000, 5_000, { clock: 900_000 }), 100_000, 'a wall clock moves nothing');
  t.end();
});

t.test('below level 3 it stands still while the store is behind', t => {
  const said = { clock: 110_000, time: 110_000 };
  t.equal(logTime(2, 100_000, 5_000, said), 100_000);
  t.equal(logTime(2, 1_000, 2_000, { clock: 2_000 }), 2_000);
  t.equal(logTime(2, 1_000, 200_000, { clock: 2_000, time: 150_000 }), 62_000);
  t.end();
});

t.test('in the fold too it is never over a minute past the writer’s clock', async () => {
  const law = fc.property(history, commits => {
    const fold = new Fold();
    let previous = 0;
    for (const delivery of commits) {
      const { time } = fold.commit(delivery);
      const clock = decodeCommit(delivery.bytes)?.clock;
      if (time < previous) return false;
      if (clock === undefined ? time !== previous : time > Math.max(previous, clock + 60_000)) {
        return false;
      }
      previous = time;
    }
    return true;
  });
  fc.assert(law, { numRuns: 60 });
});
