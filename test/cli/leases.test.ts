// Leases at the command line: two work trees of one repository, and which project a file is of.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { projectFile } from '../../client/cli/reach/project.js';
import { openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { inside } from './inside.js';

type Row = Record<string, unknown>;

const url = 'https://ada:SECRET@GitHub.com/Acme/App.git/';
const root = await tempDir(t);
const tree = join(root, 'app');
const other = join(root, 'app-fix');
await repository(tree, url);
await mkdir(join(tree, 'src'));
await writeFile(join(tree, 'src/a.ts'), '');
await mkdir(join(tree, '.git/worktrees/fix'), { recursive: true });
await writeFile(join(tree, '.git/worktrees/fix/commondir'), '../..\n');
await mkdir(join(other, 'src'), { recursive: true });
await writeFile(join(other, '.git'), `gitdir: ${join(tree, '.git/worktrees/fix')}\n`);

const house = await openBroker(t, { durability: 'os' });
const ada = await inside(t, house, 'ada', { directory: tree });
const bob = await inside(t, house, 'bob', { directory: join(other, 'src') });
for (const one of [ada, bob]) await one.ok(['join']);

async function repository(folder: string, remote?: string): Promise<void> {
  await mkdir(join(folder, '.git'), { recursive: true });
  const lines = ['[core]', '\tbare = false', ...(remote ? ['[remote "origin"]'] : [])];
  const config = [...lines, ...(remote ? [`\turl = ${remote}`] : [])].join('\n');
  await writeFile(join(folder, '.git/config'), `${config}\n`);
}

t.test(
  'what one takes another is told of, from another work tree and before it is there',
  async t => {
    const take = ['lease', 'take', 'src', 'docs/new.md', '--for', '30m', '--note', 'the parser'];
    const held =
      /^you hold docs\/new.md and 1 more of github.com\/acme\/app until \d\d:\d\d .* left\)/;
    t.match(await ada.ok(take), held);
    const late = await bob.run(['lease', 'take', 'a.ts']);
    const who =
      /src is held by ada until \d\d:\d\d .*\((29|30) min left\): the parser\n.*signalbox ask ada/;
    t.match(late, { code: 6, stdout: '', stderr: who });
    const json = await bob.run(['lease', 'take', '../docs/', '--json']);
    t.match(JSON.parse(json.stdout || json.stderr), { error: { refusal: 'lease_held', exit: 6 } });
    t.match(await bob.run(['lease', 'take', 'a.ts', '--wait', '0.1s']), {
      code: 124,
      stderr: /ada/,
    });
  },
);

t.test('a list tells who, until when and which paths', async t => {
  const table = await bob.ok(['lease', 'list']);
  t.match(
    table,
    /^LEASE +BY +MODE +UNTIL +PATHS +NOTE\n\S+ +ada +exclusive +\d\d:\d\d .* the parser\n$/,
  );
  const rows = (await bob.rows(['lease', 'list', 'a.ts'])) as Row[];
  t.match(rows, [
    { by_name: 'ada', project: 'github.com/acme/app', paths: ['docs/new.md', 'src'] },
  ]);
  t.same(await bob.rows(['lease', 'list', '../README.md']), []);
  t.same(await bob.rows(['lease', 'list', '--mine']), []);
  t.match(await bob.run(['lease', 'list', '../x']), {
    code: 0,
    stderr: /nobody holds any files of/,
  });
});

t.test('who waits has it once it is released', async t => {
  const waiting = bob.run(['lease', 'take', 'a.ts', '--wait', '10m']);
  t.match(await ada.ok(['lease', 'release', 'src']), /^released src of github.com\/acme\/app\n$/);
  t.match(await waiting, { code: 0, stdout: /^you hold src\/a.ts of/ });
  const foreign = await ada.run(['lease', 'release', 'src/a.ts']);
  t.match(foreign, { code: 4, stderr: /"src\/a.ts" is held by bob; only it may release it/ });
  t.match(await ada.run(['lease', 'release', 'x']), { code: 5, stderr: /hold nothing at "x"/ });
  t.match(await bob.ok(['lease', 'release', '--all']), /^released src\/a.ts of/);
  t.match(await bob.run(['lease', 'release', '--all']), { code: 0, stderr: /you hold no files/ });
});

t.test('what makes no sense is told as it was typed', async t => {
  const take = (...more: string[]) => ada.run(['lease', 'take', ...more]);
  t.match(await take('a', '--for', '1s'), { code: 2, stderr: /--for must be 10 at least/ });
  t.match(await take('a', '--for', 'soon'), { code: 2, stderr: /90s, 10m/ });
  t.match(await take('a', join(root, 'b')), { code: 2, stderr: /two projects, github.*:\// });
  const many = Array.from({ length: 257 }, (_, n) => `f${n}`);
  t.match(await take(...many), { code: 2, stderr: /257 paths are too many.*\n.*folders/ });
  t.match(await take('x/'.repeat(65)), { code: 2, stderr: /over 64 levels/ });
  t.match(await ada.run(['lease', 'release']), { code: 2, stderr: /--all/ });
  t.match(await take('\u001b[31mred\nline'), { code: 0, stdout: /^you hold red line of/ });
});

t.test('a session that stands in the same work tree is told of', async t => {
  const env = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'e7c2a0d4-0000-4000-8000-000000000001' };
  const agent = await inside(t, house, 'x', {
    directory: join(tree, 'src'),
    env: { ...env, SIGNALBOX_AS: '' },
  });
  await agent.ok(['join']);
  const { stderr } = await ada.run(['lease', 'take', 'README.md']);
  t.match(stderr, /app works in this work tree too, .*app: your edits mix/);
  t.match(await ada.json(['lease', 'take', 'README.md']), { beside: [{ name: 'app' }] });
  t.notMatch(await bob.run(['lease', 'take', 'b.ts']), { stderr: /work tree/ });
});

t.test('clones of one remote are one project, however they reach it', async t => {
  const projectOf = async (name: string, remote?: string) => {
    await repository(join(root, name), remote);
    return projectFile('x', join(root, name), 'here').project;
  };
  const same = [
    'git@github.com:acme/app.git',
    'ssh://git@github.com:22/acme/app',
    'git://github.com/ACME/app',
  ];
  for (const [n, remote] of same.entries()) {
    t.equal(await projectOf(`clone-${n}`, remote), 'github.com/acme/app', remote);
  }
  const plain = await projectOf('plain');
  t.match(plain, /^here:\/.*\/plain$/);
  t.equal(await projectOf('of-plain', '../plain'), plain, 'a clone of what has no remote');
  t.equal(await projectOf('by-file', `file://${join(root, 'plain')}/.git`), plain);
  t.match(await projectOf('odd', 'ext::sh -c x'), /^here:|^ext/);
});

t.test(
  'a file is where it really is: links are followed, folders without git have the machine',
  async t => {
    await symlink(join(tree, 'src'), join(root, 'link'));
    const file = (typed: string, directory: string) => projectFile(typed, directory, hostname());
    t.match(file('link/gone/b.ts', root), {
      project: 'github.com/acme/app',
      path: 'src/gone/b.ts',
    });
    t.match(file('.', tree), { path: '.', top: tree });
    t.match(file('notes.md', root), { project: `${hostname()}:/`, path: /\/notes.md$/ });
    t.match(file('../x', '/'), { project: `${hostname()}:/`, path: 'x' });
  },
);
