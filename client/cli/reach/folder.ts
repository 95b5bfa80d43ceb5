// Where a shell stands: the top folder of its work tree, and the project that it is a part of.
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

export interface Folder {
  /** The top of the work tree; without one, the directory itself. */
  top: string;
  /** The repository's own folder, also from a linked work tree. */
  project: string;
}

/** Reads no more than git's own small files, and needs no git. */
export function folderOf(directory: string): Folder {
  for (let at = directory; ; at = dirname(at)) {
    const entry = join(at, '.git');
    const repository = isDirectory(entry) ? at : linkedTo(entry);
    if (repository !== undefined) return { top: at, project: basename(repository) };
    if (dirname(at) === at) return { top: directory, project: basename(directory) };
  }
}

/** The repository that a `.git` file leads to; undefined when there is no such file. */
function linkedTo(file: string): string | undefined {
  const [, target] = /^gitdir: (.+)$/m.exec(read(file)) ?? [];
  if (target === undefined) return undefined;
  const gitDir = resolve(dirname(file), target.trim());
  const common = read(join(gitDir, 'commondir')).trim();
  // A submodule has no common directory: it is a repository of its own, where the file lies.
  if (common === '') return dirname(file);
  const shared = resolve(gitDir, common);
  return basename(shared) === '.git' ? dirname(shared) : shared.replace(/\.git$/, '');
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // A folder that may not be looked into is nobody's work tree here.
    return false;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
