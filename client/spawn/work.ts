// What would be lost with a worktree: work that nobody else has, each kind by its name.
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { oneLine } from '../terminal/safe.js';
import { abandonedCommits } from './abandoned.js';
import { commitOf, git, partsOf, tryGit } from './git.js';
import { ignoredWork } from './ignored.js';
import { isUnmade, workInUnmade } from './unmade.js';
import { gitFolder, isSame, listTrees, lockOf, markOf, type OwnTree } from './worktree-files.js';

/** Why something is not removed. */
export type KeptFor =
  | 'foreign'
  | 'locked'
  | 'dirty'
  | 'stash'
  | 'detached'
  | 'abandoned'
  | 'unpushed'
  | 'unmerged'
  | 'submodule'
  | 'moved'
  | 'in use'
  | 'unknown';

/** One reason, with what it is about. */
export interface Reason {
  why: KeptFor;
  text: string;
}

/** How a worktree is looked at. */
export interface LookOptions {
  /** What is pushed may go though it is not merged: its branch stays. */
  isPushedEnough?: boolean;
  /** A removal of these files of git was broken off: what is missing is no work. */
  halfGone?: string;
}

/**
 * Every reason not to remove a worktree; none where all its work is elsewhere. Looks only: nothing
 * is written, not even git's index.
 */
export async function reasonsToKeep(tree: OwnTree, options: LookOptions = {}): Promise<Reason[]> {
  if (await isUnmade(tree)) {
    const work = await workInUnmade(tree).catch((error: Error) => error.message);
    return work === undefined ? [] : [{ why: 'dirty', text: `not made to its end: ${work}` }];
  }
  const foreign = await foreignIn(tree, options);
  if (foreign.length > 0) return foreign;
  if (!existsSync(tree.path)) return [];
  const looks = [stateOf(tree, options), operationIn(tree), stashOf(tree), submodulesIn(tree)];
  const found = await Promise.all([...looks, commitsOf(tree, options), abandonedIn(tree)]);
  return found.flat();
}

/** Reasons for which nothing more is even looked at. */
async function foreignIn(tree: OwnTree, { halfGone }: LookOptions): Promise<Reason[]> {
  const no = (why: KeptFor, text: string): Reason[] => [{ why, text }];
  const trees = await listTrees(tree.main).catch(() => undefined);
  if (trees === undefined) return no('unknown', `git cannot read ${tree.main}`);
  const [main, ...linked] = trees;
  if (main !== undefined && isSame(main.path, tree.path)) {
    return no('foreign', 'it is the main worktree of its repository');
  }
  const listed = linked.find(({ path }) => isSame(path, tree.path));
  const moved = linked.find(({ path }) => markOf(gitFolder(path)) === tree.owner);
  if (listed === undefined && moved !== undefined) {
    return no('moved', `it is in ${oneLine(moved.path, limits.cleanup_named_chars)} now`);
  }
  if (listed === undefined) {
    return existsSync(tree.path) ? no('foreign', 'it is no worktree of its repository') : [];
  }
  if (listed.locked !== undefined && listed.locked !== lockOf(tree))
    return no('locked', oneLine(listed.locked, limits.cleanup_named_chars));
  // Its files of git may hold what is nowhere else: a stage, commits, those of submodules.
  if (halfGone === undefined && !existsSync(tree.path)) {
    return no('moved', 'its folder is gone; git worktree repair NEW-PATH, or git worktree prune');
  }
  // Files of git that were noted once may be another worktree's by now.
  const owner = markOf(gitFolder(tree.path) ?? halfGone);
  if (owner === tree.owner) return [];
  return no('foreign', owner === undefined ? 'no spawn made it' : 'another spawn made it');
}

