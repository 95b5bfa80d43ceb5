// Writing a new file whole or not at all (atomic commit): a draft beside it gets its name last.
import { rmSync } from 'node:fs';
import { type FileHandle, link, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import { isSystemError, why } from '../../terminal/why.js';
import { commandOf } from '../reach/process.js';

const DRAFT = /\.(\d{1,10})\.part$/;

/** Where the lines of a draft go; `path` is the draft's own, once it is to be checked. */
export interface Draft {
  readonly path: string;
  write(lines: readonly string[]): Promise<void>;
  /** All that was written is on the disk. */
  sync(): Promise<void>;
}

/**
 * Calls `fill` with a draft beside `file`, which is named so when that has resolved. Throws a
 * Failure when `file` is there already, or cannot be written; nothing is left then. What a run
 * left that was killed is removed, and said.
 */
export async function writeNew<T>(
  file: string,
  say: (line: string) => void,
  fill: (draft: Draft) => Promise<T>,
): Promise<T> {
  const failed = (error: unknown) =>
    isSystemError(error) ? new Failure('failed', `cannot write ${file}: ${why(error)}`) : error;
  await clearLeft(file, say);
  if ((await lstat(file).catch(() => undefined)) !== undefined) {
    throw new Failure('failed', `cannot write ${file}: it exists, and nothing is written over`);
  }
  const path = `${file}.${process.pid}.part`;
  const handle = await open(path, 'wx', 0o600).catch(error => {
    throw failed(error);
  });
  // A signal ends the process at once.
  const drop = () => rmSync(path, { force: true });
  process.on('exit', drop);
  try {
    const told = await fill(draftOf(path, handle, failed));
    await handle.close();
    await named(path, file).catch(error => {
      throw failed(error);
    });
    return told;
  } finally {
    await handle.close().catch(() => {});
    await rm(path, { force: true });
    process.removeListener('exit', drop);
  }
}

function draftOf(path: string, handle: FileHandle, failed: (error: unknown) => unknown): Draft {
  const unless = (work: Promise<void>) =>
    work.catch(error => {
      throw failed(error);
    });
  return {
    path,
    write: lines => unless(handle.writeFile(`${lines.join('\n')}\n`)),
    sync: () => unless(handle.sync()),
  };
}

/** A link never writes over what came there meanwhile; not every file system has them. */
async function named(draft: string, file: string): Promise<void> {
  await link(draft, file).catch(error => {
    if (error.code === 'EEXIST') throw error;
    return rename(draft, file);
  });
  const folder = await open(dirname(file));
  await folder.sync().finally(() => folder.close());
}

/** Drafts of this file whose process is gone. */
async function clearLeft(file: string, say: (line: string) => void): Promise<void> {
  const folder = dirname(file);
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = DRAFT.exec(name)?.[1];
    if (pid === undefined || name !== `${basename(file)}.${pid}.part`) continue;
    if ((await commandOf(Number(pid))) !== undefined) continue;
    await rm(join(folder, name), { force: true });
    say(`removed ${oneLine(name, 200)}, which a run left that was killed`);
  }
}
