// What keeps a worktree from being removed, each by its name; and that the rest goes.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { removeTree } from '../../client/spawn/removal.js';
import type { LookOptions } from '../../client/spawn/work.js';
import { makeTree, planTree } from '../../client/spawn/worktree.js';
import { gitFolder, listTrees, type OwnTree } from '../../client/spawn/worktree-files.js';
import { Repository } from './repository.js';

const shop = await Repository.make(t);
shop.addRemote();
let made = 0;

async function tree(): Promise<OwnTree> {
  const plan = await planTree(shop.path, { branch: `b${++made}`, owner: `owner${made}` });
  await makeTree(plan);
  return plan;
}

/** The reasons for which a worktree is kept, as `why text`; all of it stays. */
async function kept(own: OwnTree, options?: LookOptions): Promise<string[]> {
  const removal = await removeTree(own, options);
  if (!existsSync(join(own.path, 'a.txt'))) return ['it is gone'];
  return 'reasons' in removal ? removal.reasons.map(({ why, text }) => `${why} ${text}`) : [];
}

t.test('files keep it: changed, staged, untracked, ignored, or hidden from git', async t => {
  const own = await tree();
  const { path } = own;
  shop.gitIn(path, 'update-index', '--assume-unchanged', 'a.txt');
  shop.write({ 'a.txt': 'hidden', '.gitignore': '*.env\n', 'c.txt': 'c', 'd e': 'd' }, path);
  shop.write({ 'my.env': 'KEY=1', 'node_modules/x/index.js': 'x' }, path);
  shop.gitIn(path, 'add', 'c.txt');
  t.match(await kept(own), [
    /^dirty changed: .gitignore$/,
    /^dirty staged: c.txt$/,
    /^dirty untracked: d e, node_modules.x.index.js$/,
    /^dirty ignored: my.env$/,
    /^dirty changed unseen: a.txt$/,
  ]);
  shop.gitIn(path, 'update-index', '--no-assume-unchanged', 'a.txt');
  shop.gitIn(path, 'reset', '--quiet', '--', 'c.txt');
  for (const file of ['my.env', 'node_modules', 'c.txt', 'd e']) {
    rmSync(join(path, file), { recursive: true });
  }
  shop.gitIn(path, 'stash', '--quiet');
  t.match(await kept(own), [/^stash 1 on b/]);
});

t.test('an unfinished merge keeps it, and what is in conflict', async t => {
  const own = await tree();
  shop.gitIn(own.path, 'checkout', '--quiet', '-b', 'side');
  shop.commit('here', { 'a.txt': 'here\n' }, own.path);
  t.match(await kept(own), [/^foreign another branch is checked out there: side$/]);
  shop.gitIn(own.path, 'checkout', '--quiet', own.branch);
  shop.commit('there', { 'a.txt': 'there\n' }, own.path);
  t.throws(() => shop.gitIn(own.path, 'merge', '--quiet', 'side'));
  const why = [
    /^dirty in conflict: a.txt/,
    /^dirty unfinished: MERGE_HEAD/,
    /unpushed/,
    /unmerged/,
  ];
  t.match(await kept(own), why);
});

t.test('commits keep it: on no remote, in no base, or of no branch', async t => {
  const own = await tree();
  shop.commit('work', { 'w.txt': 'w' }, own.path);
  t.match(await kept(own), [
    /^unpushed 1 commit of b\d+ on no remote$/,
    /^unmerged .* not in main$/,
  ]);
  shop.gitIn(own.path, 'push', '--quiet', 'origin', own.branch);
  t.match(await kept(own), [/^unmerged b\d+ is not in main$/]);
  shop.gitIn(own.path, 'checkout', '--quiet', '--detach', own.start);
  t.match(await kept(own), [/^unmerged/], 'a HEAD without commits of its own is no work');
  shop.commit('lost', { 'l.txt': 'l' }, own.path);
  t.match(await kept(own), [/^detached HEAD has 1 commit alone$/, /^unmerged/]);
});

t.test('a lock keeps it, and the mark of another owner or none', async t => {
  const own = await tree();
  const mark = join(gitFolder(own.path) ?? '', 'signalbox-owner.json');
  shop.git('worktree', 'lock', '--reason', 'not yet', own.path);
  t.match(await kept(own), [/^locked not yet$/]);
  shop.git('worktree', 'unlock', own.path);
  writeFileSync(mark, '{"owner":"x"}');
  t.match(await kept(own), [/^foreign another spawn made it$/]);
  rmSync(mark);
  t.match(await kept(own), [/^foreign no spawn made it$/]);
  t.match(await kept({ ...own, path: shop.path }), [/^foreign it is the main worktree/]);
});

