// Proves personas: which one a name means, and a shim that is afterwards what it was, to the byte.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  clearPersona,
  findPersona,
  listPersonas,
  newPersona,
  usedIn,
  usePersona,
  wordsOf,
} from '../../client/workspace/personas.js';
import { tempDir } from '../dsl/nats.js';
import { exitOf } from './exit-of.js';

async function place(t: Test) {
  const home = await tempDir(t);
  const workspace = join(home, 'boss');
  await mkdir(workspace);
  return { workspace, global: join(home, 'personas'), home };
}

const NAMES = ['..', '.', '../x', 'a/b', 'a\\b', '', 'A', '.x', '-x', 'x\0', 'x'.repeat(65), '%2e'];

t.test('a persona of the workspace is meant before one of its user, which it shadows', async t => {
  const all = await place(t);
  newPersona(all, 'calm', true, 'global\n');
  newPersona(all, 'brisk', true, 'brisk\n');
  t.match(findPersona(all, 'calm'), { isGlobal: true });
  newPersona(all, 'calm', false, 'own\n');
  t.match(findPersona(all, 'calm'), { isGlobal: false });
  t.match(wordsOf(all, findPersona(all, 'calm')), { text: 'own\n' });
  usePersona(all.workspace, findPersona(all, 'calm'));
  t.match(listPersonas(all), [
    { name: 'calm', isGlobal: false, isUsed: true },
    { name: 'brisk', isGlobal: true, isUsed: false, isShadowed: false },
    { name: 'calm', isGlobal: true, isUsed: false, isShadowed: true },
  ]);
  t.equal(
    exitOf(() => newPersona(all, 'calm', false, 'x')),
    'conflict',
    'never written over',
  );
  t.equal(
    exitOf(() => findPersona(all, 'none')),
    'unknown',
  );
});

t.test('a file or a dead link among the folders of personas is none, and hides none', async t => {
  const all = await place(t);
  newPersona(all, 'calm', false, 'own\n');
  await writeFile(join(all.workspace, 'personas', 'notes'), 'x');
  await symlink('nowhere', join(all.workspace, 'personas', 'gone'));
  t.match(listPersonas(all), [{ name: 'calm' }]);
  t.equal(listPersonas(all).length, 1);
});

t.test('what is cleared is what it was before it was used, to the byte and its rights', async t => {
  const all = await place(t);
  const file = join(all.workspace, 'SOUL.md');
  for (const name of ['one', 'two']) newPersona(all, name, false, `${name}\n`);
  const texts = ['', 'x', '# Mine\n\nno end', 'a\r\nb\r\n', Buffer.from([0xff, 0xfe, 0, 10, 13])];
  for (const before of texts.map(text => Buffer.from(text))) {
    await writeFile(file, before);
    await chmod(file, 0o604);
    t.ok(usePersona(all.workspace, findPersona(all, 'one')));
    t.notOk(usePersona(all.workspace, findPersona(all, 'one')), 'twice changes nothing');
    usePersona(all.workspace, findPersona(all, 'two'));
    t.match(usedIn(all), { name: 'two' });
    t.ok((await readFile(file)).includes('personas/two/SOUL.md'));
    t.ok((await readFile(file)).includes(before), 'what else stands there stands there still');
    t.equal(clearPersona(all.workspace), 'two');
    t.same(await readFile(file), before);
    t.equal((await stat(file)).mode & 0o777, 0o604);
    t.equal(clearPersona(all.workspace), undefined);
  }
  await rm(file);
  usePersona(all.workspace, findPersona(all, 'one'));
  clearPersona(all.workspace);
  await t.rejects(stat(file), 'where there was no file there is none');
  usePersona(all.workspace, findPersona(all, 'one'));
  await writeFile(file, `above\n${await readFile(file, 'utf8')}below`);
  usePersona(all.workspace, findPersona(all, 'two'));
  clearPersona(all.workspace);
  t.equal(await readFile(file, 'utf8'), 'above\nbelow', 'what was added meanwhile stays');
});

t.test('a shim that is a link, or whose block was damaged, is left alone', async t => {
  const all = await place(t);
  const file = join(all.workspace, 'SOUL.md');
  newPersona(all, 'one', false, 'x');
  usePersona(all.workspace, findPersona(all, 'one'));
  const block = await readFile(file, 'utf8');
  for (const text of [block.slice(0, -5), block + block, block.replace(' one ', ' ../one ')]) {
    await writeFile(file, text);
    t.equal(
      exitOf(() => usePersona(all.workspace, findPersona(all, 'one'))),
      'conflict',
    );
    t.equal(
      exitOf(() => clearPersona(all.workspace)),
      'conflict',
    );
    t.equal(await readFile(file, 'utf8'), text);
    t.equal(usedIn(all), undefined);
  }
  await rm(file);
  const other = join(all.home, 'other');
  await writeFile(other, 'other');
  await symlink(other, file);
  t.equal(
    exitOf(() => usePersona(all.workspace, findPersona(all, 'one'))),
    'conflict',
  );
  t.equal(await readFile(other, 'utf8'), 'other');
});

t.test('no name leads anywhere but down, and no link out is read or written through', async t => {
  const all = await place(t);
  for (const name of NAMES) {
    t.equal(
      exitOf(() => findPersona(all, name)),
      'usage',
      name,
    );
    t.equal(
      exitOf(() => newPersona(all, name, false, 'x')),
      'usage',
      name,
    );
  }
  const secret = join(all.home, 'id_rsa');
  await writeFile(secret, 'secret');
  await mkdir(join(all.workspace, 'personas', 'file'), { recursive: true });
  await symlink(secret, join(all.workspace, 'personas', 'file', 'SOUL.md'));
  await mkdir(join(all.home, 'out'));
  await writeFile(join(all.home, 'out', 'SOUL.md'), 'secret');
  await symlink(join(all.home, 'out'), join(all.workspace, 'personas', 'folder'));
  for (const name of ['file', 'folder']) {
    t.match(wordsOf(all, { name, isGlobal: false }), { fault: /link out/ }, name);
  }
  await mkdir(join(all.workspace, 'personas', 'pipe'));
  execFileSync('mkfifo', [join(all.workspace, 'personas', 'pipe', 'SOUL.md')]);
  t.match(wordsOf(all, { name: 'pipe', isGlobal: false }), { fault: /no file/ }, 'nobody waits');
  await mkdir(join(all.workspace, 'personas', 'binary'));
  await writeFile(join(all.workspace, 'personas', 'binary', 'SOUL.md'), Buffer.from([0, 255]));
  t.match(wordsOf(all, { name: 'binary', isGlobal: false }), { fault: /no text/ });
  await rm(join(all.workspace, 'personas'), { recursive: true });
  await symlink(join(all.home, 'out'), join(all.workspace, 'personas'));
  t.equal(
    exitOf(() => newPersona(all, 'x', false, 'x')),
    'conflict',
  );
});
