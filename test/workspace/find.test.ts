// Which workspace a directory lies in: told by a marker of one's own, up to the top of a work tree.
import { chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MARKER, workspaceOf } from '../../client/workspace/find.js';
import { skillFiles, templates } from '../../client/workspace/shipped.js';
import { tempDir } from '../dsl/nats.js';

async function marked(t: Test, ...below: string[]): Promise<string> {
  const home = await tempDir(t);
  await mkdir(join(home, '.signalbox'));
  await writeFile(join(home, MARKER), '{}');
  await mkdir(join(home, ...below), { recursive: true });
  return home;
}

t.test('a folder with the marker is a workspace, and so is what lies in it', async t => {
  const home = await marked(t, 'memory', 'old');
  t.equal(workspaceOf(home), home);
  t.equal(workspaceOf(join(home, 'memory', 'old')), home);
  t.equal(workspaceOf(join(home, 'not', 'there')), home);
  t.equal(workspaceOf(await tempDir(t)), undefined);
});

t.test(
  'a repository that lies in a workspace is not of it, one that is the workspace is',
  async t => {
    const home = await marked(t, 'api', 'src');
    await mkdir(join(home, '.git'));
    t.equal(workspaceOf(home), home);
    await writeFile(join(home, 'api', '.git'), 'gitdir: elsewhere\n');
    t.equal(workspaceOf(join(home, 'api', 'src')), undefined);
  },
);

t.test('a marker that is a link, a folder, or of another user makes none', async t => {
  const linked = await tempDir(t);
  await mkdir(join(linked, '.signalbox'));
  await symlink('/etc/hostname', join(linked, MARKER));
  t.equal(workspaceOf(linked), undefined);
  const folder = await tempDir(t);
  await mkdir(join(folder, MARKER), { recursive: true });
  t.equal(workspaceOf(folder), undefined);
  if (process.getuid?.() !== 0) return;
  const home = await marked(t);
  await chown(join(home, MARKER), 65_534, 65_534);
  t.equal(workspaceOf(home), undefined);
});

t.test('what a workspace is made of lies beside the program, each path once', async t => {
  const paths = [...templates(), ...skillFiles()].map(({ path }) => path);
  t.equal(new Set(paths).size, paths.length);
  for (const path of ['AGENTS.md', 'CLAUDE.md', 'SOUL.md', 'comms.md', 'projects.md']) {
    t.ok(paths.includes(path), path);
  }
  t.ok(paths.some(path => /^\.agents\/skills\/[a-z-]+\/SKILL\.md$/.test(path)));
});
