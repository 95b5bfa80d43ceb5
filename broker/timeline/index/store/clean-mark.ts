// The mark of a clean close: beside an index, the checksum of its whole file as it was then.
import { rmSync } from 'node:fs';
import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { limits } from '../../../../schemas/limits.js';

interface CleanMark {
  bytes: number;
  crc: number;
}

/** Beside the index. */
export const cleanMarkOf = (path: string) => `${path}-clean`;

/**
 * Marks a file that nobody writes any more. A file too large to be read within
 * `limits.index_mark_ms` gets no mark, and is looked through at the next open.
 */
export async function markClean(path: string): Promise<void> {
  const whole = AbortSignal.timeout(limits.index_mark_ms);
  try {
    const mark = await markOf(path, whole);
    await writeFile(cleanMarkOf(path), JSON.stringify(mark), { mode: 0o600 });
  } catch {
    // The same holds for a full disk.
  }
}

/** Before the first write: the file is no longer what the mark tells. */
export function removeMark(path: string): void {
  rmSync(cleanMarkOf(path), { force: true });
}

/** Whether the file is the one that was marked; undefined when no mark can be read. */
export async function isAsMarked(
  path: string,
  stopping: AbortSignal,
): Promise<boolean | undefined> {
  const mark = markIn(await readFile(cleanMarkOf(path), 'utf8').catch(() => ''));
  if (mark === undefined) {
    await rm(cleanMarkOf(path), { force: true });
    return undefined;
  }
  if ((await stat(path)).size !== mark.bytes) return false;
  return (await markOf(path, stopping)).crc === mark.crc;
}

/** Rejects once the signal says that nobody waits. */
async function markOf(path: string, stopping: AbortSignal): Promise<CleanMark> {
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
    const { bytes, crc } = JSON.parse(text);
    return Number.isSafeInteger(bytes) && Number.isSafeInteger(crc) ? { bytes, crc } : undefined;
  } catch {
    return undefined;
  }
}
