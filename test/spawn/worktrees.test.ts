// Worktrees that are made for a session: beside their repository, each with its owner's mark.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { makeTree, planTree, sameFolder, treeFolder } from '../../client/spawn/worktree.js';
import { gitFolder, listTrees, markOf, type OwnTree } from '../../client/spawn/worktree-files.js';
import { tempDir } from '../dsl/nats.js';
import { Repository } from './repository.js';

const shop = await Repository.make(t);
let owners = 0;

async function made(branch: string, base?: string): Promise<OwnTree> {
  const owner = `owner${++owners}`;
  const tree = await planTree(shop.path, { branch, owner, ...(base !== undefined && { base }) });
  await makeTree(tree);
  return tree;
}

t.test('a worktree lies beside its repository, on its branch, with its mark', async t => {
  const tree = await made('login');
  t.equal(tree.path, `${shop.path}.worktrees/login`);
  t.match(tree, { branch: 'login', base: 'refs/heads/main', isNewBranch: true });
  t.equal(readFileSync(join(tree.path, 'a.txt'), 'utf8'), 'a\n');
  t.equal(markOf(gitFolder(tree.path)), tree.owner);
  t.equal(shop.gitIn(tree.path, 'status', '--porcelain'), '', 'the mark is not among the files');
  t.equal((await listTrees(shop.path)).at(-1)?.locked, undefined);
  await makeTree(tree);
  t.equal((await listTrees(shop.path)).length, 2, 'to make it again changes nothing');
  t.match(
    await planTree(tree.path, { branch: 'from-there', owner: 'x' }),
    { path: `${shop.path}.worktrees/from-there`, base: 'refs/heads/login' },
    'one that is planned in a worktree lies beside the repository too',
  );
});

t.test('what stands in the way is refused by name, and nothing is made', async t => {
  const plan = (branch: string, base?: string) =>
    planTree(shop.path, { branch, owner: 'x', ...(base !== undefined && { base }) });
  await t.rejects(plan('main'), { message: /main is checked out in .*shop$/, where: shop.path });
  await t.rejects(plan('login'), { message: /checked out in .*shop.worktrees\/login/ });
  mkdirSync(`${shop.path}.worktrees/taken`);
  await t.rejects(plan('taken'), { message: /is there already/ });
  await t.rejects(plan('new', 'no-such'), { message: /no-such is no commit/ });
  shop.git('branch', 'old');
  await t.rejects(plan('old', 'main'), { message: /is there already/ });
  t.match(await plan('old'), { isNewBranch: false });
  await t.rejects(planTree(await tempDir(t), { branch: 'b', owner: 'x' }), { message: /no git/ });
  const empty = await Repository.make(t, 'empty', '--bare');
  await t.rejects(planTree(empty.path, { branch: 'b', owner: 'x' }), { message: /no commit yet/ });
  const linked = await Repository.make(t, 'linked');
  symlinkSync(await tempDir(t), `${linked.path}.worktrees`);
  await t.rejects(planTree(linked.path, { branch: 'b', owner: 'x' }), { message: /is a link/ });
  t.equal((await listTrees(shop.path)).length, 2);
});

t.test('names of branches that git refuses, or reads as options, are refused', async t => {
  const hostile = ['-x', 'a..b', 'a b', 'x.lock', '', 'HEAD', '@{-1}', 'a\0b'];
  for (const branch of [...hostile, 'é'.repeat(200), '/x']) {
    const plan = planTree(shop.path, { branch, owner: 'x' });
    await t.rejects(plan, { message: /is no name of a branch/ }, JSON.stringify(branch));
  }
  const odd = ['fix/login', 'größe', "it's"];
  for (const branch of odd) {
    const { path } = await planTree(shop.path, { branch, owner: 'x' });
    t.equal(dirname(path), `${shop.path}.worktrees`, branch);
    t.match(basename(path), /^[A-Za-z0-9][A-Za-z0-9._-]*$/);
  }
  t.not(treeFolder('a/b'), treeFolder('a-b'), 'two branches have two folders');
  const quoted = await made('a$(id)');
  t.ok((await listTrees(shop.path)).some(({ branch }) => branch === quoted.branch));
});

t.test('neither hooks of the repository nor the environment of one have a say', async t => {
  const hook = join(shop.path, '.git/hooks/post-checkout');
  mkdirSync(dirname(hook), { recursive: true });
  writeFileSync(hook, `#!/bin/sh\ntouch '${shop.path}/ran'\n`, { mode: 0o755 });
  const other = await Repository.make(t, 'other');
  Object.assign(process.env, { GIT_DIR: join(other.path, '.git'), GIT_WORK_TREE: other.path });
  try {
    t.match(await made('hooked'), { main: shop.path });
  } finally {
    delete process.env.GIT_DIR;
    delete process.env.GIT_WORK_TREE;
  }
  t.notOk(existsSync(join(shop.path, 'ran')));
});

t.test('one that was killed as it was made is made anew, on the same branch', async t => {
  const tree = await planTree(shop.path, { branch: 'killed', owner: 'mine' });
  const lock = ['--lock', '--reason', 'signalbox mine'];
  shop.git('worktree', 'add', '--quiet', ...lock, '-b', 'killed', tree.path);
  shop.gitIn(tree.path, 'rm', '--quiet', 'a.txt');
  await makeTree(tree);
  t.ok(existsSync(join(tree.path, 'a.txt')));
  t.equal(markOf(gitFolder(tree.path)), 'mine');
  const other = await planTree(shop.path, { branch: 'theirs', owner: 'mine' });
  shop.git('worktree', 'add', '--quiet', '-b', 'theirs', other.path);
  await t.rejects(makeTree(other), { message: /checked out in/ }, 'what others made stays theirs');
});

t.test('a bare repository has worktrees too; a folder below the top is found in one', async t => {
  const bare = await Repository.make(t, 'site.git', '--bare');
  shop.git('push', '--quiet', bare.path, 'main');
  const tree = await planTree(bare.path, { branch: 'b', owner: 'x' });
  await makeTree(tree);
  t.equal(tree.path, bare.path.replace(/\.git$/, '.worktrees/b'));
  shop.commit('deep', { 'packages/api/x.txt': 'x' });
  const own = await made('deep');
  t.equal(await sameFolder(own, join(shop.path, 'packages/api')), join(own.path, 'packages/api'));
  mkdirSync(join(shop.path, 'new'));
  t.equal(await sameFolder(own, join(shop.path, 'new')), own.path);
});
