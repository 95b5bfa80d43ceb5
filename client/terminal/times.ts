// Human times: durations as people type them, ages and clock times as people read them.
const UNIT_S = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds of `90s 10m 2h 3d` or of a bare number, or undefined when it is none of these. */
export function durationSeconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_S[(match[2] || 's') as keyof typeof UNIT_S];
}

/** How long ago `time` was, in ms UTC; a time ahead of `now` counts as just now. */
export function age(time: number, now: number): string {
  const seconds = Math.floor((now - time) / 1_000);
  if (seconds < 5) return 'just now';
  return `${span(seconds)} ago`;
}

/** A length of time in its largest whole unit. */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Local time of day with its offset, as 16:04:12 +01:00. */
export function clockTime(time: number): string {
  return `${timeOfDay(time)} ${zoneText(-new Date(time).getTimezoneOffset())}`;
}

/** Local date and time with the offset. */
export function stamp(time: number): string {
  return `${dayOf(time)} ${clockTime(time)}`;
}

/** Local time to the minute, with its offset; with its date unless that is today's. */
export function minuteOf(time: number, now: number): string {
  const clock = clockTime(time).replace(/:\d\d /, ' ');
  return dayOf(time) === dayOf(now) ? clock : `${dayOf(time)} ${clock}`;
}

/** How far a clock is ahead of UTC, as +01:00; UTC when it is that. */
export function zoneText(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'UTC';
  const ahead = Math.abs(offsetMinutes);
  const sign = offsetMinutes < 0 ? '-' : '+';
  return `${sign}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}

function timeOfDay(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Local date, as 2026-03-09. */
export function dayOf(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
