// Recurrence: when a cron rule fires in a time zone, by arithmetic alone.
import { CronExpressionParser } from 'cron-parser';
import { IANAZone } from 'luxon';
import { limits } from '../../../schemas/limits.js';

/**
 * `cron` has five fields (minute, hour, day of month, month, day of week) of numbers, names, lists,
 * ranges and steps over `*` or a range, or is one of the words below. Sunday is 0 or 7. When both
 * day fields are something else than `*`, either of them matches. `zone` is an IANA name.
 */
export interface Rule {
  cron: string;
  zone: string;
}

/** `never`: well written, but no calendar has such a day. */
export type RuleProblem = 'cron' | 'zone' | 'never';

/** Why `cron` in `zone` is no rule, or undefined when it is one. */
export function ruleProblem(cron: string, zone: string): RuleProblem | undefined {
  const read = understand({ cron, zone });
  return typeof read === 'string' ? read : undefined;
}

/**
 * The first fire strictly after `after` and not after `until` (ms UTC), if there is one. What is no
 * rule never fires.
 * A rule names wall-clock times, and each fires at the first instant at which the clocks of the
 * zone show it or something later. So a time that is skipped fires at the end of the gap, all times
 * of one gap fire there once, and a time that comes twice fires the first time only. A later time
 * never fires earlier: what is due after `after` are the times that no clock had reached by then.
 * https://en.wikipedia.org/wiki/Daylight_saving_time
 */
export function nextFire(
  rule: Rule,
  after: number,
  until = Number.POSITIVE_INFINITY,
): number | undefined {
  const read = understand(rule);
  if (typeof read === 'string') return undefined;
  const wall = firstWallAfter(read.calendar, latestShown(read.zone, after));
  if (wall === undefined) return undefined;
  const fire = firstShown(read.zone, wall);
  return fire <= until ? fire : undefined;
}

/** The newest `count` fires at or before `at` and strictly after `since` (ms UTC), oldest first. */
export function lastFires(rule: Rule, at: number, count: number, since: number): number[] {
  const fires: number[] = [];
  let fire = lastFire(rule, at);
  while (fire !== undefined && fire > since && fires.length < count) {
    fires.push(fire);
    fire = lastFire(rule, fire - 1);
  }
  return fires.reverse();
}

/** The first `max` fires strictly after `after` and not after `upTo` (ms UTC), oldest first. */
export function firesBetween(rule: Rule, after: number, upTo: number, max: number): number[] {
  const fires: number[] = [];
  let fire = nextFire(rule, after, upTo);
  while (fire !== undefined && fires.length < max) {
    fires.push(fire);
    fire = nextFire(rule, fire, upTo);
  }
  return fires;
}

function lastFire(rule: Rule, at: number): number | undefined {
  const read = understand(rule);
  if (typeof read === 'string') return undefined;
  const wall = lastWallUpTo(read.calendar, latestShown(read.zone, at));
  return wall === undefined ? undefined : firstShown(read.zone, wall);
}

// Wall-clock times below are the ms at which a clock set to UTC would show them.

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** A zone's offset (ms, east is positive) over three days, and when it changes within them. */
interface Offsets {
  before: number;
  after: number;
  change: number;
}

/** The latest time that the clocks of the zone have shown by the instant `at`. */
function latestShown(zone: IANAZone, at: number): number {
  const { before, after, change } = offsetsAround(zone, at);
  return at < change ? at + before : Math.max(at + after, change - 1 + before);
}

/** The first instant at which the clocks of the zone show `wall` or something later. */
function firstShown(zone: IANAZone, wall: number): number {
  const { before, after, change } = offsetsAround(zone, wall);
  return wall - before < change ? wall - before : Math.max(change, wall - after);
}

const offsets = new Map<string, Offsets>();

/**
 * The day of `at`, one before and one after: as instant and as wall-clock time `at` is among them,
 * as no offset exceeds a day. No zone has changed its offset twice within three days.
 */
function offsetsAround(zone: IANAZone, at: number): Offsets {
  const day = Math.floor(at / DAY);
  return remember(offsets, `${zone.name} ${day}`, () => {
    let low = (day - 1) * DAY;
    let high = (day + 2) * DAY;
    const before = offsetAt(zone, low);
    const after = offsetAt(zone, high);
    if (before === after) return { before, after, change: Number.POSITIVE_INFINITY };
    while (high - low > SECOND) {
      const middle = low + Math.floor((high - low) / SECOND / 2) * SECOND;
      if (offsetAt(zone, middle) === before) low = middle;
      else high = middle;
    }
    return { before, after, change: high };
  });
}

function offsetAt(zone: IANAZone, at: number): number {
  return Math.round(zone.offset(at) * MINUTE);
}

/** The wall-clock times that a cron text names. */
interface Calendar {
  /** In ms since midnight, ascending. */
  times: Uint32Array;
  months: ReadonlySet<number>;
  monthDays: ReadonlySet<number>;
  weekDays: ReadonlySet<number>;
  isEitherDay: boolean;
}

