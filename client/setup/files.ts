// Settings files on the disk: read as they are, replaced whole, with a copy of before beside them.
import {
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';
import { makeFolders, type Owner, ownerFor } from './owner.js';

/** A file as it was read. */
export interface SettingsFile {
  /** Where it lies, links followed. */
  real: string;
  /** Absent when there is none. */
  bytes?: Buffer;
  text?: string;
  mode?: number;
}

/** Somebody else wrote the file after it was read: what was planned for it is void. */
export class ChangedMeanwhile extends Error {}

/** Reads a file, or sees that there is none. A Failure for what should not be edited. */
export async function readSettings(path: string): Promise<SettingsFile> {
  const real = await realOf(path);
  const stats = await stat(real).catch(absent);
  if (stats === undefined) return { real };
  if (!stats.isFile()) throw new Failure('failed', `${path} is no file`);
  if (stats.size > limits.setup_file_bytes) {
    throw new Failure('failed', `${path} is larger than any settings are`);
  }
  const bytes = await readFile(real).catch(error => {
    throw new Failure('failed', `cannot read ${path}: ${why(error)}`);
  });
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { real, bytes, text, mode: stats.mode & 0o7777 };
  } catch {
    throw new Failure('failed', `${path} is not in UTF-8`);
  }
}

/** A link may lead to a file that is yet to be made. */
async function realOf(path: string): Promise<string> {
  let real = path;
  for (let hops = 0; hops < limits.setup_link_hops; hops += 1) {
    const found = await realpath(real).catch(absent);
    if (found !== undefined) return found;
    const target = await readlink(real).catch(() => undefined);
    if (target === undefined) return real;
    real = resolve(dirname(real), target);
  }
  throw new Failure('failed', `${path} is a link that leads nowhere`);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw new Failure('failed', `cannot read: ${why(error)}`);
}

/** A Failure for a file that its owner does not want written. */
export function demandWritable(path: string, { mode }: SettingsFile): void {
  if (mode === undefined || (mode & 0o222) !== 0) return;
  throw new Failure('failed', `${path} is read-only`, { hint: `chmod u+w ${path}` });
}

/** How a file is replaced. */
export interface Replacement {
  /** The text after; undefined for no file. */
  after: string | undefined;
  /** The mode of a file that there was not. */
  mode: number;
  /** Whether what there was is worth a copy. */
  keepsCopy: boolean;
}

/**
 * Puts the text in the place of what was read, at once and whole; the directories made for it.
 * Throws ChangedMeanwhile where the file is another by now.
 */
export async function replaceSettings(
  file: SettingsFile,
  { after, mode, keepsCopy }: Replacement,
): Promise<string[]> {
  const { real } = file;
  const made = after === undefined ? [] : makeDirectories(dirname(real));
  const draft = `${real}.signalbox-new-${process.pid}`;
  try {
    // One that a killed process of this number left.
    await rm(draft, { force: true });
    if (after !== undefined) await writeWhole(draft, after, file.mode ?? mode, ownerFor(real));
    await demandSame(file);
    if (keepsCopy && file.bytes !== undefined) await backUp(file);
    if (after === undefined) await rm(real);
    else await rename(draft, real);
    await dropCopies(real, after);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    if (error instanceof ChangedMeanwhile) throw error;
    throw new Failure('failed', `cannot write ${real}: ${why(error)}`);
  }
  return made;
}

/** Makes a file that there was not, on the disk when it resolves. */
export async function writeWhole(
  path: string,
  data: string | Buffer,
  mode: number,
  owner?: Owner,
): Promise<void> {
  const draft = await open(path, 'wx', mode);
  try {
    await draft.writeFile(data);
    if (owner !== undefined) await draft.chown(owner.uid, owner.gid);
    await draft.chmod(mode);
    await draft.sync();
  } finally {
    await draft.close();
  }
}

async function demandSame({ real, bytes }: SettingsFile): Promise<void> {
  const now = await readFile(real).catch(absent);
  const isSame = now === undefined || bytes === undefined ? now === bytes : now.equals(bytes);
  if (!isSame) throw new ChangedMeanwhile(`${real} was changed meanwhile`);
}

const COPY = '.signalbox-backup-';

async function backUp({ real, bytes = Buffer.of(), mode = 0o600 }: SettingsFile): Promise<void> {
  const time = new Date().toISOString().replace(/[-:]/g, '');
  await writeWhole(`${real}${COPY}${time}`, bytes, mode, ownerFor(real));
}

/** Only the newest copies stay, and none of what the file is again. */
async function dropCopies(real: string, after: string | undefined): Promise<void> {
  const names = await readdir(dirname(real)).catch(() => []);
  const copies = names.filter(name => name.startsWith(basename(real) + COPY)).sort();
  const old = new Set(copies.slice(0, -limits.setup_copies_files));
  for (const name of copies) {
    const copy = join(dirname(real), name);
    const isOf = async () => (await readFile(copy)).equals(Buffer.from(after ?? ''));
    if (old.has(name) || (after !== undefined && (await isOf()))) await rm(copy, { force: true });
  }
}

/** Those that there were not. */
function makeDirectories(path: string): string[] {
  try {
    return makeFolders(path);
  } catch (error) {
    throw new Failure('failed', `cannot make ${path}: ${why(error)}`);
  }
}

/** Removes those of these directories that are empty; the ones that are gone. */
export async function dropEmpty(directories: readonly string[]): Promise<string[]> {
  const gone: string[] = [];
  for (const path of directories.toSorted((a, b) => b.length - a.length)) {
    const isGone = await rmdir(path).then(
      () => true,
      ({ code }: NodeJS.ErrnoException) => code === 'ENOENT',
    );
    if (isGone) gone.push(path);
  }
  return gone;
}