/** Files: staged, changed, in conflict, untracked, or ignored though nothing makes them again. */
async function stateOf(tree: OwnTree, { halfGone }: LookOptions): Promise<Reason[]> {
  const words = ['--porcelain=v2', '-z', '--untracked-files=all', '--ignored=matching'];
  const all = ['status', ...words, '--ignore-submodules=none', '--no-renames'];
  const text = await git(tree.path, all).catch(() => undefined);
  if (text === undefined) {
    return [{ why: 'unknown', text: 'git cannot tell what is changed there' }];
  }
  const found = new Map<string, string[]>();
  const note = (kind: string, path: string) => found.set(kind, [...(found.get(kind) ?? []), path]);
  for (const part of partsOf(text)) {
    const [kind = '', path] = readEntry(part, halfGone !== undefined);
    if (kind !== '') note(kind, path);
  }
  const ignored = found.get('ignored') ?? [];
  found.set('ignored', await ignoredWork(tree.path, ignored).catch(() => ignored));
  found.set('changed unseen', await hiddenIn(tree.path));
  const some = [...found].filter(([, paths]) => paths.length > 0);
  return some.map(([kind, paths]) => ({ why: 'dirty', text: `${kind}: ${named(paths)}` }));
}

/** https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
function readEntry(entry: string, isHalfGone: boolean): [kind: string, path: string] {
  const path = (fields: number) => entry.split(' ').slice(fields).join(' ');
  const [staged = '', changed = ''] = entry.slice(2, 4);
  switch (entry[0]) {
    case '1':
      if (isHalfGone && staged === '.' && changed === 'D') return ['', ''];
      return [staged === '.' ? 'changed' : 'staged', path(before.changed)];
    case 'u':
      return ['in conflict', path(before.conflict)];
    case '?':
      return ['untracked', entry.slice(2)];
    case '!':
      return ['ignored', entry.slice(2)];
    default:
      return ['changed', entry];
  }
}

/** How many fields of an entry stand before its path. */
const before = { changed: 8, conflict: 10 } as const;

