// Removes a worktree of ours and its branch: looked at once more, then git itself does it.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { git, tryGit } from './git.js';
import { isUnmade, removeUnmade } from './unmade.js';
import { isMerged, type LookOptions, type Reason, reasonsToKeep } from './work.js';
import { gitFolder, isSame, listTrees, lockOf, markOf, type OwnTree } from './worktree-files.js';

/** What was done: the reasons not to, or whether the branch went too. */
export type Removal = { reasons: Reason[] } | { isBranchGone: boolean };

/**
 * Removes a worktree if nothing is lost with it. One that was killed half-way is called again with
 * its files of git, which its caller has noted before. A branch goes where the worktree was made
 * with it and its base has all of it.
 */
export async function removeTree(tree: OwnTree, options: LookOptions = {}): Promise<Removal> {
  const { halfGone } = options;
  if (halfGone !== undefined) linkAgain(tree, halfGone);
  const reasons = await reasonsToKeep(tree, options);
  if (reasons.length > 0) return { reasons };
  if (await isUnmade(tree)) await removeUnmade(tree);
  const listed = (await listTrees(tree.main)).find(({ path }) => isSame(path, tree.path));
  // Its maker was killed before it took its lock away.
  if (listed?.locked === lockOf(tree)) {
    await git(tree.main, ['worktree', 'unlock', '--', tree.path]);
  }
  // What is missing already is a change to git, which refuses that unless told otherwise.
  const force = halfGone === undefined ? [] : ['--force'];
  if (listed !== undefined) await git(tree.main, ['worktree', 'remove', ...force, '--', tree.path]);
  else if (halfGone !== undefined) dropRest(tree, halfGone);
  return { isBranchGone: tree.isNewBranch && (await removeBranch(tree)) };
}

/** The file that leads to a worktree's files of git may be among those that went first. */
function linkAgain(tree: OwnTree, folder: string): void {
  if (!existsSync(tree.path) || gitFolder(tree.path) !== undefined) return;
  if (markOf(folder) !== tree.owner) return;
  writeFileSync(join(tree.path, '.git'), `gitdir: ${folder}\n`, { flag: 'wx' });
}

/** What is left of files of git that are no worktree's any more. */
function dropRest(tree: OwnTree, folder: string): void {
  const isLed = existsSync(join(folder, 'gitdir')) || existsSync(tree.path);
  const isOne = basename(dirname(folder)) === 'worktrees' && !isLed;
  // Git gives the name of a worktree that is gone to the next: then these are another's.
  if (isOne && markOf(folder) === tree.owner) rmSync(folder, { recursive: true, force: true });
}

/** Removed at the very commit that was looked at: one that came meanwhile keeps it. */
async function removeBranch(tree: OwnTree): Promise<boolean> {
  const ref = `refs/heads/${tree.branch}`;
  const { stdout } = await tryGit(tree.main, ['rev-parse', '--verify', '--quiet', ref]);
  const tip = stdout.trim();
  if (tip === '' || !(await isMerged(tree))) return tip === '';
  if ((await listTrees(tree.main)).some(({ branch }) => branch === tree.branch)) return false;
  if ((await tryGit(tree.main, ['update-ref', '-d', ref, tip])).code !== 0) return false;
  await tryGit(tree.main, ['config', '--local', '--remove-section', `branch.${tree.branch}`]);
  return true;
}
