// Times as people write them at a shell and read them in tables; the clock and zone are arguments.
import { LAST_MS, resolveMoment } from '../../schemas/moment.js';
import { age, span, zoneText } from './times.js';
import { isZone, ownZone, zoneOffset } from './zone-offset.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** When a day named without a time begins for people. */
const MORNING_MS = 9 * HOUR_MS;
/** The 29th of February can be eight years away, around a century that skips it. */
const LEAP_YEARS = 8;

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
];

const UNITS = [
  ['d|days?', DAY_MS],
  ['h|hrs?|hours?', HOUR_MS],
  ['m|mins?|minutes?', 60_000],
  ['s|secs?|seconds?', 1_000],
] as const;
const COUNTS = UNITS.map(([unit]) => `(?:(\\d{1,9}) ?(?:${unit}) ?)?`).join('');
const DURATION = new RegExp(`^(?:in )?${COUNTS}$`);

const EPOCH_MS = /^\d{12,16}$/;
const ISO_WITH_OFFSET = /:\d\d(?:[.,]\d+)?(?:z|[+-]\d\d(?::?\d\d)?)$/;
const ISO_WALL = /^\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?$/;
const ISO_DAY = /^\d{4}-\d\d-\d\d$/;
const WITH_CLOCK = /^(?:(.*) )?(noon|midnight|\d{1,2}:\d\d(?: ?[ap]m)?|\d{1,2} ?[ap]m)$/;
const CLOCK = /^(\d{1,2})(?::(\d\d))? ?([ap]m)?$/;
const WITH_ZONE = /^(.+) ([a-z][\w+/-]*)$/;

/**
 * The epoch ms that `text` names, or undefined when it names none. Read are
 * - epoch ms of 12 to 16 digits, ISO 8601 with an offset, and `now`;
 * - durations from `now` (ms UTC): `90s`, `1h30m`, `in 2 hours`; a day is 24 hours;
 * - wall-clock times: `18:00`, `6:30pm`, `noon`, `midnight`, `today 18:00`, `tomorrow 9am`,
 *   `mon 9:00`, `next monday 9:00`, `24 dec 18:00`, `dec 24 18:00`, `2026-12-24 18:00`.
 *
 * A wall-clock time is one of `zone`, or of the IANA zone after it; unlike in the protocol, where
 * ISO 8601 without an offset is UTC. A time, weekday or day of a month means its next one; `next`
 * passes over today. A weekday or `tomorrow` alone is its 09:00, a date alone its midnight. A time
 * that the clocks skip is the end of the gap; one that comes twice is its first. Midnight after a
 * day is not read, since people mean either end of it.
 */
export function readWhen(text: string, now: number, zone: string): number | undefined {
  const said = plain(text);
  const ms = readInstant(said, now) ?? readWall(said, now, zone) ?? readInZone(said, now);
  return ms === undefined ? undefined : resolveMoment(ms, now);
}

/** How far back the last of what comes again may be: a time, a weekday, a date, the 29th of Feb. */
const YEARS_MS = Array.from({ length: LEAP_YEARS }, (_, i) => (i + 1) * 366 * DAY_MS);
const BACK_MS = [0, DAY_MS, 7 * DAY_MS, ...YEARS_MS];

/**
 * The epoch ms of a moment that has passed, or undefined when `text` names none, or one to come.
 * A duration is ago (`2h`, `2 hours ago`); a time, weekday or day of a month is its last one, as is
 * `yesterday 18:00`; a day alone is its midnight; all else is read as `readWhen` does.
 */
export function readPast(text: string, now: number, zone: string): number | undefined {
  const said = plain(text)
    .replace(/ ago$/, '')
    .replace(/^last /, '');
  const length = readDuration(said);
  if (length !== undefined) return resolveMoment(now - length, now);
  const [yesterday, clock = '00:00'] = /^yesterday(?: (.+))?$/.exec(said) ?? [];
  const isNamed = yesterday !== undefined || /^(?:today|tomorrow)\b/.test(said);
  const words = yesterday === undefined ? wholeDay(said) : `${yesterdayIn(now, zone)} ${clock}`;
  const passed = (isNamed ? [0] : BACK_MS)
    .map(back => readWhen(words, now - back, zone))
    .filter(ms => ms !== undefined && ms <= now);
  return passed.length === 0 ? undefined : Math.max(...(passed as number[]));
}

