// Tries when rules fire: what a cron text names, and what a zone does to its wall-clock times.
import { execFileSync } from 'node:child_process';
import t from 'tap';
import {
  firesBetween,
  lastFires,
  nextFire,
  ruleProblem,
} from '../../broker/core/schedules/recurrence.js';

const ms = (text: string) => new Date(text).getTime();
const iso = (at: number | undefined) =>
  at === undefined ? 'none' : new Date(at).toISOString().replace(':00.000Z', 'Z');

/** The next fires, as many as are expected. */
function fires(cron: string, zone: string, after: string, count: number): string[] {
  const rule = { cron, zone };
  return firesBetween(rule, ms(after), Number.POSITIVE_INFINITY, count).map(iso);
}

type Case = readonly [title: string, cron: string, zone: string, after: string, fires: string[]];

// 2026-03-29 is a Sunday.
const cases: readonly Case[] = [
  [
    'a skipped time fires at the end of the gap',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T00:00Z',
    ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
  ],
  [
    'all times of one gap fire there once, together with the time right after it',
    '*/15 2,3 * * *',
    'Europe/Berlin',
    '2026-03-28T23:00Z',
    ['2026-03-29T01:00Z', '2026-03-29T01:15Z', '2026-03-29T01:30Z', '2026-03-29T01:45Z'],
  ],
  [
    'a time that comes twice fires the first time only',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T12:00Z',
    ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
  ],
  [
    'every minute rests while an hour comes again',
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-10-25T00:00Z',
    ['2026-10-25T00:30Z', '2026-10-25T02:00Z', '2026-10-25T02:30Z'],
  ],
  [
    'in New York the gap of spring fires at its end',
    '5,35 2 * * *',
    'America/New_York',
    '2026-03-07T12:00Z',
    ['2026-03-08T07:00Z', '2026-03-09T06:05Z', '2026-03-09T06:35Z'],
  ],
  [
    'in New York the repeated hour of autumn fires once',
    '0 1,2 * * *',
    'America/New_York',
    '2026-10-31T12:00Z',
    ['2026-11-01T05:00Z', '2026-11-01T07:00Z', '2026-11-02T06:00Z'],
  ],
  [
    'Lord Howe skips half an hour',
    '0,15,30 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-03T12:00Z',
    ['2026-10-03T15:30Z', '2026-10-04T15:00Z', '2026-10-04T15:15Z'],
  ],
  [
    'Lord Howe repeats half an hour',
    '*/15 1 * * *',
    'Australia/Lord_Howe',
    '2026-04-04T14:15Z',
    ['2026-04-04T14:30Z', '2026-04-04T14:45Z', '2026-04-05T14:30Z'],
  ],
  [
    'Apia skipped a whole day, whose fires became one',
    '0 9,17 * * *',
    'Pacific/Apia',
    '2011-12-29T20:00Z',
    ['2011-12-30T03:00Z', '2011-12-30T10:00Z', '2011-12-30T19:00Z'],
  ],
  [
    'a time before the gap is not held up by it',
    '59 1 * * *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    ['2026-03-29T00:59Z', '2026-03-29T23:59Z'],
  ],
  [
    'the 29th of February waits for a leap year, eight years over 2100',
    '0 0 29 2 *',
    'UTC',
    '2092-03-01T00:00Z',
    ['2096-02-29T00:00Z', '2104-02-29T00:00Z'],
  ],
  [
    'the 31st fires in long months only',
    '0 12 31 * *',
    'UTC',
    '2026-01-31T12:00Z',
    ['2026-03-31T12:00Z', '2026-05-31T12:00Z'],
  ],
  [
    'months and weekdays have names in any case, and ranges of them',
    '0 8 * mar-May,OCT sun',
    'UTC',
    '2026-05-25T00:00Z',
    ['2026-05-31T08:00Z', '2026-10-04T08:00Z'],
  ],
  [
    'lists, ranges and steps add up, and may overlap',
    '0-10/5,7,5 9-17/8 * * *',
    'UTC',
    '2026-01-01T09:05Z',
    ['2026-01-01T09:07Z', '2026-01-01T09:10Z', '2026-01-01T17:00Z', '2026-01-01T17:05Z'],
  ],
  [
    'Sunday is 0 and 7, alone and at the end of a range',
    '0 0 * * 6-7',
    'UTC',
    '2026-03-27T00:00Z',
    ['2026-03-28T00:00Z', '2026-03-29T00:00Z', '2026-04-04T00:00Z'],
  ],
  [
    'of two restricted day fields either matches',
    '0 0 13 * fri',
    'UTC',
    '2026-04-09T00:00Z',
    ['2026-04-10T00:00Z', '2026-04-13T00:00Z', '2026-04-17T00:00Z'],
  ],
  [
    'a day that no month has does not take the weekday with it',
    '0 0 30 2 mon',
    'UTC',
    '2026-02-16T00:00Z',
    ['2026-02-23T00:00Z', '2027-02-01T00:00Z'],
  ],
];

