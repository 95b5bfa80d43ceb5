// Where a shell stands: the top folder of its work tree, and the project that it is a part of.
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

export interface Folder {
  /** The top of the work tree; without one, the directory itself. */
  top: string;
  /** What the repository's own folder is called, also from a linked work tree. */
  project: string;
  /** Where that folder is, and where git keeps what all of its work trees share. */
  repository?: Repository;
}

export interface Repository {
  folder: string;
  git: string;
}

/** Reads no more than git's own small files, and needs no git. */
export function folderOf(directory: string): Folder {
  for (let at = directory; ; at = dirname(at)) {
    const entry = join(at, '.git');
    const repository = isDirectory(entry) ? { folder: at, git: entry } : linkedTo(entry);
    if (repository !== undefined) {
      return { top: at, project: basename(repository.folder), repository };
    }
    if (dirname(at) === at) return { top: directory, project: basename(directory) };
  }
}

/** The repository that a `.git` file leads to; undefined when there is no such file. */
function linkedTo(file: string): Repository | undefined {
  const [, target] = /^gitdir: (.+)$/m.exec(readText(file)) ?? [];
  if (target === undefined) return undefined;
  const gitDir = resolve(dirname(file), target.trim());
  const common = readText(join(gitDir, 'commondir')).trim();
  // A submodule has no common directory: it is a repository of its own, where the file lies.
  if (common === '') return { folder: dirname(file), git: gitDir };
  const git = resolve(gitDir, common);
  const folder = basename(git) === '.git' ? dirname(git) : git.replace(/\.git$/, '');
  return { folder, git };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // A folder that may not be looked into is nobody's work tree here.
    return false;
  }
}

/** A small file as text; nothing where it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
