// Commits that only a worktree's reflog or its own references know: they would go with it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { partsOf, tryGit } from './git.js';
import { gitFolder, type OwnTree } from './worktree-files.js';

/**
 * Those that a `reset`, a checkout or the like has left behind on no branch, short, the latest
 * first. What was amended or rebased is replaced, and what the branch or its base has by outcome is
 * not lost. https://git-scm.com/docs/git-reflog
 */
export async function abandonedCommits(tree: OwnTree): Promise<string[]> {
  const folder = gitFolder(tree.path);
  if (folder === undefined) return [];
  const log = join(dirname(dirname(folder)), 'logs/refs/heads', tree.branch);
  const moves = [...movesIn(join(folder, 'logs/HEAD')), ...movesIn(log)];
  const left = new Set(moves.filter(({ said }) => !ADVANCES.test(said)).map(({ from }) => from));
  const replaced = new Set(moves.filter(({ said }) => REPLACES.test(said)).map(({ from }) => from));
  for (const ref of await ownRefs(tree.path, folder)) left.add(ref);
  if (left.size === 0) return [];
  const words = ['rev-list', '--ignore-missing', '--max-count', String(limits.abandoned_items)];
  const range = [...left, '--not', '--all', ...replaced];
  const { code, stdout } = await tryGit(tree.main, [...words, ...range, '--']);
  if (code !== 0) return ['of which git cannot tell'];
  const alone = stdout.split('\n').filter(line => line !== '');
  const tips = alone.filter(oid => left.has(oid));
  const isKept = await Promise.all(tips.map(oid => isInOutcome(tree, oid)));
  return tips.filter((_, n) => !isKept[n]).map(oid => oid.slice(0, limits.commit_short_chars));
}

/** A line says from which commit to which a reference went, and why. */
function movesIn(file: string): { from: string; said: string }[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const moves = text.split('\n').flatMap(line => {
    const [, from, to, said = ''] = /^([0-9a-f]{40,64}) (\S+) [^\t]*(?:\t(.*))?$/.exec(line) ?? [];
    const isNone = from === undefined || /^0+$/.test(from) || from === to;
    return isNone ? [] : [{ from, said }];
  });
  return moves.slice(-limits.reflog_lines);
}

/** What goes on from a commit, or is made to take its place. */
const ADVANCES = /^(?:commit|merge|cherry-pick|revert|am|pull|rebase|clone)\b|^branch: Created/;
const REPLACES = /^(?:commit \(amend\)|(?:pull .*)?rebase\b|pull .*--rebase)/;

/** References that are the worktree's alone; a bisect is looked for elsewhere. */
async function ownRefs(path: string, folder: string): Promise<string[]> {
  const kinds = ['worktree', 'rewritten'].filter(kind => isFull(join(folder, 'refs', kind)));
  if (kinds.length === 0) return [];
  const names = kinds.map(kind => `refs/${kind}/`);
  const { stdout } = await tryGit(path, ['for-each-ref', '--format=%(objectname)', ...names]);
  return stdout.split('\n').filter(line => line !== '');
}

function isFull(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0;
}

/** True where merging it into the branch, or into its base, would change nothing. */
async function isInOutcome({ main, branch, base }: OwnTree, oid: string): Promise<boolean> {
  const places = [`refs/heads/${branch}`, ...(base === undefined ? [] : [base])];
  const isIn = places.map(async place => {
    const { code, stdout } = await tryGit(main, ['merge-tree', '--write-tree', '-z', place, oid]);
    const tree = await tryGit(main, ['rev-parse', '--verify', '--quiet', `${place}^{tree}`]);
    return code === 0 && partsOf(stdout)[0] === tree.stdout.trim();
  });
  return (await Promise.all(isIn)).includes(true);
}
