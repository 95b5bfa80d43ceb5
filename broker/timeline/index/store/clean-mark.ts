// The mark of a clean close: beside an index, the checksum of its whole file as it was then.
import { rmSync } from 'node:fs';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { limits } from '../../../../schemas/limits.js';

interface Checksum {
  bytes: number;
  crc: number;
}

export interface CleanMark extends Checksum {
  /** From the first write to this close, no write was left to a kill. */
  isUnbroken: boolean;
}

/** Beside the index. */
export const cleanMarkOf = (path: string) => `${path}-clean`;

/**
 * Marks a file that nobody writes any more. A file too large to be read within
 * `limits.index_mark_ms` gets no mark, and is looked through at the next open.
 */
export async function markClean(path: string, isUnbroken: boolean): Promise<void> {
  const whole = AbortSignal.timeout(limits.index_mark_ms);
  try {
    const mark: CleanMark = { ...(await checksumOf(path, whole)), isUnbroken };
    await writeFile(cleanMarkOf(path), JSON.stringify(mark), { mode: 0o600 });
  } catch {
    // The same holds for a full disk.
  }
}

/** Before the first write: the file is no longer what the mark tells. */
export function removeMark(path: string): void {
  rmSync(cleanMarkOf(path), { force: true });
}

/** The mark, if the file is the one that was marked, else null; undefined when none can be read. */
export async function fittingMark(
  path: string,
  stopping: AbortSignal,
): Promise<CleanMark | null | undefined> {
  const mark = markIn(await readFile(cleanMarkOf(path), 'utf8').catch(() => ''));
  if (mark === undefined) {
    await rm(cleanMarkOf(path), { force: true });
    return undefined;
  }
  if ((await stat(path)).size !== mark.bytes) return null;
  return (await checksumOf(path, stopping)).crc === mark.crc ? mark : null;
}

/** Rejects once the signal says that nobody waits. */
async function checksumOf(path: string, stopping: AbortSignal): Promise<Checksum> {
  const file = await open(path);
  try {
    const chunk = Buffer.allocUnsafe(limits.index_chunk_bytes);
    const mark = { bytes: 0, crc: 0 };
    for (;;) {
      stopping.throwIfAborted();
      const { bytesRead } = await file.read(chunk, 0, chunk.length, mark.bytes);
      if (bytesRead === 0) return mark;
      mark.crc = crc32(chunk.subarray(0, bytesRead), mark.crc);
      mark.bytes += bytesRead;
    }
  } finally {
    await file.close();
  }
}

function markIn(text: string): CleanMark | undefined {
  try {
    const { bytes, crc, isUnbroken } = JSON.parse(text);
    if (!Number.isSafeInteger(bytes) || !Number.isSafeInteger(crc)) return undefined;
    return { bytes, crc, isUnbroken: isUnbroken === true };
  } catch {
    return undefined;
  }
}
