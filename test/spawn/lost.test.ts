// Work that neither git's status nor its own check shows keeps a worktree all the same.
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { removeTree } from '../../client/spawn/removal.js';
import { reasonsToKeep } from '../../client/spawn/work.js';
import { makeTree, planTree } from '../../client/spawn/worktree.js';
import { gitFolder, type OwnTree } from '../../client/spawn/worktree-files.js';
import { Repository } from './repository.js';

const shop = await Repository.make(t);
let made = 0;

async function tree(base?: string): Promise<OwnTree> {
  const more = base === undefined ? {} : { base };
  const plan = await planTree(shop.path, { branch: `b${++made}`, owner: `owner${made}`, ...more });
  await makeTree(plan);
  return plan;
}

/** The reasons for which a worktree is kept, as `why text`; all of it stays. */
async function kept(own: OwnTree, halfGone?: string): Promise<string[]> {
  const removal = await removeTree(own, halfGone === undefined ? {} : { halfGone });
  if (!('reasons' in removal)) return ['it is gone'];
  return removal.reasons.map(({ why, text }) => `${why} ${text}`);
}

t.test('what is ignored in a folder of a tool’s name is work where the folder is', async t => {
  shop.commit('out', { 'out/kept.txt': 'k', '.gitignore': 'build/\n*.env\n*.log\n*.swp\n' });
  const own = await tree();
  const files = {
    'out/my.env': 'KEY=1',
    'run.log': 'l',
    '.a.txt.swp': 'unsaved',
    'target.env': '',
  };
  shop.write({ ...files, 'build/a.js': '', 'build/deps/lib/x.c': 'x' }, own.path);
  shop.gitIn(join(own.path, 'build/deps/lib'), 'init', '--quiet');
  shop.git('init', '--quiet', '--bare', join(own.path, 'build/mirror'));
  const all =
    /^dirty ignored: .a.txt.swp, out.my.env, run.log, target.env, build.deps.lib. and 1 mo/;
  t.match(await kept(own), [all]);
  for (const path of [...Object.keys(files), 'build'])
    rmSync(join(own.path, path), { recursive: true });
  symlinkSync(shop.path, join(own.path, 'build'));
  shop.write({ '.git/info/exclude': 'build\n' });
  t.same(await kept(own), ['it is gone']);
  t.ok(existsSync(join(shop.path, 'out/kept.txt')), 'what a link leads to stays');
});

t.test('files in the folder of a submodule that is not checked out keep it', async t => {
  const own = await tree();
  const link = `160000,${shop.git('rev-parse', 'HEAD')},lib`;
  shop.git('update-index', '--add', '--cacheinfo', link);
  shop.git('commit', '--quiet', '-m', 'link');
  shop.gitIn(own.path, 'merge', '--quiet', 'main');
  shop.write({ 'lib/work.c': 'w' }, own.path);
  t.match(await kept(own), [/^submodule files in one not checked out: lib$/]);
  rmSync(join(own.path, 'lib/work.c'));
  t.same(await kept(own), ['it is gone']);
  shop.git('rm', '--quiet', '--cached', 'lib');
  shop.git('commit', '--quiet', '-m', 'no link');
});

t.test('commits that were reset away, or left behind, keep it until a branch has them', async t => {
  const own = await tree();
  shop.commit('first', { 'r.txt': '1' }, own.path);
  shop.write({ 'r.txt': '2' }, own.path);
  shop.gitIn(own.path, 'commit', '--quiet', '--amend', '--all', '-m', 'second');
  const away = shop.gitIn(own.path, 'rev-parse', 'HEAD');
  shop.gitIn(own.path, 'reset', '--quiet', '--hard', own.start);
  t.match(await kept(own), [new RegExp(`^abandoned no branch has ${away.slice(0, 12)} any more`)]);
  shop.gitIn(own.path, 'update-ref', 'refs/worktree/mine', `${away}`);
  shop.gitIn(own.path, 'reflog', 'expire', '--expire=all', 'HEAD', own.branch);
  t.match(await kept(own), [/^abandoned/], 'a reference of the worktree alone goes with it');
  shop.git('branch', 'saved', away);
  t.same(await kept(own), ['it is gone']);
});

