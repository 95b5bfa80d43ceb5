// Bounded read of a text file that has to lie within a folder: no link out, no pipe, no device.
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { why } from '../terminal/why.js';

/** What was read, or why nothing was. */
export type InnerFile =
  | { text: string; isWhole: boolean; mtime: number; fault?: undefined }
  | { fault: string };

/**
 * As much of a file as is read at most; undefined where there is none. A link may lead elsewhere
 * in the folder, never out of it: a cloned repository could name any file of its reader's.
 * https://cwe.mitre.org/data/definitions/59.html
 */
export function readInner(folder: string, file: string): InnerFile | undefined {
  try {
    const real = realpathSync(file);
    if (!isWithin(realpathSync(folder), real)) return { fault: 'it is a link out of its folder' };
    const found = readStraight(real);
    const text = decoded(found.bytes, found.isWhole);
    if (text === undefined) return { fault: 'it is no text in UTF-8' };
    return { text, isWhole: found.isWhole, mtime: found.mtime };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code)) return undefined;
    return { fault: why(error) };
  }
}

/** The bytes of a file that is no link, as many as are read at most. Throws for what is none. */
export function readStraight(file: string): { bytes: Buffer; isWhole: boolean; mtime: number } {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW = 0 } = constants;
  const handle = openSync(file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const found = fstatSync(handle);
    if (!found.isFile()) throw new Error('it is no file');
    const bytes = Buffer.alloc(Math.min(found.size, limits.workspace_file_bytes));
    const length = readSync(handle, bytes, 0, bytes.length, 0);
    const isWhole = found.size <= limits.workspace_file_bytes;
    return { bytes: bytes.subarray(0, length), isWhole, mtime: found.mtimeMs };
  } finally {
    closeSync(handle);
  }
}

/** What was cut may end in half a character. */
function decoded(bytes: Uint8Array, isWhole: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole });
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function isWithin(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