/** A day of the past begins at midnight: who looks back for it wants all of it. */
function wholeDay(said: string): string {
  const [, day = '', zone = ''] = /^([a-z]+)( [a-z][\w+/-]*)?$/.exec(said) ?? [];
  const isDay = day === 'today' || placeOf(day, WEEKDAYS) !== -1;
  const isAlone = zone === '' || isZone(zone.trim());
  return isDay && isAlone ? `${day} 00:00${zone}` : said;
}

function yesterdayIn(now: number, zone: string): string {
  const local = isZone(zone) ? zone : 'UTC';
  const yesterday = dayOf(wallAt(now, local)) - DAY_MS;
  return new Date(yesterday).toISOString().slice(0, 10);
}

/** The ms of `90s`, `1h30m` or `2 hours`, also after `in`; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const counts = DURATION.exec(plain(text))?.slice(1);
  if (!counts?.some(count => count !== undefined)) return undefined;
  return UNITS.reduce((sum, [, ms], i) => sum + Number(counts[i] ?? 0) * ms, 0);
}

/** The IANA name of the zone this process lives in; UTC when the system names none. */
export function localZone(): string {
  return ownZone() ?? 'UTC';
}

/**
 * A moment for a table: `in 5 min`, `in 3 h`, within the next days `Thu 09:00 +01:00`, then
 * `2026-12-24 09:00 +01:00`, both in `zone`; for what is past, its age. Times in ms UTC.
 */
export function whenText(time: number, now: number, zone: string): string {
  if (time <= now) return age(time, now);
  const seconds = Math.ceil((time - now) / 1_000);
  const minutes = Math.round(seconds / 60);
  const hours = Math.round(minutes / 60);
  if (seconds < 60) return `in ${span(seconds)}`;
  if (minutes < 60) return `in ${span(minutes * 60)}`;
  if (hours < 24) return `in ${span(hours * 3_600)}`;
  const local = isZone(zone) ? zone : 'UTC';
  const wall = wallAt(time, local);
  const days = (dayOf(wall) - dayOf(wallAt(now, local))) / DAY_MS;
  const [day = '', clock = ''] = new Date(wall).toISOString().slice(0, -8).split('T');
  const offset = zoneText((wall - time) / 60_000);
  return `${days < 7 ? weekdayOf(wall) : day} ${clock} ${offset}`;
}

