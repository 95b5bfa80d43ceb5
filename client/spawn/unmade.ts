// A worktree whose making was killed: it is still locked with its owner's word, and has no mark.
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../terminal/exit.js';
import { git, partsOf } from './git.js';
import { calledOf, processesNaming } from './proof.js';
import { gitFolder, isSame, listTrees, lockOf, markOf, type OwnTree } from './worktree-files.js';

/** True for one that was not made to its end, so that nobody was told of it. */
export async function isUnmade(tree: OwnTree): Promise<boolean> {
  const trees = await listTrees(tree.main).catch(() => []);
  const there = trees.find(({ path }) => isSame(path, tree.path));
  return there?.locked === lockOf(tree) && markOf(gitFolder(tree.path)) === undefined;
}

/**
 * What in it is not as the commit has it, though files may be missing: somebody has worked there,
 * or a git that outlived its caller is at it still.
 */
export async function workInUnmade({ path, start }: OwnTree): Promise<string | undefined> {
  const [busy] = processesNaming(path);
  if (busy !== undefined) return `process ${busy} is at work there: ${calledOf(busy)}`;
  const folder = gitFolder(path);
  // Without its file of git it is as good as empty.
  if (folder === undefined) return existsSync(path) ? readdirSync(path)[0] : undefined;
  // Its own index may not be written yet.
  const index = join(folder, 'signalbox-index');
  const env = { GIT_INDEX_FILE: index };
  try {
    await git(path, ['read-tree', start], { env });
    const words = ['--porcelain', '-z', '--untracked-files=all', '--ignored=matching'];
    const text = await git(path, ['status', ...words, '--no-renames'], { env });
    const [changed] = partsOf(text).filter(entry => !entry.startsWith(' D '));
    return changed?.slice(3);
  } finally {
    for (const file of [index, `${index}.lock`]) rmSync(file, { force: true });
  }
}

/** Removes it where nobody has worked there. Throws a Failure that names what is there. */
export async function removeUnmade(tree: OwnTree): Promise<void> {
  const { main, path } = tree;
  const work = await workInUnmade(tree);
  if (work !== undefined) {
    throw new Failure('conflict', `${path} was not made to its end, and work is there: ${work}`, {
      hint: `save that, then: git -C '${main}' worktree remove --force --force '${path}'`,
    });
  }
  // Git removes no folder that does not lead to its files.
  if (gitFolder(path) === undefined && existsSync(path)) rmdirSync(path);
  await git(main, ['worktree', 'remove', '--force', '--force', '--', path]);
}
