// Files of a workspace written whole or not at all: a first one never over what is there.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ownerFor } from '../setup/owner.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';

/** Writes a file where there is none; false where something has its name. Throws a Failure. */
export function writeFirst(file: string, bytes: Buffer): boolean {
  return drafted(file, bytes, 0o644, draft => {
    try {
      placeFirst(draft, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  });
}

/** A disk without hard links gets a copy, which a kill may cut short. */
function placeFirst(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
  }
}

/** Writes a file that is there, with the rights that it has. Throws a Failure. */
export function writeOver(file: string, bytes: Buffer): void {
  drafted(file, bytes, lstatSync(file).mode & 0o777, draft => renameSync(draft, file));
}

/** Beside the file, so that it takes its place in one step. */
function drafted<T>(file: string, bytes: Buffer, mode: number, place: (draft: string) => T): T {
  const draft = join(dirname(file), `.signalbox-${randomBytes(6).toString('hex')}`);
  try {
    const owner = ownerFor(file);
    const handle = openSync(draft, 'wx', mode);
    try {
      writeFileSync(handle, bytes);
      // What the umask has taken away from the rights that it had.
      if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) fchmodSync(handle, mode);
      if (owner !== undefined) fchownSync(handle, owner.uid, owner.gid);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    return place(draft);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('failed', `cannot write ${file}: ${why(error)}`);
  } finally {
    rmSync(draft, { force: true });
  }
}
