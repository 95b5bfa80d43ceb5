// The disk below a workspace: looked at without following a link, written whole or not at all.
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { ownerFor } from '../setup/owner.js';
import { isSystemError, why } from '../terminal/why.js';

/** What stands at a path. */
export type FoundPart =
  | { is: 'nothing' }
  /** Without a text where it is not UTF-8. */
  | { is: 'file'; bytes: Buffer; text?: string; mode: number }
  | { is: 'link'; target: string }
  | { is: 'folder' }
  /** What is not to be read or written, in words that go on behind its path. */
  | { is: 'blocked'; why: string };

/** Looks at a path below a folder, which is a real path; nothing is thrown. */
export function lookAt(root: string, path: string): FoundPart {
  const steps = path.split('/');
  for (let at = 1; at <= steps.length; at += 1) {
    const step = steps.slice(0, at).join('/');
    try {
      const stats = lstatSync(join(root, step), { throwIfNoEntry: false });
      const other = stats === undefined ? spelledOtherwise(root, step) : undefined;
      if (other !== undefined) return blocked(`${other} is there, the same to other systems`);
      if (stats === undefined) return { is: 'nothing' };
      if (at === steps.length) return leafOf(join(root, step), stats);
      if (stats.isSymbolicLink()) return blocked(`${step} is a link, and none is followed`);
      if (!stats.isDirectory()) return blocked(`${step} is no folder`);
    } catch (error) {
      return blocked(`cannot be read: ${why(error)}`);
    }
  }
  return { is: 'nothing' };
}

function blocked(words: string): FoundPart {
  return { is: 'blocked', why: words };
}

function leafOf(file: string, stats: NonNullable<ReturnType<typeof lstatSync>>): FoundPart {
  if (stats.isSymbolicLink()) return { is: 'link', target: readlinkSync(file) };
  if (stats.isDirectory()) return { is: 'folder' };
  if (!stats.isFile()) return blocked('is no file');
  if (Number(stats.size) > limits.setup_file_bytes) return blocked('is larger than any of ours');
  const bytes = readFileSync(file);
  const mode = Number(stats.mode) & 0o7777;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { is: 'file', bytes, text, mode };
  } catch {
    return { is: 'file', bytes, mode };
  }
}

/** A name beside it that differs by case alone. */
function spelledOtherwise(root: string, path: string): string | undefined {
  const name = basename(path);
  const room = dirname(join(root, path));
  if (lstatSync(room, { throwIfNoEntry: false }) === undefined) return undefined;
  // One of the very name has just been made by another process.
  const isOther = (each: string) => each !== name && each.toLowerCase() === name.toLowerCase();
  return readdirSync(room).find(isOther);
}

/** Where a link within the folder leads to a file in it, that file's path; else undefined. */
export function linkedFile(root: string, path: string): string | undefined {
  try {
    const real = realpathSync(join(root, path));
    if (!real.startsWith(root + sep) || !lstatSync(real).isFile()) return undefined;
    return real
      .slice(root.length + 1)
      .split(sep)
      .join('/');
  } catch {
    return undefined;
  }
}

/** Clears away what a process that is no more left, where that may be. */
export function clearDeadDrafts(root: string): void {
  try {
    for (const path of deadDrafts(root)) rmSync(path, { recursive: true, force: true });
  } catch {
    // The next run that writes clears it away, or says why not.
  }
}

/** Whether a process that is no more left what is half written. */
export function hasDeadDrafts(root: string): boolean {
  try {
    return deadDrafts(root).length > 0;
  } catch {
    return false;
  }
}

function deadDrafts(root: string): string[] {
  const room = join(root, '.signalbox');
  const isDead = (name: string) => {
    const [, pid] = /^draft-(\d+)$/.exec(name) ?? [];
    return pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)));
  };
  return readdirSync(room)
    .filter(isDead)
    .map(name => join(room, name));
}

/** Writes below one folder; what is half written lies in a folder of drafts, and nowhere else. */
export class WorkspaceDisk {
  readonly #root: string;
  readonly #drafts: string;
  #count = 0;

