// The git repository of the day, and its worktrees, which are made and removed as a spawn does it.
import { appendFile, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { commitOf, git, tryGit } from '../../spawn/git.js';
import { type Removal, removeTree } from '../../spawn/removal.js';
import { makeTree, planTree } from '../../spawn/worktree.js';
import { listTrees, type OwnTree } from '../../spawn/worktree-files.js';
import { Failure } from '../../terminal/exit.js';
import { files, ORIGIN } from './plan.js';

/** `git worktree list -z` came with it. https://git-scm.com/docs/git-worktree */
const OLDEST = [2, 36] as const;

/** Rejects with a Failure where this machine has no git that makes worktrees as they are needed. */
export async function demandGit(): Promise<void> {
  const { code, stdout } = await tryGit('.', ['--version']);
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  const isNew = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  if (code === 0 && isNew) return;
  const needed = `git ${OLDEST.join('.')} or newer`;
  const found = code === 0 ? `this is ${stdout.trim()}` : 'there is none on the PATH';
  throw new Failure('failed', `the day is played in git worktrees and needs ${needed}: ${found}`, {
    hint: 'install git, or see the short demo, which needs none: signalbox demo',
  });
}

/**
 * Before those of the user, who may ignore, sign or convert what is played here. The remote is only
 * a name, and no git goes on in the background.
 */
const SETTINGS = `[remote "origin"]
\turl = ${ORIGIN}.git
[core]
\texcludesFile = /dev/null
\tautocrlf = false
[commit]
\tgpgSign = false
[merge]
\tverifySignatures = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
`;

export class Workshop {
  /** The main worktree. */
  readonly main: string;

  private constructor(main: string) {
    this.main = main;
  }

  /** A repository with one commit. */
  static async open(directory: string): Promise<Workshop> {
    const main = join(await realpath(directory), 'shop');
    await mkdir(main);
    await git(main, ['init', '--quiet', '--template=', '--initial-branch=main']);
    await appendFile(join(main, '.git', 'config'), SETTINGS);
    const made = new Workshop(main);
    for (const [file, text] of Object.entries(files)) await made.write(main, file, text);
    await made.commit(main, 'ada', 'The shop as it is');
    return made;
  }

  /** A worktree for a branch that begins at `main`. */
  async branchOut(branch: string, owner: string): Promise<OwnTree> {
    const tree = await planTree(this.main, { branch, owner });
    await makeTree(tree);
    return tree;
  }

  /** The worktrees beside the main one. */
  async trees(): Promise<{ path: string; branch?: string; head?: string }[]> {
    return (await listTrees(this.main)).slice(1);
  }

  async write(folder: string, file: string, text: string): Promise<void> {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }

  /** Commits all that is changed in a worktree; the new commit. */
  async commit(folder: string, who: string, message: string): Promise<string> {
    await git(folder, ['add', '--all', '--force']);
    await git(folder, [...identity(who), 'commit', '--quiet', '--no-verify', '-m', message]);
    return (await commitOf(folder, 'HEAD')) ?? '';
  }

  async merge({ branch }: OwnTree, who: string): Promise<void> {
    const words = ['merge', '--quiet', '--no-ff', '--no-verify', '-m', `Merge ${branch}`, branch];
    await git(this.main, [...identity(who), ...words]);
  }

  /** Removes a worktree if nothing is lost with it. */
  remove(tree: OwnTree): Promise<Removal> {
    return removeTree(tree);
  }
}

/** An author of nobody's settings. */
function identity(who: string): string[] {
  return ['-c', `user.name=${who}`, '-c', `user.email=${who}@example.com`];
}