function weekdayOf(wall: number): string {
  const name = WEEKDAYS[new Date(wall).getUTCDay()] ?? '';
  return name.slice(0, 1).toUpperCase() + name.slice(1, 3);
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

function readInstant(said: string, now: number): number | undefined {
  if (said === 'now') return now;
  if (EPOCH_MS.test(said)) return Number(said);
  if (ISO_WITH_OFFSET.test(said)) return resolveMoment(said.toUpperCase(), now);
  const duration = readDuration(said);
  return duration === undefined ? undefined : now + duration;
}

function readInZone(said: string, now: number): number | undefined {
  const [, rest, zone] = WITH_ZONE.exec(said) ?? [];
  return rest && zone ? readWall(rest, now, zone) : undefined;
}

function readWall(said: string, now: number, zone: string): number | undefined {
  if (!isZone(zone)) return undefined;
  const walls = wallsOf(said, dayOf(wallAt(now, zone)));
  const instants = walls.map(wall => instantAt(wall, zone));
  return instants.length > 1 ? instants.find(instant => instant > now) : instants[0];
}

/**
 * What `said` may mean on a clock of its zone, soonest first: several when the next of them is
 * meant, one when it stands fast, none when it is no time. A wall is written as if it were UTC.
 */
function wallsOf(said: string, today: number): number[] {
  if (ISO_WALL.test(said)) return present(resolveMoment(said.toUpperCase(), 0));
  const [, named, time] = WITH_CLOCK.exec(said) ?? [undefined, said, undefined];
  if (named === undefined) {
    return at([today, today + DAY_MS], time === 'midnight' ? 0 : clockMs(time));
  }
  if (named === 'today') return at([today], clockMs(time));
  if (named === 'tomorrow') return at([today + DAY_MS], clockMs(time, MORNING_MS));
  if (ISO_DAY.test(named)) return at(present(resolveMoment(named, 0)), clockMs(time));
  const weekdays = weekdaysOf(named, today);
  if (weekdays.length > 0) return at(weekdays, clockMs(time, MORNING_MS));
  return at(datesOf(named, today), clockMs(time, 0));
}

function at(days: readonly number[], clock: number | undefined): number[] {
  return clock === undefined ? [] : days.map(day => day + clock);
}

function present(wall: number | undefined): number[] {
  return wall === undefined ? [] : [wall];
}

/** The ms since midnight of `18:00`, `6pm`, `6:30 pm` or `noon`; without a text, the fallback. */
function clockMs(text: string | undefined, fallback?: number): number | undefined {
  if (text === undefined) return fallback;
  if (text === 'noon') return 12 * HOUR_MS;
  const [, hours, minutes = 0, half] = CLOCK.exec(text) ?? [];
  const hour = Number(hours);
  const minute = Number(minutes);
  const isHour = half ? hour >= 1 && hour <= 12 : hour <= 23;
  if (!isHour || minute > 59) return undefined;
  const sinceMidnight = half ? (hour % 12) + (half === 'pm' ? 12 : 0) : hour;
  return sinceMidnight * HOUR_MS + minute * 60_000;
}

function weekdaysOf(named: string, today: number): number[] {
  const [, next, word = ''] = /^(next )?([a-z]+)$/.exec(named) ?? [];
  const weekday = placeOf(word, WEEKDAYS);
  if (weekday === -1) return [];
  const away = (weekday - new Date(today).getUTCDay() + 7) % 7;
  const first = today + away * DAY_MS;
  return next ? [away === 0 ? first + 7 * DAY_MS : first] : [first, first + 7 * DAY_MS];
}

function datesOf(named: string, today: number): number[] {
  const [, before, word = '', after] = /^(?:(\d{1,2}) )?([a-z]+)(?: (\d{1,2}))?$/.exec(named) ?? [];
  const month = placeOf(word, MONTHS);
  if (month === -1 || (before === undefined) === (after === undefined)) return [];
  const day = Number(before ?? after);
  const year = new Date(today).getUTCFullYear();
  const years = Array.from({ length: LEAP_YEARS + 1 }, (_, i) => Date.UTC(year + i, month, day));
  // Date.UTC carries the 30th of February into March; such a day is nobody's intention.
  return years.filter(date => new Date(date).getUTCDate() === day);
}

/** Where `word` stands among `names`; three letters and more of a name are enough. */
function placeOf(word: string, names: readonly string[]): number {
  return word.length < 3 ? -1 : names.findIndex(name => name.startsWith(word));
}

function dayOf(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

function wallAt(instant: number, zone: string): number {
  const wall = instant + zoneOffset(instant, zone);
  // On the last day of the calendar no zone has an offset; a table must be drawn all the same.
  return Number.isNaN(wall) ? LAST_MS : wall;
}

/** When a clock in `zone` shows `wall`: of two such moments the first, of none the gap's end. */
function instantAt(wall: number, zone: string): number {
  const before = zoneOffset(wall - DAY_MS, zone);
  const after = zoneOffset(wall + DAY_MS, zone);
  const shown = [wall - before, wall - after].filter(
    instant => instant + zoneOffset(instant, zone) === wall,
  );
  if (shown.length > 0) return Math.min(...shown);
  let [early, late] = [wall - after, wall - before];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (zoneOffset(middle, zone) === before) early = middle;
    else late = middle;
  }
  return late;
}
