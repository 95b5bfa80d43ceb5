// What would be lost with a worktree: work that nobody else has, each kind by its name.
import { existsSync, lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { oneLine } from '../terminal/safe.js';
import { commitOf, git, partsOf, tryGit } from './git.js';
import { gitFolder, isSame, listTrees, markOf, type OwnTree } from './worktree.js';

/** Why something is not removed. */
export type KeptFor =
  | 'foreign'
  | 'locked'
  | 'dirty'
  | 'stash'
  | 'detached'
  | 'unpushed'
  | 'unmerged'
  | 'submodule'
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
  const foreign = await foreignIn(tree, options);
  if (foreign.length > 0) return foreign;
  if (!existsSync(tree.path)) return [];
  const looks = [stateOf(tree, options), operationIn(tree), stashOf(tree), submodulesIn(tree)];
  const found = await Promise.all([...looks, commitsOf(tree, options)]);
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
  if (listed === undefined) {
    return existsSync(tree.path) ? no('foreign', 'it is no worktree of its repository') : [];
  }
  if (listed.locked !== undefined)
    return no('locked', oneLine(listed.locked, limits.cleanup_named_chars));
  const owner = markOf(halfGone ?? gitFolder(tree.path));
  if (owner === tree.owner || !existsSync(tree.path)) return [];
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
  for (const path of await hiddenIn(tree.path)) note('changed unseen', path);
  return [...found].map(([kind, paths]) => ({ why: 'dirty', text: `${kind}: ${named(paths)}` }));
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
      return isMadeAgain(entry.slice(2)) ? ['', ''] : ['ignored', entry.slice(2)];
    default:
      return ['changed', entry];
  }
}

/** How many fields of an entry stand before its path. */
const before = { changed: 8, conflict: 10 } as const;

/** What tools make anew, by the names that they give it. Everything else that is ignored stays. */
const FOLDERS = new Set([
  ...['node_modules', 'dist', 'build', 'target', 'out', 'coverage', 'venv', '__pycache__'],
  ...['.venv', '.cache', '.next', '.nuxt', '.turbo', '.parcel-cache', '.svelte-kit', '.gradle'],
  ...['.tox', '.nox', '.eggs', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.nyc_output'],
  ...['.tap', '.terraform', '.angular', '.pnpm-store'],
]);
const FILES = /(?:^(?:\.DS_Store|Thumbs\.db)|\.(?:py[co]|o|obj|class|tsbuildinfo|log|tmp|swp))$/;

function isMadeAgain(path: string): boolean {
  const steps = path.split('/').filter(step => step !== '');
  return steps.some(step => FOLDERS.has(step)) || (!path.endsWith('/') && FILES.test(path));
}

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
  const kept = gitFolder(path);
  const hasOld = used.length === 0 && kept !== undefined && isThere(join(kept, 'modules'));
  if (hasOld) return [{ why: 'submodule', text: 'it holds commits of submodules taken out' }];
  return used.length === 0 ? [] : [{ why: 'submodule', text: `checked out: ${named(used)}` }];
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
  // Nothing was done.
  if (tip === undefined || tip === start) return true;
  if (base === undefined || (await commitOf(main, base)) === undefined) return false;
  if ((await countIn(main, [ref, '--not', base])) === 0) return true;
  const cherry = await tryGit(main, [
    'rev-list',
    '--cherry-pick',
    '--right-only',
    `${base}...${ref}`,
  ]);
  if (cherry.code === 0 && cherry.stdout.trim() === '') return true;
  // Merging it would change nothing, as after all its commits were made one.
  const merge = await tryGit(main, ['merge-tree', '--write-tree', '-z', base, ref]);
  const tree = await tryGit(main, ['rev-parse', '--verify', '--quiet', `${base}^{tree}`]);
  return merge.code === 0 && partsOf(merge.stdout)[0] === tree.stdout.trim();
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
