// Worktrees as git lists them, their own files of git, and the mark in there of who made one.
import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { git, partsOf } from './git.js';
import { replaceFile } from './own-files.js';

/** A worktree that a spawn made. */
export interface OwnTree {
  /** Its top, as a real path. */
  path: string;
  branch: string;
  /** The main worktree of its repository, or the bare repository. */
  main: string;
  /** The commit that it began at. */
  start: string;
  /** The branch that it is to be merged into; absent where it began at no branch. */
  base?: string;
  /** True where the branch was made with it. */
  isNewBranch: boolean;
  /** What its mark has to say: a random word, which only whoever made it knows. */
  owner: string;
}

/** One worktree as git lists it. */
export interface ListedTree {
  path: string;
  head?: string;
  /** The short name of its branch; absent where HEAD is detached, or it is bare. */
  branch?: string;
  isBare: boolean;
  /** Why it is locked, or that it is. */
  locked?: string;
}

/** Every worktree of the repository that a folder is in, the main one first. */
export async function listTrees(cwd: string): Promise<ListedTree[]> {
  const text = await git(cwd, ['worktree', 'list', '--porcelain', '-z']);
  // Records end with an empty line, that is with two NULs in a row.
  return text.split('\0\0').flatMap(record => {
    const lines = partsOf(record).map(line => /^(\S+)(?: ([\s\S]*))?$/.exec(line) ?? []);
    const said = new Map(lines.map(([, key = '', value = '']) => [key, value]));
    const path = said.get('worktree');
    if (path === undefined) return [];
    const [head, ref, locked] = [said.get('HEAD'), said.get('branch'), said.get('locked')];
    return {
      path,
      isBare: said.has('bare'),
      ...(head && { head }),
      ...(ref && { branch: ref.replace(/^refs\/heads\//, '') }),
      ...(locked !== undefined && { locked: locked || 'no reason given' }),
    };
  });
}

/** The reason of the lock under which a worktree is made: nobody was told of it yet. */
export function lockOf({ owner }: OwnTree): string {
  return `signalbox ${owner}`;
}

/** Where git keeps what is a worktree's own; undefined for a folder that is no linked worktree. */
export function gitFolder(path: string): string | undefined {
  try {
    const [, target] = /^gitdir: (.+)$/m.exec(readFileSync(join(path, '.git'), 'utf8')) ?? [];
    const folder = target === undefined ? undefined : resolve(path, target.trim());
    // A submodule has such a file too, and no folder among those of worktrees.
    return folder !== undefined && basename(dirname(folder)) === 'worktrees' ? folder : undefined;
  } catch {
    return undefined;
  }
}

const MARK = 'signalbox-owner.json';

/** Who a worktree says it belongs to, in its files of git; undefined where no spawn made it. */
export function markOf(folder: string | undefined): string | undefined {
  try {
    const { owner } = Object(JSON.parse(readFileSync(join(folder ?? '', MARK), 'utf8')));
    return folder !== undefined && typeof owner === 'string' ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Marks one as its owner's. */
export function writeMark(folder: string, { owner }: OwnTree): void {
  replaceFile(join(folder, MARK), JSON.stringify({ owner }));
}

/** True for two spellings of one folder, which need not be there. */
export function isSame(one: string, other: string): boolean {
  return real(one) === real(other);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
