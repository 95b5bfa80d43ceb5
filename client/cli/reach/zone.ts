// The IANA zone that TZ means, however it is written: a name, a file, or a rule of POSIX.
import { readFileSync, realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { readRule } from './posix-zone.js';

export interface Zone {
  /** An IANA name that the runtime knows. */
  zone: string;
  /** What a person should be told when the zone is not the one meant. */
  doubt?: string;
}

const ZONE_FILES = '/usr/share/zoneinfo';
const LOCAL_FILE = '/etc/localtime';

/** The zone of this machine, as `TZ` says; UTC, with a doubt, when that means none. */
export function zoneOf(given: string | undefined): Zone {
  if (given === undefined) {
    const zone = linked(LOCAL_FILE) ?? systemZone() ?? fromFile(LOCAL_FILE);
    return { zone: zone ?? 'UTC' };
  }
  // A colon before it is how POSIX says: this is a name or a file.
  const said = given.trim().replace(/^:/, '');
  if (said === '') return { zone: 'UTC' };
  const zone = isAbsolute(said) ? fromFile(said) : (known(said) ?? readRule(said) ?? named(said));
  if (zone !== undefined) return { zone };
  return { zone: 'UTC', doubt: `TZ=${given} names no zone known here; times are in UTC` };
}

function named(said: string): string | undefined {
  return /^[\w+/-]+$/.test(said) ? fromFile(`${ZONE_FILES}/${said}`) : undefined;
}

/** By where the file lies. */
function linked(path: string): string | undefined {
  try {
    const [, inside = ''] =
      /\/zoneinfo(?:\.default)?\/(?:Etc\/(?=UTC$))?(.+)$/.exec(realpathSync(path)) ?? [];
    return known(inside);
  } catch {
    return undefined;
  }
}

/** By where the file lies, or else by the rule that it ends with. */
function fromFile(path: string): string | undefined {
  const zone = linked(path);
  if (zone !== undefined) return zone;
  try {
    const [, rule = ''] = /\n([^\n]+)\n$/.exec(readFileSync(path, 'latin1')) ?? [];
    return readRule(rule);
  } catch {
    return undefined;
  }
}

function systemZone(): string | undefined {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone === undefined || timeZone === 'Etc/Unknown' ? undefined : known(timeZone);
}

/** As it was spelt where only that differs from the name in the database. */
function known(name: string): string | undefined {
  const bare = name.replace(/^(?:posix|right)\//, '');
  // Every run comes by here, and the first format of a process takes many times as long.
  if (bare === 'UTC' || Intl.supportedValuesOf('timeZone').includes(bare)) return bare;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: bare }).resolvedOptions();
    return timeZone.toLowerCase() === bare.toLowerCase() ? timeZone : bare;
  } catch {
    return undefined;
  }
}
