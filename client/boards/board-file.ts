// A board that is a file: read without harm, replaced whole, and never over somebody else's change.
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';

/** A file as it was read. */
export interface BoardFile {
  /** Where it lies, links followed. */
  path: string;
  bytes: Buffer;
  text: string;
  stat: Stats;
}

/** Where a path leads. Throws a Failure where nothing is. */
export function placeOfBoard(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw new Failure('unknown', `there is no board at ${path}: ${why(error)}`, {
      hint: 'name another: signalbox board scan --board md:PATH',
    });
  }
}

/** The file. Throws a Failure for what is no text file, or too long. */
export function readBoardFile(path: string): BoardFile {
  const bad = (what: string) => new Failure('failed', `cannot read the board ${path}: ${what}`);
  let handle: number;
  try {
    // A pipe is not waited for.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw bad(why(error));
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw bad('it is no file');
    if (stat.size > limits.board_file_bytes) {
      throw bad(`it is longer than ${limits.board_file_bytes / 1_048_576} MiB`);
    }
    const bytes = wholeOf(handle, stat.size);
    const text = textOf(bytes);
    if (text === undefined || text.includes('\0')) throw bad('it is no text in UTF-8');
    return { path, bytes, text, stat };
  } catch (error) {
    throw error instanceof Failure ? error : bad(why(error));
  } finally {
    closeSync(handle);
  }
}

/**
 * Puts a text in the place of a file that is still as it was read: false where somebody else has
 * written it meanwhile. Its mode and owner stay. Throws a Failure where it may not be written.
 */
export function replaceBoardFile({ path, bytes, stat }: BoardFile, text: string): boolean {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.signalbox`);
  let before: number | undefined;
  try {
    // Root may write anything: a file that nobody may write says that it is not to change.
    if ((stat.mode & 0o222) === 0) throw new Error('it is read-only');
    accessSync(path, constants.W_OK);
    writeDraft(draft, text, stat);
    before = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!isAsRead(before, { bytes, stat })) {
      rmSync(draft, { force: true });
      return false;
    }
    renameSync(draft, path);
    // Who writes into a file rather than replace it may have done so in the last moment.
    if (isAsRead(before, { bytes, stat })) return true;
    const theirs = wholeOf(before, fstatSync(before).size);
    writeDraft(draft, theirs, stat);
    renameSync(draft, path);
    return false;
  } catch (error) {
    rmSync(draft, { force: true });
    throw new Failure('failed', `cannot write the board ${path}: ${why(error)}`, {
      hint: 'nothing was changed; make the file and its folder yours to write',
    });
  } finally {
    if (before !== undefined) closeSync(before);
  }
}

function writeDraft(draft: string, content: string | Buffer, { mode, uid, gid }: Stats): void {
  rmSync(draft, { force: true });
  const handle = openSync(draft, 'wx', mode & 0o777);
  try {
    writeFileSync(handle, content);
    const own = fstatSync(handle);
    if (own.uid !== uid || own.gid !== gid) fchownSync(handle, uid, gid);
    // What it was made with went through the umask, and who shares the file would be shut out.
    fchmodSync(handle, mode & 0o777);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isAsRead(handle: number, { bytes, stat }: Pick<BoardFile, 'bytes' | 'stat'>): boolean {
  const now = fstatSync(handle);
  return (
    now.ino === stat.ino && now.size === bytes.length && wholeOf(handle, now.size).equals(bytes)
  );
}

function wholeOf(handle: number, size: number): Buffer {
  const bytes = Buffer.alloc(size + 1);
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(handle, bytes, length, bytes.length - length, length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/** With a byte order mark where there is one: nothing of a file is lost on its way. */
function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
