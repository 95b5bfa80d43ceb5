// Disk space: the log's byte limit is kept below what is free, and raised as space allows.
import { statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { limits } from '../../schemas/limits.js';
import type { JetStreamLog } from './jetstream.js';

/** How large the stream may be on its disk: what it holds and a share of what is free. */
export async function roomFor(dataDir: string, usedBytes: number): Promise<number> {
  const { bavail, bsize } = await statfs(dataDir);
  return usedBytes + Math.floor(bavail * bsize * limits.stream_free_share_ratio);
}

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

/** Adjusts the limit now and then, until the returned function is called. */
export function keepRoom(log: JetStreamLog, dataDir: string, warn: (line: string) => void) {
  const adjust = async () => {
    const { bytes, maxBytes } = await log.streamBytes();
    const room = await roomFor(dataDir, bytes);
    // Small swings of the disk are no reason to change the stream.
    if (Math.abs(room - maxBytes) > maxBytes / 10) await log.resize(room);
  };
  const timer = setInterval(() => {
    adjust().catch(error => warn(`the log's byte limit was not adjusted: ${error.message}`));
  }, limits.stream_room_every_ms);
  return () => clearInterval(timer);
}
