// Changes a config file: one key, every other line as it was, whole or not at all.
import {
  accessSync,
  closeSync,
  constants,
  fchownSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders, ownerFor } from '../../setup/owner.js';
import { Failure } from '../../terminal/exit.js';
import { why } from '../../terminal/why.js';
import { faultOf, type KeyName } from './keys.js';
import { faultIn, valuesOf } from './settings.js';
import { demandOwn, readSmallFile } from './small-file.js';

/** A file, and whether it is one of a project. */
export interface ConfigFile {
  file: string;
  isProject: boolean;
}

/**
 * Sets a key, or takes it out where the value is undefined; false where nothing was to be done.
 * Throws a Failure for what may not be said, a file with a fault, or one not to be written.
 */
export async function setKey(
  { file, isProject }: ConfigFile,
  key: KeyName,
  value: string | undefined,
): Promise<boolean> {
  const fault = value === undefined ? undefined : faultOf(key, value, isProject);
  if (fault !== undefined) throw new Failure('usage', fault.message, { hint: fault.hint });
  const { ConfigFault, entriesOf, withKey } = await import('./document.js');
  const found = readSmallFile(file);
  if (found !== undefined && !isProject) demandOwn(file, found);
  const before = found?.text ?? '';
  try {
    valuesOf(file, isProject, before, entriesOf(before));
    const after = withKey(before, key, value);
    if (after === before) return false;
    // What cannot be read back as it was meant is not written.
    const values = valuesOf(file, isProject, after, entriesOf(after));
    if (values[key] !== value)
      throw new Failure('failed', `${file} is written in a way of its own`);
    replaceFile(file, after, found?.mode ?? (isProject ? 0o644 : 0o600));
    return true;
  } catch (error) {
    throw error instanceof ConfigFault ? faultIn(file, error, error) : error;
  }
}

/** A link, as those who keep such files elsewhere make, stays one. */
function replaceFile(file: string, text: string, mode: number): void {
  const target = realOf(file);
  const draft = `${target}.${process.pid}`;
  try {
    makeFolders(dirname(target));
    if (target !== file || realExists(target)) accessSync(target, constants.W_OK);
    rmSync(draft, { force: true });
    const handle = openSync(draft, 'wx', mode);
    try {
      writeFileSync(handle, text);
      const owner = ownerFor(target);
      if (owner !== undefined) fchownSync(handle, owner.uid, owner.gid);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new Failure('failed', `cannot write ${file}: ${why(error)}`);
  }
}

function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function realExists(file: string): boolean {
  try {
    accessSync(file, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}
