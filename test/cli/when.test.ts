// Proves how times are read as people write them, across zones and clock changes.
import fc from 'fast-check';
import t from 'tap';
import { localZone, readDuration, readWhen } from '../../client/terminal/when.js';
import { LAST_MS } from '../../schemas/moment.js';

const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';

/** A Friday, 15:30 in Berlin; its clocks go back on the Sunday. */
const NOW = Date.parse('2026-10-23T15:30:00+02:00');

type Reading = readonly [text: string, meant: string];
interface Place {
  now?: number;
  zone?: string;
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** Each text of `readings`, read at `now` in `zone`, is the moment beside it. */
function rule(sentence: string, readings: readonly Reading[], place: Place = {}): void {
  const { now = NOW, zone = BERLIN } = place;
  t.test(sentence, async t => {
    for (const [text, meant] of readings) {
      t.equal(iso(readWhen(text, now, zone)), iso(Date.parse(meant)), text);
    }
  });
}

/** None of `texts` is read. */
function unread(sentence: string, texts: readonly string[], place: Place = {}): void {
  const { now = NOW, zone = BERLIN } = place;
  t.test(sentence, async t => {
    for (const text of texts) t.equal(iso(readWhen(text, now, zone)), undefined, text);
  });
}

rule('a duration is counted from now, with or without in, its units short or in words', [
  ['90s', '2026-10-23T15:31:30+02:00'],
  ['in 10m', '2026-10-23T15:40:00+02:00'],
  ['2h', '2026-10-23T17:30:00+02:00'],
  ['in 2 hours', '2026-10-23T17:30:00+02:00'],
  ['in 90 minutes', '2026-10-23T17:00:00+02:00'],
  ['1h30m', '2026-10-23T17:00:00+02:00'],
  ['in 1 hour 30 mins', '2026-10-23T17:00:00+02:00'],
  ['0s', '2026-10-23T15:30:00+02:00'],
]);

rule('a day of a duration is 24 hours, also when the clocks change; tomorrow is a date', [
  ['3d', '2026-10-26T14:30:00+01:00'],
  ['in 1 day', '2026-10-24T15:30:00+02:00'],
]);

rule('what the protocol takes as an instant is the same instant in every zone', [
  ['1792762200123', '2026-10-23T13:30:00.123Z'],
  ['2026-12-24T18:00:00Z', '2026-12-24T18:00:00Z'],
  ['2026-12-24t18:00z', '2026-12-24T18:00:00Z'],
  ['2026-12-24 18:00+05:30', '2026-12-24T12:30:00Z'],
  ['2026-12-24T18:00:01.5-0800', '2026-12-25T02:00:01.500Z'],
  ['now', '2026-10-23T13:30:00Z'],
]);

rule('ISO 8601 without an offset is local, where the protocol takes UTC', [
  ['2026-12-24T18:00', '2026-12-24T18:00:00+01:00'],
  ['2026-12-24 18:00:30.25', '2026-12-24T18:00:30.250+01:00'],
  ['2026-07-01 18:00', '2026-07-01T18:00:00+02:00'],
  ['2026-12-24', '2026-12-24T00:00:00+01:00'],
  ['2026-12-24 6pm', '2026-12-24T18:00:00+01:00'],
]);

rule('a time alone is today when it is ahead, else tomorrow', [
  ['18:00', '2026-10-23T18:00:00+02:00'],
  ['6pm', '2026-10-23T18:00:00+02:00'],
  ['6:30pm', '2026-10-23T18:30:00+02:00'],
  ['15:31', '2026-10-23T15:31:00+02:00'],
  ['15:30', '2026-10-24T15:30:00+02:00'],
  ['9:00', '2026-10-24T09:00:00+02:00'],
  ['noon', '2026-10-24T12:00:00+02:00'],
  ['midnight', '2026-10-24T00:00:00+02:00'],
  ['12am', '2026-10-24T00:00:00+02:00'],
  ['12pm', '2026-10-24T12:00:00+02:00'],
]);

rule('a time of today stands fast, also when it is past', [
  ['today 18:00', '2026-10-23T18:00:00+02:00'],
  ['today 8am', '2026-10-23T08:00:00+02:00'],
]);

rule('tomorrow is its 09:00 unless a time follows', [
  ['tomorrow', '2026-10-24T09:00:00+02:00'],
  ['tomorrow 9:00', '2026-10-24T09:00:00+02:00'],
  ['tomorrow 9am', '2026-10-24T09:00:00+02:00'],
  ['tomorrow noon', '2026-10-24T12:00:00+02:00'],
]);

rule('a weekday is its next one ahead, which may be today, and 09:00 unless a time follows', [
  ['monday', '2026-10-26T09:00:00+01:00'],
  ['mon 9:30', '2026-10-26T09:30:00+01:00'],
  ['thurs 6pm', '2026-10-29T18:00:00+01:00'],
  ['fri 18:00', '2026-10-23T18:00:00+02:00'],
  ['fri', '2026-10-30T09:00:00+01:00'],
]);

rule('next passes over today', [
  ['next monday 9:00', '2026-10-26T09:00:00+01:00'],
  ['next fri 18:00', '2026-10-30T18:00:00+01:00'],
  ['next friday', '2026-10-30T09:00:00+01:00'],
]);

rule('a day of a month is its next one ahead, and midnight unless a time follows', [
  ['24 dec 18:00', '2026-12-24T18:00:00+01:00'],
  ['dec 24 18:00', '2026-12-24T18:00:00+01:00'],
  ['December 24 6 pm', '2026-12-24T18:00:00+01:00'],
  ['24 dec', '2026-12-24T00:00:00+01:00'],
  ['23 oct 15:00', '2027-10-23T15:00:00+02:00'],
  ['sept 1 7:00', '2027-09-01T07:00:00+02:00'],
]);

rule('the 29th of February waits for a leap year', [
  ['29 feb 9:00', '2028-02-29T09:00:00+01:00'],
  ['2028-02-29 9:00', '2028-02-29T09:00:00+01:00'],
]);

rule(
  'the 29th of February waits eight years around a century',
  [['29 feb 9:00', '2104-02-29T09:00:00Z']],
  { now: Date.parse('2096-03-01T00:00:00Z'), zone: 'UTC' },
);

rule('a zone after a wall-clock time is the one meant, in whatever case', [
  ['tomorrow 9:00 Europe/Berlin', '2026-10-24T09:00:00+02:00'],
  ['18:00 UTC', '2026-10-23T18:00:00Z'],
  ['noon america/new_york', '2026-10-23T12:00:00-04:00'],
  ['mon 9:00 Asia/Kolkata', '2026-10-26T09:00:00+05:30'],
  ['dec 24 18:00 Etc/GMT+5', '2026-12-24T18:00:00-05:00'],
  ['2026-12-24T18:00 Asia/Tokyo', '2026-12-24T18:00:00+09:00'],
  ['2026-12-24 UTC', '2026-12-24T00:00:00Z'],
]);

rule(
  'today is the day that the zone has now',
  [
    ['today 23:00', '2026-10-22T23:00:00-04:00'],
    ['today 23:00 Asia/Tokyo', '2026-10-23T23:00:00+09:00'],
    ['tomorrow', '2026-10-23T09:00:00-04:00'],
  ],
  { now: Date.parse('2026-10-23T02:00:00Z'), zone: NEW_YORK },
);

rule('capitals and spaces say nothing', [
  ['  TOMORROW   9:00 ', '2026-10-24T09:00:00+02:00'],
  ['In  2  Hours', '2026-10-23T17:30:00+02:00'],
  ['Next\tMonday 9 AM', '2026-10-26T09:00:00+01:00'],
  ['6:30 PM', '2026-10-23T18:30:00+02:00'],
]);

rule('a time that the clocks skip is the end of the gap', [
  ['2027-03-28 1:59', '2027-03-28T01:59:00+01:00'],
  ['2027-03-28 2:00', '2027-03-28T03:00:00+02:00'],
  ['2027-03-28 2:30', '2027-03-28T03:00:00+02:00'],
  ['2027-03-28T02:59:59', '2027-03-28T03:00:00+02:00'],
  ['2027-03-28 3:00', '2027-03-28T03:00:00+02:00'],
  ['2027-03-14 2:30 America/New_York', '2027-03-14T03:00:00-04:00'],
  ['2026-10-04 2:15 Australia/Lord_Howe', '2026-10-04T02:30:00+11:00'],
  ['2026-04-24 Africa/Cairo', '2026-04-24T01:00:00+03:00'],
  ['2011-12-30 12:00 Pacific/Apia', '2011-12-31T00:00:00+14:00'],
]);

rule('a time that comes twice is its first', [
  ['sunday 1:59', '2026-10-25T01:59:00+02:00'],
  ['sunday 2:00', '2026-10-25T02:00:00+02:00'],
  ['sunday 2:30', '2026-10-25T02:30:00+02:00'],
  ['sunday 3:00', '2026-10-25T03:00:00+01:00'],
  ['2026-11-01 1:30 America/New_York', '2026-11-01T01:30:00-04:00'],
  ['2027-04-04 1:45 Australia/Lord_Howe', '2027-04-04T01:45:00+11:00'],
]);

rule(
  'between the two, the time that is to come again is tomorrow’s',
  [['2:30', '2026-10-26T02:30:00+01:00']],
  { now: Date.parse('2026-10-25T02:45:00+02:00') },
);

unread('what is no time is not read', [
  ...['', ' ', 'soon', 'in', 'in now', 'in tomorrow', 'utc', '10', '1764000000', 'next', 'mo 9:00'],
  ...['1.5h', '-5m', '2w', '30m1h', '1h1h', 'in 5', 'next tomorrow', 'next 9:00', '9:00 monday'],
  ...['24 18:00', '24 dec 24', 'dec', 'dec 18:00', '20261224T180000Z', '2026-12-24Z', '9:5', '900'],
  ...['10m UTC', 'now UTC', '2026-12-24T18:00Z Europe/Berlin'],
]);

unread('days and times that do not exist are not read', [
  ...['30 feb 9:00', 'feb 30', '31 apr', '0 jan', '32 jan', '2026-02-29', '2026-02-30 18:00'],
  ...['24:00', '18:60', '0am', '13pm', '13:00pm', '2026-12-24T24:00', 'tomorrow 25:00'],
]);

unread('a day without its time, or a midnight of either end of a day, is not guessed', [
  ...['today', 'today UTC', 'today midnight', 'mon midnight', '2026-12-24 midnight'],
]);

unread('a zone that nobody knows is no zone', [
  ...['18:00 Mars/Base', '18:00 berlin', '18:00 +02:00', '18:00 UTC UTC', 'tomorrow x'],
]);

unread('in a zone that nobody knows no wall-clock time is read', ['18:00', '2026-12-24'], {
  zone: 'Mars/Base',
});

unread('nothing before 1970 or after the calendar is read', [
  ...['1969-12-31', '1970-01-01', '999999999d', '9640000000000000'],
]);

/** What a clock in `zone` shows, as 2026-12-24T18:00; from another source than what is tried. */
function clockOf(zone: string): (ms: number) => string {
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const minute = { hour: '2-digit', minute: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('sv', { ...day, ...minute, timeZone: zone });
  return ms => format.format(ms).replace(' ', 'T');
}

t.test('a time that is read is what the clock of its zone shows, or ends a gap', async () => {
  const names = [BERLIN, NEW_YORK, 'UTC', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia'];
  const zones = names.map(zone => ({ zone, clock: clockOf(zone) }));
  const minutes = fc.integer({ min: 22_000_000, max: 46_000_000 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), minutes, ({ zone, clock }, minute) => {
      const wall = new Date(minute * 60_000).toISOString().slice(0, 16);
      const read = readWhen(wall, NOW, zone) ?? 0;
      return clock(read) === wall || (clock(read) > wall && clock(read - 60_000) < wall);
    }),
    { numRuns: 1_000 },
  );
});

const words = [
  ...['in', 'now', 'noon', 'midnight', 'today', 'tomorrow', 'next', 'monday', 'fri', 'dec', 'feb'],
  ...['24', '29', '31', '18:00', '6pm', '6:30', 'am', '10m', '2 hours', '999999999d', 'UTC', '-'],
  ...['2026-12-24', '1970-01-01', 'T18:00', 'Z', '+14:00', 'Pacific/Apia', '8640000000000000'],
];

t.test('whatever is written, whenever, the answer is a moment of the calendar or none', async t => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...words), { maxLength: 5 }).map(some => some.join(' ')),
    fc.array(fc.constantFrom(...words), { maxLength: 4 }).map(some => some.join('')),
  );
  const zone = fc.constantFrom(BERLIN, NEW_YORK, 'Pacific/Kiritimati', 'nowhere');
  let read = 0;
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: LAST_MS }), zone, (text, now, zone) => {
      const ms = readWhen(text, now, zone);
      if (ms === undefined) return true;
      read++;
      return Number.isSafeInteger(ms) && ms >= 0 && ms <= LAST_MS;
    }),
    { numRuns: 3_000 },
  );
  t.ok(read > 100, `${read} were times`);
});

t.test('a duration is read by itself, and nothing else is one', async t => {
  t.same(
    ['90s', 'in 2 hours', '1d 2h 3m 4s'].map(text => readDuration(text)),
    [90_000, 7_200_000, 93_784_000],
  );
  for (const text of ['', 'in', '5', 'now', '18:00', 'tomorrow', '1h 18:00']) {
    t.equal(readDuration(text), undefined, text);
  }
});

t.test('the zone of this machine is one that times can be read in', async t => {
  t.type(readWhen('tomorrow 9:00', NOW, localZone()), 'number');
});
