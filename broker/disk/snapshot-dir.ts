// The directory of the snapshots: their names, the newest of which are kept.
import { mkdir, readdir, rm, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { pastDir } from './past-dir.js';

/** What a snapshot is of; its name says so too. */
export interface SnapshotAddress {
  /** The log id. */
  log: string;
  sequence: number;
  /** The rolling digest there, hex. */
  digest: string;
}

/** One that is there, by its name alone. */
export interface NamedSnapshot {
  file: string;
  name: string;
  sequence: number;
}

const NAME = /^(\d{16})-[0-9a-f]{16}-[\w.%~-]+\.snapshot$/;

/** Where the snapshots of a data directory lie. */
export const snapshotDir = (dataDir: string) => join(dataDir, 'snapshots');

/**
 * A name by what it is of.
 * https://en.wikipedia.org/wiki/Content-addressable_storage
 */
export function snapshotName({ log, sequence, digest }: SnapshotAddress): string {
  const safe = encodeURIComponent(log).replaceAll(/[^\w.%~-]/g, '_');
  const place = String(sequence).padStart(16, '0');
  return `${place}-${digest.slice(0, 16)}-${safe.slice(0, limits.label_chars / 2)}.snapshot`;
}

/** Those that are there, the newest first; none without a directory. Throws as the system does. */
export async function snapshotsIn(dataDir: string): Promise<NamedSnapshot[]> {
  const dir = snapshotDir(dataDir);
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = names.flatMap(name => {
    const sequence = NAME.exec(name)?.[1];
    return sequence === undefined ? [] : [{ file: join(dir, name), name, sequence: +sequence }];
  });
  return found.sort((a, b) => b.sequence - a.sequence || (a.name < b.name ? -1 : 1));
}

/** Makes the directory of the snapshots; see `prepareDir`. */
export const prepareSnapshots = (dataDir: string) => prepareDir(snapshotDir(dataDir));

/** Makes a directory (0700), and removes what was never finished in it. */
export async function prepareDir(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const drafts = (await readdir(dir)).filter(name => name.endsWith('.draft'));
  for (const name of drafts) await unlink(join(dir, name)).catch(() => {});
}

/** Removes all but the one just written and the newest of the others. */
export async function keepSnapshots(dataDir: string, written: string): Promise<void> {
  const others = (await snapshotsIn(dataDir)).filter(({ name }) => name !== written);
  for (const { file } of others.slice(limits.snapshot_files - 1)) await unlink(file);
}

/** Nothing is gone on from any more, as after an accepted loss. */
export async function forgetSnapshots(dataDir: string): Promise<void> {
  for (const dir of [snapshotDir(dataDir), pastDir(dataDir)]) {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The bytes that this user may still write there. */
export async function freeBytes(dataDir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dataDir);
  return bavail * bsize;
}
