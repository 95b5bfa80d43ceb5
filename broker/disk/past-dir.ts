// The directory of past states: a file for each starting point, named by what it is of.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that is there, by its name alone. */
export interface PastFile {
  file: string;
  sequence: number;
  /** The first 16 digits of the rolling digest there. */
  digest: string;
  /** Of the program that wrote it. */
  fold: string;
  bytes: number;
}

const NAME = /^(\d{16})-([0-9a-f]{16})-([\w.]+)\.past$/;

/** Where the past states of a data directory lie. */
export const pastDir = (dataDir: string) => join(dataDir, 'past');

/** The name of a state at a commit; `digest` is hex. */
export function pastName({ sequence, digest, fold }: Omit<PastFile, 'file' | 'bytes'>): string {
  return `${String(sequence).padStart(16, '0')}-${digest.slice(0, 16)}-${fold}.past`;
}

/** Those that are there, the oldest first. Throws as the system does. */
export async function pastFilesIn(dataDir: string): Promise<PastFile[]> {
  const dir = pastDir(dataDir);
  const found: PastFile[] = [];
  for (const name of (await readdir(dir)).sort()) {
    const [, sequence, digest = '', fold = ''] = NAME.exec(name) ?? [];
    if (sequence === undefined) continue;
    const file = join(dir, name);
    const { size: bytes } = await stat(file).catch(() => ({ size: 0 }));
    found.push({ file, sequence: +sequence, digest, fold, bytes });
  }
  return found;
}