  /** Makes the room of the marker, and clears away the drafts of processes that are no more. */
  constructor(root: string) {
    this.#root = root;
    this.#drafts = join(root, '.signalbox', `draft-${process.pid}`);
    this.#makeFolder('.signalbox');
    for (const path of deadDrafts(root)) rmSync(path, { recursive: true, force: true });
    mkdirSync(this.#drafts, { mode: 0o700 });
  }

  /** Ends the writing. */
  close(): void {
    rmSync(this.#drafts, { recursive: true, force: true });
  }

  /** Whether this file system has symbolic links, and this user may make them. */
  canLink(): boolean {
    try {
      symlinkSync('nowhere', this.#nextDraft());
      return true;
    } catch (error) {
      if (NO_LINKS.includes(codeOf(error))) return false;
      throw error;
    }
  }

  /** Makes a file that there was not; false where there is something by now. */
  create(path: string, text: string): boolean {
    const draft = this.#draft(path, text);
    const file = join(this.#root, path);
    try {
      // Unlike a rename, it replaces nothing.
      linkSync(draft, file);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      if (!NO_LINKS.includes(codeOf(error))) throw error;
      return copyNew(draft, file);
    } finally {
      rmSync(draft, { force: true });
    }
    return true;
  }

  /** Puts a text in the place of what was read; false where that is another by now. */
  replace(path: string, before: { bytes: Buffer; mode: number }, text: string): boolean {
    const draft = this.#draft(path, text, before.mode);
    const now = lookAt(this.#root, path);
    if (now.is !== 'file' || !now.bytes.equals(before.bytes)) return false;
    renameSync(draft, join(this.#root, path));
    return true;
  }

  /** Writes a file of ours, whatever there was. */
  put(path: string, text: string): void {
    renameSync(this.#draft(path, text), join(this.#root, path));
  }

  /** Makes a link that there was not; false where there is something by now. */
  link(path: string, target: string): boolean {
    this.#makeFolder(dirname(path));
    try {
      symlinkSync(target, join(this.#root, path));
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    const owner = ownerFor(dirname(join(this.#root, path)));
    if (owner !== undefined) lchownSync(join(this.#root, path), owner.uid, owner.gid);
    return true;
  }

  /** Keeps what was read beside its file, under a name that tells. */
  keepCopy(path: string, bytes: Buffer): string {
    const time = new Date().toISOString().replace(/[-:]/g, '');
    const copy = `${path}.signalbox-backup-${time}`;
    writeFileSync(join(this.#root, copy), bytes, { flag: 'wx' });
    return copy;
  }

  /** Removes a file or link, and the folders above it that are then empty. */
  remove(path: string): void {
    rmSync(join(this.#root, path));
    for (let at = dirname(path); at !== '.'; at = dirname(at)) {
      try {
        rmdirSync(join(this.#root, at));
      } catch {
        return;
      }
    }
  }

  #draft(path: string, text: string, mode?: number): string {
    this.#makeFolder(dirname(path));
    const draft = this.#nextDraft();
    const handle = openSync(draft, 'wx');
    try {
      writeFileSync(handle, text);
      if (mode !== undefined) fchmodSync(handle, mode);
      const owner = ownerFor(join(this.#root, path));
      if (owner !== undefined) fchownSync(handle, owner.uid, owner.gid);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    return draft;
  }

  #nextDraft(): string {
    this.#count += 1;
    return join(this.#drafts, `${this.#count}`);
  }

  /** Makes the folders of a path that there are not. Throws where a link stands in the way. */
  #makeFolder(path: string): void {
    if (path === '.') return;
    this.#makeFolder(dirname(path));
    const folder = join(this.#root, path);
    try {
      mkdirSync(folder);
      const owner = ownerFor(dirname(folder));
      if (owner !== undefined) lchownSync(folder, owner.uid, owner.gid);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (!lstatSync(folder).isDirectory()) throw new Error(`${path} is no folder`);
    }
  }
}

const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL'];

function codeOf(error: unknown): string {
  return isSystemError(error) ? String(error.code) : '';
}

function copyNew(draft: string, file: string): boolean {
  try {
    copyFileSync(draft, file, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}