/** Files that git was told not to look at, and that are there: they may have changed. */
async function hiddenIn(cwd: string): Promise<string[]> {
  const text = await git(cwd, ['ls-files', '-v', '-z']).catch(() => '');
  return partsOf(text).flatMap(entry => {
    const [tag = '', path] = [entry[0], entry.slice(2)];
    const isUnlooked = tag !== tag.toUpperCase();
    const isSkipped = tag.toUpperCase() === 'S' && isThere(join(cwd, path));
    return isUnlooked || isSkipped ? [path] : [];
  });
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** A merge, rebase or the like that waits for its end. */
async function operationIn({ path }: OwnTree): Promise<Reason[]> {
  const folder = gitFolder(path);
  if (folder === undefined) return [];
  const open = OPERATIONS.filter(name => isThere(join(folder, name)));
  return open.map(name => ({ why: 'dirty', text: `unfinished: ${name}` }));
}

const OPERATIONS = [
  ...['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'BISECT_LOG'],
  ...['rebase-merge', 'rebase-apply', 'sequencer'],
];

/** A stash outlives its worktree, but then nobody knows what it was for. */
async function stashOf({ main, branch }: OwnTree): Promise<Reason[]> {
  const { stdout } = await tryGit(main, ['stash', 'list', '-z', '--format=%gs']);
  const own = partsOf(stdout).filter(
    text => text.startsWith(`WIP on ${branch}: `) || text.startsWith(`On ${branch}: `),
  );
  return own.length === 0 ? [] : [{ why: 'stash', text: `${own.length} on ${branch}` }];
}

/** Submodules keep their commits with the worktree, and are lost with it. */
async function submodulesIn({ path }: OwnTree): Promise<Reason[]> {
  const text = await git(path, ['ls-files', '--stage', '-z']).catch(() => '');
  const links = partsOf(text).flatMap(entry => /^160000 [^\t]*\t([\s\S]*)$/.exec(entry)?.[1] ?? []);
  const used = links.filter(link => isThere(join(path, link, '.git')));
  // Git looks into no folder of a submodule that is not checked out.
  const unseen = links.filter(link => !used.includes(link) && isFull(join(path, link)));
  if (unseen.length > 0) {
    return [{ why: 'submodule', text: `files in one not checked out: ${named(unseen)}` }];
  }
  const kept = gitFolder(path);
  const hasOld = used.length === 0 && kept !== undefined && isThere(join(kept, 'modules'));
  if (hasOld) return [{ why: 'submodule', text: 'it holds commits of submodules taken out' }];
  return used.length === 0 ? [] : [{ why: 'submodule', text: `checked out: ${named(used)}` }];
}

function isFull(folder: string): boolean {
  return isThere(folder) && lstatSync(folder).isDirectory() && readdirSync(folder).length > 0;
}

async function abandonedIn(tree: OwnTree): Promise<Reason[]> {
  const oids = await abandonedCommits(tree);
  if (oids.length === 0) return [];
  const text = `no branch has ${named(oids)} any more; to keep it: git branch NAME ${oids[0]}`;
  return [{ why: 'abandoned', text }];
}

/** Commits of the branch, or of a HEAD that is on none, that are nowhere else. */
async function commitsOf(tree: OwnTree, { isPushedEnough }: LookOptions): Promise<Reason[]> {
  const { path, branch } = tree;
  const head = await tryGit(path, ['symbolic-ref', '--quiet', 'HEAD']);
  const ref = `refs/heads/${branch}`;
  const reasons: Reason[] = [];
  if (head.code !== 0) {
    const alone = await countIn(path, ['HEAD', '--not', '--branches', '--tags', '--remotes']);
    if (alone !== 0) reasons.push({ why: 'detached', text: `HEAD has ${commits(alone)} alone` });
  } else if (head.stdout.trim() !== ref) {
    const other = basename(head.stdout.trim());
    reasons.push({ why: 'foreign', text: `another branch is checked out there: ${other}` });
  }
  if ((await commitOf(path, ref)) === undefined) return reasons;
  if (await isMerged(tree)) return reasons;
  const remotes = await tryGit(path, ['remote']);
  const unpushed = await countIn(path, [ref, '--not', '--remotes']);
  if (remotes.stdout.trim() !== '' && unpushed !== 0) {
    reasons.push({ why: 'unpushed', text: `${commits(unpushed)} of ${branch} on no remote` });
  }
  if (unpushed === 0 && isPushedEnough === true) return reasons;
  const text = `${branch} is not in ${tree.base?.replace(/^refs\/\w+\//, '') ?? 'any base'}`;
  return [...reasons, { why: 'unmerged', text }];
}

/** True where the base has all of the branch: its commits, the same changes, or their outcome. */
export async function isMerged({ main, branch, base, start }: OwnTree): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  const tip = await commitOf(main, ref);
  if (tip === undefined) return true;
  if (tip === start) {
    // Nothing was done; yet whoever held where it began may have gone back since.
    const others = ['--single-worktree', `--exclude=${ref}`, '--exclude=refs/stash', '--all'];
    return (await countIn(main, [tip, '--not', ...others])) === 0;
  }
  if (base === undefined || (await commitOf(main, base)) === undefined) return false;
  if ((await countIn(main, [ref, '--not', base])) === 0) return true;
  const range = `${base}...${ref}`;
  const cherry = await tryGit(main, ['rev-list', '--cherry-pick', '--right-only', range]);
  if (cherry.code === 0 && cherry.stdout.trim() === '') return true;
  // Merging it would change nothing, as after all its commits were made one.
  const merge = await tryGit(main, ['merge-tree', '--write-tree', '-z', base, ref]);
  const trees = await tryGit(main, ['rev-parse', ...[base, ref, start].map(it => `${it}^{tree}`)]);
  const [ofBase, ofTip, ofStart] = trees.stdout.split('\n');
  // What was done and taken back changes nothing either, and the base has had none of it.
  const isTakenBack = ofTip === ofStart;
  return (
    trees.code === 0 && merge.code === 0 && !isTakenBack && partsOf(merge.stdout)[0] === ofBase
  );
}

/** How many commits; NaN where git cannot tell, which is not 0. */
async function countIn(cwd: string, range: readonly string[]): Promise<number> {
  const { code, stdout } = await tryGit(cwd, ['rev-list', '--count', ...range, '--']);
  return code === 0 ? Number(stdout) : Number.NaN;
}

function commits(count: number): string {
  if (Number.isNaN(count)) return 'commits';
  return count === 1 ? '1 commit' : `${count} commits`;
}

function named(paths: readonly string[]): string {
  const some = paths
    .slice(0, limits.cleanup_named_items)
    .map(path => oneLine(path, limits.cleanup_named_chars));
  const more = paths.length - some.length;
  return `${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
