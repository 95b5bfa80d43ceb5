// Parsing of dates and durations as people write them, to epoch ms, without a clock of its own.

const FROM_NOW = /^(?:in )?(\d{1,9})([smhd])$/;
const OFFSET = 'Z|[+-]\\d\\d(?::?\\d\\d)?';
const CLOCK = `(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?(${OFFSET})?`;
const ISO = new RegExp(`^(\\d{4})-(\\d\\d)-(\\d\\d)(?:[T ]${CLOCK})?$`);

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The last ms that a date can name. */
export const LAST_MS = 8_640_000_000_000_000;

/**
 * The epoch ms that `value` names: epoch ms itself, ISO 8601 (no offset = UTC, a date alone is its
 * midnight), or `90s 10m 2h 3d`, optionally after `in `, counted from `now` (ms UTC).
 * Undefined for anything else, for days that do not exist, and for moments before 1970.
 */
export function resolveMoment(value: number | string, now: number): number | undefined {
  const ms = typeof value === 'number' ? value : (fromNow(value, now) ?? fromIso(value));
  if (ms === undefined || !Number.isInteger(ms)) return undefined;
  return ms >= 0 && ms <= LAST_MS ? ms : undefined;
}

function fromNow(value: string, now: number): number | undefined {
  const [, count, unit] = FROM_NOW.exec(value) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return now + Number(count) * (UNIT_MS[unit] ?? Number.NaN);
}

function fromIso(value: string): number | undefined {
  const found = ISO.exec(value);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(part => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = Date.UTC(year, month - 1, day);
  // Date.UTC carries the 30th of February into March; such a day is nobody's intention.
  const named = new Date(date);
  if (named.getUTCDate() !== day || named.getUTCMonth() !== month - 1) return undefined;
  const ms = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offset = offsetMs(found[8] ?? 'Z');
  return offset === undefined
    ? undefined
    : date + hour * 3_600_000 + minute * 60_000 + second * 1_000 + ms - offset;
}

function offsetMs(offset: string): number | undefined {
  if (offset === 'Z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 3_600_000 + minutes * 60_000);
}