t.test('commits that were amended, rebased or made one are replaced, and keep nothing', async t => {
  const own = await tree();
  shop.commit('one', { 's1.txt': '1' }, own.path);
  shop.gitIn(own.path, 'checkout', '--quiet', '--detach');
  shop.gitIn(own.path, 'checkout', '--quiet', own.branch);
  shop.gitIn(own.path, 'commit', '--quiet', '--amend', '-m', 'better');
  shop.commit('two', { 's2.txt': '2' }, own.path);
  shop.gitIn(own.path, 'reset', '--quiet', '--soft', own.start);
  shop.gitIn(own.path, 'commit', '--quiet', '-m', 'both');
  shop.commit('meanwhile', { 's3.txt': '3' });
  shop.gitIn(own.path, 'rebase', '--quiet', 'main');
  shop.git('merge', '--quiet', own.branch);
  t.same(await kept(own), ['it is gone']);
});

t.test(
  'a branch on which nothing was done is kept where nobody else has its commit now',
  async t => {
    shop.commit('soon gone', { 'g.txt': 'g' });
    const [own, other] = [await tree(), await tree()];
    shop.git('reset', '--quiet', '--hard', 'HEAD~1');
    t.same(await removeTree(own), { isBranchGone: true }, 'another branch has it');
    t.match(await kept(other), [/^unmerged b\d+ is not in main$/]);
    const back = await tree();
    shop.commit('try', { 't.txt': 't' }, back.path);
    shop.gitIn(back.path, 'revert', '--no-edit', 'HEAD');
    t.match(await kept(back), [/^unmerged/], 'what was taken back is in no base');
    shop.git('replace', '--graft', 'main', shop.git('rev-parse', 'main~1'), back.branch);
    t.match(await kept(back), [/^unmerged/], 'nor does a replacement make it merged');
    shop.git('replace', '--delete', shop.git('rev-parse', 'main'));
  },
);

t.test('one that was moved by hand keeps its files of git, and so what they hold', async t => {
  const own = await tree();
  const folder = gitFolder(own.path) ?? '';
  shop.write({ 'staged.txt': 's' }, own.path);
  shop.gitIn(own.path, 'add', 'staged.txt');
  renameSync(own.path, `${own.path}-moved`);
  t.match(await kept(own), [/^moved .*git worktree repair/]);
  shop.git('worktree', 'repair', `${own.path}-moved`);
  t.match(await kept(own, folder), [/^moved it is in .*-moved now$/]);
  t.match(shop.gitIn(`${own.path}-moved`, 'status', '--porcelain'), /^A {2}staged.txt$/);
});

t.test('files of git that were noted, and are another worktree’s now, stay', async t => {
  const own = await tree();
  const halfGone = gitFolder(own.path) ?? '';
  shop.git('worktree', 'remove', own.path);
  const theirs = join(shop.path, '../elsewhere', own.branch);
  shop.git('worktree', 'add', '--quiet', '--detach', theirs);
  t.equal(gitFolder(theirs), halfGone, 'git gives a name again');
  await removeTree(own, { halfGone });
  t.equal(shop.gitIn(theirs, 'status', '--porcelain'), '');
});

t.test('one whose making was killed goes, or is made anew, only where nobody works', async t => {
  const make = async (branch: string) => {
    const own = await planTree(shop.path, { branch, owner: branch });
    const lock = ['--lock', '--reason', `signalbox ${branch}`];
    shop.git('worktree', 'add', '--quiet', ...lock, '-b', branch, own.path);
    rmSync(join(gitFolder(own.path) ?? '', 'index'));
    rmSync(join(own.path, 'a.txt'));
    return own;
  };
  const [worked, idle, bare] = [await make('worked'), await make('idle'), await make('bare')];
  shop.write({ 'new.env': 'w' }, worked.path);
  await t.rejects(makeTree(worked), { message: /work is there: new.env/, hint: /worktree remove/ });
  t.match(await kept(worked), [/^dirty not made to its end: new.env$/]);
  t.same(await reasonsToKeep(idle), []);
  t.same(await removeTree(idle), { isBranchGone: true });
  rmSync(bare.path, { recursive: true });
  mkdirSync(bare.path);
  await makeTree(bare);
  t.ok(existsSync(join(bare.path, 'a.txt')));
});
