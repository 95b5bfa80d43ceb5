// Git worktrees that a spawn makes: where each lies, whose it is, and what stands in its way.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';
import { commitOf, git, tryGit } from './git.js';
import { removeUnmade } from './unmade.js';
import {
  gitFolder,
  isSame,
  listTrees,
  lockOf,
  markOf,
  type OwnTree,
  writeMark,
} from './worktree-files.js';

/** The folder of a branch's worktree: its own name where that is plain, else with a hash of it. */
export function treeFolder(branch: string): string {
  const plain = branch.normalize('NFKD').replace(/[^A-Za-z0-9._-]+/g, '-');
  const short = plain.replace(/^[.-]+/, '').slice(0, limits.worktree_name_chars);
  if (short === branch) return short;
  const hash = createHash('sha256')
    .update(branch)
    .digest('hex')
    .slice(0, limits.worktree_hash_chars);
  return `${short || 'branch'}-${hash}`;
}

/** Where the worktrees of a repository lie: beside it. */
export function treesFolder(main: string): string {
  return `${main.replace(/\.git$/, '')}.worktrees`;
}

/** What is known before anything is made. Throws a Failure for what stands in the way. */
export async function planTree(
  path: string,
  { branch, base, owner }: { branch: string; base?: string; owner: string },
): Promise<OwnTree> {
  await demandBranchName(path, branch);
  const trees = await listTrees(path).catch(() => []);
  const [first] = trees;
  if (first === undefined) {
    throw new Failure('usage', `${path} is in no git repository, so it has no worktrees`, {
      hint: 'leave out --worktree to start a session in the folder itself',
    });
  }
  const main = realpathSync(first.path);
  const there = trees.find(tree => tree.branch === branch);
  if (there !== undefined) throw new Taken(branch, there.path);
  const folder = treesFolder(main);
  const target = join(folder, treeFolder(branch));
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Failure('unauthorised', `${folder} is a link: worktrees lie beside their repository`);
  }
  if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) {
    throw new Failure('conflict', `${target} is there already, and is no worktree of ${branch}`, {
      hint: 'move it away, or take another branch',
    });
  }
  const existing = await commitOf(path, `refs/heads/${branch}`);
  if (existing !== undefined && base !== undefined) {
    throw new Failure('conflict', `the branch ${branch} is there already`, {
      hint: 'leave out --base to go on with it, or take another name',
    });
  }
  const start = existing ?? (await commitOf(path, base ?? 'HEAD'));
  if (start === undefined) {
    const what = base === undefined ? `${main} has no commit yet` : `${base} is no commit here`;
    throw new Failure('unknown', what, { hint: 'say from where: --base main' });
  }
  const target_base = await baseOf(path, base);
  return {
    ...{ path: target, branch, main, start, owner, isNewBranch: existing === undefined },
    ...(target_base !== undefined && target_base !== branch && { base: target_base }),
  };
}

/** The branch is checked out elsewhere. */
export class Taken extends Failure {
  readonly where: string;

  constructor(branch: string, where: string) {
    super('conflict', `the branch ${branch} is checked out in ${where}`, {
      hint: `work there: --path '${where}', or take another branch`,
    });
    this.where = where;
  }
}

async function demandBranchName(cwd: string, branch: string): Promise<void> {
  const isLong = Buffer.byteLength(branch) > limits.branch_bytes;
  const looked = branch.startsWith('-') || branch === 'HEAD' || isLong;
  const words = ['check-ref-format', `refs/heads/${branch}`];
  const isGood = !looked && !branch.includes('\0') && (await tryGit(cwd, words)).code === 0;
  if (!isGood) throw new Failure('usage', `${JSON.stringify(branch)} is no name of a branch`);
}

/** The branch that work begun at a place goes back to: the one that was named, or checked out. */
async function baseOf(cwd: string, base: string | undefined): Promise<string | undefined> {
  const name = base ?? 'HEAD';
  const words = ['rev-parse', '--symbolic-full-name', '--end-of-options', name];
  const { code, stdout } = await tryGit(cwd, words);
  const ref = stdout.trim().split('\n').at(-1) ?? '';
  return code === 0 && /^refs\/(?:heads|remotes)\//.test(ref) ? ref : undefined;
}

/**
 * Makes the worktree, its branch with it. Git notes the owner as it makes it, as the reason of a
 * lock, so that one which was killed on its way is known, and made anew: nobody has worked there.
 */
export async function makeTree(tree: OwnTree): Promise<void> {
  const reason = lockOf(tree);
  const there = (await listTrees(tree.main)).find(({ path }) => isSame(path, tree.path));
  if (there !== undefined && markOf(gitFolder(tree.path)) === tree.owner) {
    if (there.locked === reason) await git(tree.main, ['worktree', 'unlock', '--', tree.path]);
    return;
  }
  if (there !== undefined) {
    if (there.locked !== reason) throw new Taken(tree.branch, there.path);
    await removeUnmade(tree);
  }
  mkdirSync(dirname(tree.path), { recursive: true });
  const now = await commitOf(tree.main, `refs/heads/${tree.branch}`);
  if (tree.isNewBranch && now !== undefined && now !== tree.start) {
    throw new Failure('conflict', `somebody else has made the branch ${tree.branch} meanwhile`);
  }
  const isMade = now !== undefined;
  const made = isMade ? [tree.branch] : [tree.start];
  const branch = isMade ? [] : ['--no-track', '-b', tree.branch];
  const lock = ['--lock', '--reason', reason];
  const words = ['worktree', 'add', '--quiet', ...lock, ...branch, '--', tree.path, ...made];
  await git(tree.main, words, { timeout_ms: limits.git_checkout_ms });
  const folder = gitFolder(tree.path);
  if (folder === undefined) throw new Failure('failed', `git made no worktree in ${tree.path}`);
  writeMark(folder, tree);
  await git(tree.main, ['worktree', 'unlock', '--', tree.path]);
}

/** The folder in a worktree that stands for one of the repository; its top where it has none. */
export async function sameFolder(tree: OwnTree, path: string): Promise<string> {
  const { code, stdout } = await tryGit(path, ['rev-parse', '--show-toplevel']);
  if (code !== 0) return tree.path;
  const below = relative(realpathSync(stdout.replace(/\n$/, '')), realpathSync(path));
  const folder = join(tree.path, below);
  return existsSync(folder) && statSync(folder).isDirectory() ? folder : tree.path;
}
