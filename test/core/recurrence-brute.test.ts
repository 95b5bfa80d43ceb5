// Holds recurrence against a clock that is watched minute by minute, and against cron-parser.
import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import t from 'tap';
import {
  firesBetween,
  lastFires,
  nextFire,
  type Rule,
} from '../../broker/core/schedules/recurrence.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

interface Field {
  text: string;
  values: ReadonlySet<number>;
}

const span = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

/** One item of a list, and the values it means by construction. */
function item(low: number, high: number) {
  const pair = fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }));
  const step = fc.integer({ min: 1, max: 20 });
  return fc.oneof(
    fc.integer({ min: low, max: high }).map(at => ({ text: `${at}`, values: [at] })),
    fc.tuple(pair, fc.option(step)).map(([[a, b], by]) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const text = `${from}-${to}${by === null ? '' : `/${by}`}`;
      return { text, values: span(from, to, by ?? 1) };
    }),
    step.map(by => ({ text: `*/${by}`, values: span(low, high, by) })),
  );
}

function field(low: number, high: number): fc.Arbitrary<Field> {
  const list = fc.array(item(low, high), { minLength: 1, maxLength: 3 }).map(items => ({
    text: items.map(each => each.text).join(','),
    values: new Set(items.flatMap(each => each.values)),
  }));
  return fc.oneof(list, fc.constant({ text: '*', values: new Set(span(low, high)) }));
}

const fields = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7));
const daily = fc
  .tuple(field(0, 59), field(0, 23))
  .map(pair => [...pair, ...['*', '*', '*'].map(text => ({ text, values: new Set<number>() }))]);

const cronOf = (rule: readonly Field[]) => rule.map(each => each.text).join(' ');

/** A wall-clock time: its minute, hour, day, month and weekday. */
type Wall = readonly number[];

function wallAt(time: number): Wall {
  const date = new Date(time);
  const [minute, hour] = [date.getUTCMinutes(), date.getUTCHours()];
  return [minute, hour, date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCDay()];
}

function matches(rule: readonly Field[], wall: Wall): boolean {
  const has = (i: number, value = wall[i] ?? -1) =>
    rule[i]?.text === '*' || !!rule[i]?.values.has(value);
  if (!has(0) || !has(1) || !has(3)) return false;
  const isWeekDay = has(4) || (wall[4] === 0 && has(4, 7));
  const isFree = rule[2]?.text === '*' || rule[4]?.text === '*';
  return isFree ? has(2) && isWeekDay : has(2) || isWeekDay;
}

/** An instant, and the wall-clock times that are new at it: shown or skipped for the first time. */
interface Tick {
  at: number;
  fresh: Wall[];
}

/** Watches the clocks of a zone, minute by minute, over some days. */
function watch(zone: string, from: number, days: number): Tick[] {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const seen = new Set<number>();
  let last = Number.NaN;
  return span(0, days * 1_440).map(minute => {
    const at = from + minute * MINUTE;
    const shown = clock.format(at).match(/\d+/g) ?? [];
    const [day = 0, month = 0, year = 0, hour = 0, min = 0] = shown.map(Number);
    const wall = Date.UTC(year, month - 1, day, hour, min);
    const passed = wall > last ? span(last + MINUTE, wall, MINUTE) : [wall];
    const fresh = passed.filter(each => !seen.has(each));
    for (const each of fresh) seen.add(each);
    last = wall;
    return { at, fresh: fresh.map(wallAt) };
  });
}

const changes: readonly (readonly [zone: string, near: string])[] = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['Pacific/Kwajalein', '1969-09-30T13:00Z'],
  ['Pacific/Kwajalein', '1993-08-21T12:00Z'],
  ['America/Nuuk', '2026-03-29T01:00Z'],
  ['America/Nuuk', '2026-10-25T01:00Z'],
  ['America/St_Johns', '2010-03-14T03:31Z'],
  ['America/St_Johns', '2010-11-07T02:31Z'],
  ['Africa/Casablanca', '2026-02-15T02:00Z'],
  ['Africa/Casablanca', '2026-03-22T02:00Z'],
  ['Asia/Kathmandu', '1985-12-31T18:30Z'],
  ['Asia/Pyongyang', '2015-08-14T15:00Z'],
  ['Antarctica/Troll', '2026-03-29T01:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00Z'],
  ['Asia/Kolkata', '2026-01-01T00:00Z'],
];

for (const [zone, near] of changes) {
  t.test(`near ${near} in ${zone} fires are those of a watched clock`, async () => {
    const change = Date.parse(near);
    // A clock that is set back has shown the last day already, so the watch begins before.
    const [since, end] = [change - 2 * DAY, change + 2 * DAY];
    const ticks = watch(zone, since - DAY, 5).filter(({ at, fresh }) => at > since && fresh.length);
    const close = fc.integer({ min: -120, max: 120 });
    const wide = fc.integer({ min: -1_440, max: 1_440 });
    const moment = fc
      .tuple(fc.oneof(close, wide), fc.integer({ min: -1, max: 1 }))
      .map(([minutes, more]) => change + minutes * MINUTE + more);
    fc.assert(
      fc.property(fc.oneof(daily, fields), moment, (parts, at) => {
        const rule: Rule = { cron: cronOf(parts), zone };
        const fires = ticks
          .filter(({ fresh }) => fresh.some(wall => matches(parts, wall)))
          .map(tick => tick.at);
        const later = fires.filter(fire => fire > at);
        const earlier = fires.filter(fire => fire <= at);
        return (
          nextFire(rule, at, end) === later[0] &&
          `${firesBetween(rule, at, end, 90)}` === `${later.slice(0, 90)}` &&
          `${lastFires(rule, at, 90, since)}` === `${earlier.slice(-90)}`
        );
      }),
      { numRuns: 100 },
    );
  });
}

t.test('forwards and backwards find the same fires, in all zones', async t => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
  let found = 0;
  fc.assert(
    fc.property(fields, zone, moment, (parts, zone, at) => {
      const rule = { cron: cronOf(parts), zone };
      const fires = firesBetween(rule, at, Number.POSITIVE_INFINITY, 5);
      found += fires.length;
      const isRising = fires.every((fire, i) => fire > (fires[i - 1] ?? at));
      return isRising && `${lastFires(rule, fires.at(-1) ?? at, 9, at)}` === `${fires}`;
    }),
    { numRuns: 300 },
  );
  t.ok(found > 300);
});

t.test('where no clock is ever set, cron-parser finds the same fires, or none', async () => {
  // It refuses lists that name a value twice, so these are of one item.
  const single = fields.filter(parts => parts.every(each => !each.text.includes(',')));
  const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
  const theirs = (cron: string, currentDate: number) => {
    try {
      return CronExpressionParser.parse(cron, { tz: 'UTC', currentDate }).next().getTime();
    } catch {
      return undefined;
    }
  };
  fc.assert(
    fc.property(single, moment, (parts, at) => {
      const cron = cronOf(parts);
      return nextFire({ cron, zone: 'UTC' }, at) === theirs(cron, at);
    }),
    { numRuns: 300 },
  );
});
