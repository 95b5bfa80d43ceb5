// What setup remembers of its own work: a digest of each entry as written, and directories made.
import { readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWhole } from './files.js';
import { makeFolders, ownerFor } from './owner.js';
import type { Wrote } from './plan.js';

/** The same, by file and by path. */
export interface Records {
  wrote: Readonly<Record<string, Wrote>>;
  directories: readonly string[];
}

const NONE: Records = { wrote: {}, directories: [] };

/** Where they lie, among what is kept of this user. */
export function recordsFile(state: string): string {
  return join(state, 'setup.json');
}

/** What is remembered; nothing where that is lost: an entry then counts as changed by hand. */
export async function readRecords(file: string): Promise<Records> {
  try {
    const { wrote, directories } = JSON.parse(await readFile(file, 'utf8')) as Partial<Records>;
    const isWhole = typeof wrote === 'object' && wrote !== null && Array.isArray(directories);
    return isWhole ? { wrote, directories: directories.map(String) } : NONE;
  } catch {
    return NONE;
  }
}

/** Keeps them, in the place of those before; of nothing there is no file. */
export async function keepRecords(file: string, records: Records): Promise<void> {
  const isNothing = Object.keys(records.wrote).length + records.directories.length === 0;
  if (isNothing) return rm(file, { force: true });
  makeFolders(dirname(file));
  const draft = `${file}.${process.pid}`;
  await rm(draft, { force: true });
  await writeWhole(draft, `${JSON.stringify(records, null, 2)}\n`, 0o600, ownerFor(file));
  await rename(draft, file);
}
