// IANA time zones by the database that Node carries: which there are, and how far each is from UTC.
const formats = new Map<string, Intl.DateTimeFormat>();

/** True for the name of a zone that is known here. */
export function isZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** How far clocks of the zone are ahead of UTC at `instant`, in ms; NaN beyond the calendar. */
export function zoneOffset(instant: number, zone: string): number {
  if (Number.isNaN(new Date(instant).getTime())) return Number.NaN;
  const shown: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instant)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  return wall - Math.floor(instant / 1_000) * 1_000;
}

/** The zone of this process; undefined when the system names none that is known. */
export function ownZone(): string | undefined {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone !== undefined && isZone(timeZone) ? timeZone : undefined;
}

/** One format a zone: making one takes far longer than using it. Throws for no zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = 'numeric';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: numeric, month: numeric, day: numeric },
    ...{ hour: numeric, minute: numeric, second: numeric },
  });
  formats.set(timeZone, format);
  return format;
}