for (const [title, cron, zone, after, expected] of cases) {
  t.test(`${title}: ${cron} in ${zone}`, async t => {
    t.equal(ruleProblem(cron, zone), undefined);
    t.same(fires(cron, zone, after, expected.length), expected);
  });
}

const nine = { cron: '0 9 * * *', zone: 'Europe/Berlin' };
const [first, second, third] = [1, 2, 3].map(day => ms(`2026-07-0${day}T07:00Z`));

t.test('the next fire is after the moment asked for, and no later than `until`', async t => {
  const [one = 0, two = 0] = [first, second];
  t.equal(nextFire(nine, one - 1), one);
  t.equal(nextFire(nine, one), two);
  t.equal(nextFire(nine, one, two), two);
  t.equal(nextFire(nine, one, two - 1), undefined);
  for (const nowhen of [Number.NaN, Number.POSITIVE_INFINITY, 8_640_000_000_000_000]) {
    t.equal(nextFire(nine, nowhen), undefined, `${nowhen}`);
  }
});

t.test('fires between two moments leave out the first moment and stop at `max`', async t => {
  const [one = 0, two = 0, three = 0] = [first, second, third];
  t.same(firesBetween(nine, one, three, 9), [two, three]);
  t.same(firesBetween(nine, one - 1, three - 1, 9), [one, two]);
  t.same(firesBetween(nine, one - 1, three, 2), [one, two]);
  t.same(firesBetween(nine, one, three, 0), []);
  t.same(firesBetween(nine, three, one, 9), []);
});

t.test('the last fires are the newest ones, oldest first, and leave out `since`', async t => {
  const [one = 0, two = 0, three = 0] = [first, second, third];
  t.same(lastFires(nine, three, 2, 0), [two, three]);
  t.same(lastFires(nine, three - 1, 9, one - 1), [one, two]);
  t.same(lastFires(nine, three, 9, one), [two, three]);
  t.same(lastFires(nine, three, 0, 0), []);
  t.same(lastFires(nine, one, 9, one), []);
  const gap = { cron: '*/10 2 * * *', zone: 'Europe/Berlin' };
  const found = lastFires(gap, ms('2026-03-29T12:00Z'), 2, 0).map(iso);
  t.same(found, ['2026-03-28T01:50Z', '2026-03-29T01:00Z'], 'a gap counts once');
});

t.test('fires are the same whatever the zone and language of the process', async t => {
  const file = new URL('../../broker/core/schedules/recurrence.js', import.meta.url).href;
  const asked = cases.map(([, cron, zone, after]) => [{ cron, zone }, ms(after)]);
  const script = `
    import { firesBetween } from ${JSON.stringify(file)};
    const fires = ${JSON.stringify(asked)}.map(([r, at]) => firesBetween(r, at, Infinity, 4));
    process.stdout.write(JSON.stringify([new Date(0).getTimezoneOffset(), fires]));`;
  const here = asked.map(([rule, at]) => firesBetween(rule as typeof nine, Number(at), 1e14, 4));
  for (const [TZ, offset] of Object.entries({ 'Asia/Tokyo': -540, 'America/New_York': 300 })) {
    const env = { ...process.env, TZ, LC_ALL: 'ar_EG.UTF-8' };
    const told = execFileSync('node', ['--input-type=module', '-e', script], { env });
    t.same(JSON.parse(told.toString()), [offset, here], TZ);
  }
});
