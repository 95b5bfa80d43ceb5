// A small text file, read without harm: no pipe is waited for, no device read, nothing too long.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import { decoded } from '../reach/decode.js';

/** What was read. */
export interface SmallFile {
  text: string;
  /** Permission bits. */
  mode: number;
}

/** The file, or undefined where there is none. Throws a Failure that says what is wrong with it. */
export function readSmallFile(path: string): SmallFile | undefined {
  const bad = (what: string) => {
    const hint = `move it away, or write it anew: ${path}`;
    return new Failure('failed', `cannot use ${path}: ${what}`, { hint });
  };
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code ?? '')) return undefined;
    throw bad(why(error));
  }
  try {
    const found = fstatSync(handle);
    if (!found.isFile()) throw bad('it is no file');
    if (found.size > limits.config_bytes) {
      throw bad(`it is longer than ${limits.config_bytes / 1_024} KiB`);
    }
    const bytes = Buffer.alloc(limits.config_bytes);
    const length = readSync(handle, bytes, 0, bytes.length, 0);
    const text = decoded(bytes.subarray(0, length));
    if (text === undefined || text.includes('\0')) throw bad('it is no text');
    return { text: text.replace(/^\ufeff/, ''), mode: found.mode & 0o777 };
  } catch (error) {
    throw error instanceof Failure ? error : bad(why(error));
  } finally {
    closeSync(handle);
  }
}

/** Refuses what every user of the machine may write. Throws a Failure. */
export function demandOwn(path: string, { mode }: SmallFile): void {
  if ((mode & 0o002) === 0) return;
  throw new Failure('unauthorised', `others may write ${path}`, { hint: `chmod o-w '${path}'` });
}