function firstWallAfter(calendar: Calendar, wall: number): number | undefined {
  const today = Math.floor(wall / DAY);
  if (firesOn(calendar, today)) {
    const later = calendar.times.find(time => today * DAY + time > wall);
    if (later !== undefined) return today * DAY + later;
  }
  const day = firingDay(calendar, today + 1, 1);
  return day === undefined ? undefined : day * DAY + (calendar.times[0] ?? 0);
}

function lastWallUpTo(calendar: Calendar, wall: number): number | undefined {
  const today = Math.floor(wall / DAY);
  if (firesOn(calendar, today)) {
    const earlier = calendar.times.findLast(time => today * DAY + time <= wall);
    if (earlier !== undefined) return today * DAY + earlier;
  }
  const day = firingDay(calendar, today - 1, -1);
  return day === undefined ? undefined : day * DAY + (calendar.times.at(-1) ?? 0);
}

/** The longest rest of any rule, from 29 February 2096 to 2104: 2100 is no leap year. */
const LONGEST_REST = 2_921;

/** The nearest day from `day` on, forwards or backwards, on which the calendar has times. */
function firingDay(calendar: Calendar, day: number, step: 1 | -1): number | undefined {
  for (let rest = 0; rest < LONGEST_REST; rest += 1) {
    if (firesOn(calendar, day + rest * step)) return day + rest * step;
  }
  return undefined;
}

function firesOn(calendar: Calendar, day: number): boolean {
  const date = new Date(day * DAY);
  if (!calendar.months.has(date.getUTCMonth() + 1)) return false;
  const isMonthDay = calendar.monthDays.has(date.getUTCDate());
  const isWeekDay = calendar.weekDays.has(date.getUTCDay());
  return calendar.isEitherDay ? isMonthDay || isWeekDay : isMonthDay && isWeekDay;
}

const calendars = new Map<string, Calendar | RuleProblem>();
const zones = new Map<string, IANAZone | RuleProblem>();

function understand({ cron, zone }: Rule): { calendar: Calendar; zone: IANAZone } | RuleProblem {
  if (cron.length > limits.cron_chars) return 'cron';
  if (zone.length > limits.name_chars) return 'zone';
  const calendar = remember(calendars, cron, calendarOf);
  if (typeof calendar === 'string') return calendar;
  const place = remember(zones, zone, zoneOf);
  return typeof place === 'string' ? place : { calendar, zone: place };
}

/** What is remembered costs no answer but time: each is a function of its key. */
function remember<T>(memory: Map<string, T>, key: string, make: (key: string) => T): T {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const [oldest] = memory.keys();
  if (oldest !== undefined && memory.size >= limits.cron_known_rows) memory.delete(oldest);
  const made = make(key);
  memory.set(key, made);
  return made;
}

/** luxon keeps every spelling of a name for good; in lower case there is one of each. */
function zoneOf(name: string): IANAZone | RuleProblem {
  // Newer engines take `+02:00` for the name of a zone.
  const isNamed = /^[a-z]/i.test(name) && IANAZone.isValidZone(name);
  return isNamed ? IANAZone.create(name.toLowerCase()) : 'zone';
}

const WORDS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

function calendarOf(cron: string): Calendar | RuleProblem {
  const texts = (Object.hasOwn(WORDS, cron) ? (WORDS[cron] ?? '') : cron).split(/[ \t]+/);
  if (texts.length !== FIELDS.length) return 'cron';
  const sets = FIELDS.map((_, i) => valuesOf(i, texts[i] ?? ''));
  const [minutes, hours, monthDays, months, weekDays] = sets;
  if (!(minutes && hours && monthDays && months && weekDays)) return 'cron';
  const times = [...hours].flatMap(hour => [...minutes].map(min => hour * HOUR + min * MINUTE));
  const calendar: Calendar = {
    times: Uint32Array.from(times).sort(),
    months,
    monthDays,
    weekDays,
    isEitherDay: texts[2] !== '*' && texts[4] !== '*',
  };
  return firingDay(calendar, 0, 1) === undefined ? 'never' : calendar;
}

const FIELDS = ['minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;

const itemOf = (value: string) =>
  new RegExp(`^(?:${value}|(?:\\*|${value}-${value})(?:/\\d{1,2})?)$`, 'i');
const NUMBERED = itemOf('\\d{1,2}');
const NAMED = itemOf('(?:\\d{1,2}|[a-z]{3})');
const ITEMS = [NUMBERED, NUMBERED, NUMBERED, NAMED, NAMED];

/** Else the parser reads the clock and throws dice, even where it needs neither. */
const SETTLED = { tz: 'UTC', currentDate: 0, hashSeed: 'none' };

/**
 * The values of one field. Its items are parsed one by one and without the other fields, as the
 * parser refuses a list that names a value twice, and trims days by the month.
 */
function valuesOf(field: number, text: string): Set<number> | undefined {
  const items = text.split(',');
  const name = FIELDS[field];
  if (!name || !items.every(item => ITEMS[field]?.test(item))) return undefined;
  try {
    const values = items.flatMap(item => {
      const alone = FIELDS.map((_, i) => (i === field ? item : '*')).join(' ');
      return CronExpressionParser.parse(alone, SETTLED).fields[name].values.map(Number);
    });
    return new Set(values);
  } catch {
    return undefined;
  }
}
