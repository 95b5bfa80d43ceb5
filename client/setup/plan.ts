// The plan of a change: what a file of settings has of ours, how that differs, and the file after.
import { createHash } from 'node:crypto';
import type { SettingEntry } from './targets.js';

/**
 * How an entry stands: as it should, not there, made by an earlier setup and not touched since,
 * changed by hand, changed by hand or by somebody else and left alone, or none that is wanted any
 * more.
 */
export type Standing = 'right' | 'missing' | 'older' | 'changed' | 'kept' | 'surplus';

/** One entry of a file. */
export interface SettingItem {
  what: string;
  standing: Standing;
}

/** What setup remembers of a file: the digest of each entry as it was written. */
export type Wrote = Readonly<Record<string, string>>;

/** What is to be done to a file. */
export interface Plan {
  items: readonly SettingItem[];
  /** The file after it; undefined for none. */
  after: string | undefined;
  wrote: Wrote;
}

/** The name of an entry, as people and records have it. */
export function nameOf(entry: SettingEntry): string {
  switch (entry.kind) {
    case 'hook':
      return `hook ${entry.event}`;
    case 'item':
      return `${entry.path.join('.')} ${entry.value}`;
    case 'member':
    case 'table':
      return entry.path.join('.');
  }
}

/** What tells an entry as it was written from one that was changed since. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** Whose work an entry is that is not as it should be. */
export function makerOf(wrote: Wrote, what: string, value: unknown): 'older' | 'changed' {
  return wrote[what] === digestOf(value) ? 'older' : 'changed';
}
