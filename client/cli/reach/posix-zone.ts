// A zone as POSIX writes it (`CET-1CEST,M3.5.0,M10.5.0/3`), and the IANA zone that keeps its time.
const NAME = '(?:<[+-]?\\w{3,}>|[A-Za-z]{3,})';
const OFFSET = '[+-]?\\d{1,2}(?::\\d\\d(?::\\d\\d)?)?';
const TURN = '(?:M\\d{1,2}\\.\\d\\.\\d|J?\\d{1,3})(?:/[+-]?\\d{1,3}(?::\\d\\d(?::\\d\\d)?)?)?';
const RULE = new RegExp(
  `^${NAME}(${OFFSET})(?:${NAME}(${OFFSET})?(?:,(${TURN}),(${TURN}))?)?$`,
  'i',
);
const HAS_SUMMER = new RegExp(`^${NAME}${OFFSET}[A-Za-z<]`, 'i');
/** When the clocks change if a rule does not say: as the C library has it. */
const USUAL = ['M3.2.0', 'M11.1.0'] as const;
const CHANGE_S = 2 * 3_600;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Tried first, since many zones keep the same time. */
const WELL_KNOWN = [
  ...['Europe/Berlin', 'Europe/London', 'Europe/Athens', 'Asia/Kolkata', 'Asia/Tehran'],
  ...['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles'],
  ...['America/Halifax', 'America/St_Johns', 'Australia/Sydney', 'Australia/Adelaide'],
];

interface Clock {
  standard_s: number;
  summer?: { offset_s: number; from: string; to: string };
}

/** The IANA zone of a rule; undefined when it is none, or one that nobody keeps. */
export function readRule(text: string, year = new Date().getUTCFullYear()): string | undefined {
  const [, standard, summer, from = USUAL[0], to = USUAL[1]] = RULE.exec(text) ?? [];
  if (standard === undefined) return undefined;
  // POSIX counts west of Greenwich as positive.
  const standard_s = -secondsOf(standard);
  if (!HAS_SUMMER.test(text)) return fixed(standard_s) ?? keeping({ standard_s }, year);
  const offset_s = summer === undefined ? standard_s + 3_600 : -secondsOf(summer);
  return keeping({ standard_s, summer: { offset_s, from, to } }, year);
}

function fixed(offset_s: number): string | undefined {
  if (offset_s === 0) return 'UTC';
  const hours = offset_s / 3_600;
  if (!Number.isInteger(hours) || hours < -12 || hours > 14) return undefined;
  // The names in Etc count as POSIX does.
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}

function keeping(clock: Clock, year: number): string | undefined {
  const looks = [year, year + 1].flatMap(each => looksAt(clock, each));
  return [...WELL_KNOWN, ...Intl.supportedValuesOf('timeZone')].find(zone => {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    return looks.every(([instant, offset_s]) => offsetIn(format, instant) === offset_s);
  });
}

/** Instants of a year, just before and after each change, and the offset that the clock has. */
function looksAt({ standard_s, summer }: Clock, year: number): [instant: number, offset: number][] {
  if (summer === undefined) return [0, 3, 6, 9].map(m => [Date.UTC(year, m, 10), standard_s]);
  const start = turnMs(summer.from, year) - standard_s * 1_000;
  const end = turnMs(summer.to, year) - summer.offset_s * 1_000;
  return [
    [start - HOUR_MS, standard_s],
    [start + HOUR_MS, summer.offset_s],
    [end - HOUR_MS, summer.offset_s],
    [end + HOUR_MS, standard_s],
  ];
}

/** When the wall clock says that it is time to change, as if that were UTC. */
function turnMs(turn: string, year: number): number {
  const [day = '', time] = turn.split('/');
  return dayMs(day, year) + (time === undefined ? CHANGE_S : secondsOf(time)) * 1_000;
}

function dayMs(day: string, year: number): number {
  const [, month, week, weekday] = /^M(\d+)\.(\d)\.(\d)$/i.exec(day)?.map(Number) ?? [];
  if (month === undefined || week === undefined || weekday === undefined)
    return countedMs(day, year);
  const first = Date.UTC(year, month - 1, 1);
  const lead = (weekday - new Date(first).getUTCDay() + 7) % 7;
  const found = first + (lead + (week - 1) * 7) * DAY_MS;
  // The fifth of a month is its last.
  return new Date(found).getUTCMonth() === month - 1 ? found : found - 7 * DAY_MS;
}

/** `J60` is the 1st of March always, `59` the 60th day of the year. */
function countedMs(day: string, year: number): number {
  const isFixed = /^J/i.test(day);
  const count = Number(day.replace(/^J/i, ''));
  if (!isFixed) return Date.UTC(year, 0, 1) + count * DAY_MS;
  const common = new Date(Date.UTC(2025, 0, count));
  return Date.UTC(year, common.getUTCMonth(), common.getUTCDate());
}

function offsetIn(format: Intl.DateTimeFormat, instant: number): number {
  const said = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value;
  return secondsOf((said ?? '').replace('GMT', '') || '0');
}

function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  return (text.startsWith('-') ? -1 : 1) * (hours * 3_600 + minutes * 60 + seconds);
}
