// Disk space: whether there is any left to write.
import { statfsSync } from 'node:fs';
import { limits } from '../../schemas/limits.js';

/** True when a server that starts anew would find no space to write. */
export function isFull(dataDir: string): boolean {
  const { bavail, bsize } = statfsSync(dataDir);
  return bavail * bsize < limits.stuck_free_bytes;
}

/** The same of a directory that may not even be there. */
export function hasNoSpace(dataDir: string): boolean {
  try {
    return isFull(dataDir);
  } catch {
    return false;
  }
}