t.test('a submodule that is checked out keeps it: its commits would go too', async t => {
  const own = await tree();
  const add = ['submodule', '--quiet', 'add', '--', join(shop.path, '.git'), 'lib'];
  shop.gitIn(own.path, '-c', 'protocol.file.allow=always', ...add);
  shop.gitIn(own.path, 'commit', '--quiet', '-m', 'sub');
  shop.git('merge', '--quiet', own.branch);
  t.match(await kept(own), [/^submodule checked out: lib$/]);
  shop.gitIn(own.path, 'submodule', '--quiet', 'deinit', '--force', '--all');
  t.match(await kept(own), [/^submodule it holds commits of submodules taken out$/]);
});

t.test('one without work goes, with what tools make again and the branch made for it', async t => {
  const own = await tree();
  shop.write({ 'build/out.js': '1', 'src/__pycache__/x.pyc': '1' }, own.path);
  shop.write({ 'src/__pycache__/.gitignore': '*' }, own.path);
  t.same(await removeTree(own), { isBranchGone: true });
  t.notOk(existsSync(own.path));
  t.equal(shop.git('branch', '--list', own.branch), '');
  t.same(await removeTree(own), { isBranchGone: true }, 'to remove it again changes nothing');
});

t.test('merged is what the base has: commits, the same change, or their outcome', async t => {
  const [plain, picked, squashed] = [await tree(), await tree(), await tree()];
  shop.commit('one', { 'm1.txt': '1' }, plain.path);
  shop.git('merge', '--quiet', '--no-ff', '-m', 'm', plain.branch);
  shop.commit('two', { 'm2.txt': '2' }, picked.path);
  shop.git('cherry-pick', picked.branch);
  shop.commit('three', { 'm3.txt': '3' }, squashed.path);
  shop.commit('four', { 'm4.txt': '4' }, squashed.path);
  shop.git('merge', '--quiet', '--squash', squashed.branch);
  shop.git('commit', '--quiet', '-m', 'both');
  shop.commit('then', { 'm5.txt': '5' });
  shop.git('push', '--quiet', 'origin', plain.branch, picked.branch, squashed.branch);
  for (const own of [plain, picked, squashed]) {
    t.same(await removeTree(own), { isBranchGone: true }, own.branch);
  }
});

t.test('what is pushed may go where that is said to be enough, and its branch stays', async t => {
  const own = await tree();
  shop.commit('work', { 'q.txt': 'q' }, own.path);
  shop.gitIn(own.path, 'push', '--quiet', 'origin', own.branch);
  t.same(await removeTree(own, { isPushedEnough: true }), { isBranchGone: false });
  t.notOk(existsSync(own.path));
  t.match(shop.git('branch', '--list', own.branch), own.branch);
});

t.test('a removal that was killed is ended by the next, at any point', async t => {
  const steps: ((own: OwnTree, folder: string) => void)[] = [
    own => rmSync(join(own.path, 'a.txt')),
    own => rmSync(join(own.path, '.git')),
    own => rmSync(own.path, { recursive: true }),
    (own, folder) => {
      rmSync(own.path, { recursive: true });
      rmSync(join(folder, 'gitdir'));
    },
  ];
  for (const [n, step] of steps.entries()) {
    const own = await tree();
    const halfGone = gitFolder(own.path) ?? '';
    step(own, halfGone);
    t.same(await removeTree(own, { halfGone }), { isBranchGone: true }, `step ${n}`);
    t.notOk(existsSync(own.path));
    t.notOk(existsSync(halfGone));
  }
  const own = await tree();
  shop.write({ 'new.txt': 'since then' }, own.path);
  const halfGone = gitFolder(own.path) ?? '';
  rmSync(join(own.path, '.git'));
  t.match(await removeTree(own, { halfGone }), { reasons: [{ text: 'untracked: new.txt' }] });
  const before = (await listTrees(shop.path)).length;
  mkdirSync(join(shop.path, '.git/worktrees/others'), { recursive: true });
  await kept(own, { halfGone });
  t.equal((await listTrees(shop.path)).length, before, 'nothing of others is pruned');
});
