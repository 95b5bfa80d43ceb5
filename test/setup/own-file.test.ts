// The plugin of OpenCode as a file of ours, and the file of settings that is there.
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { treeOf, user } from './user.js';

t.test('the plugin of OpenCode is a file of ours, and what is not ours is left alone', async t => {
  const path = '.config/opencode/plugins/signalbox.js';
  const standing = async (ada: Awaited<ReturnType<typeof user>>) => {
    const { stdout } = await ada.run(['setup', 'opencode', '--check', '--json']);
    return JSON.parse(stdout).rows.at(-1).standing;
  };
  const ada = await user(t);
  await ada.ok(['setup', 'opencode']);
  const text = await ada.read(path);
  t.match(text, /^\/\/ signalbox: kept by `signalbox setup`, SHA-256 /);
  t.match(await ada.ok(['setup', 'opencode', '--remove', '--dry-run']), /^-\d+ bytes of/m);
  const older = text.slice(text.indexOf('\n') + 1, -1);
  const digest = createHash('sha256').update(older).digest('hex');
  await writeFile(
    join(ada.home, path),
    `${text.replace(/[0-9a-f]{64}\n[\s\S]*/, digest)}\n${older}`,
  );
  t.equal(await standing(ada), 'older');
  await ada.ok(['setup', 'opencode']);
  t.equal(await ada.read(path), text);
  await writeFile(join(ada.home, path), `${text}// mine\n`);
  t.equal(await standing(ada), 'kept');
  t.match(await ada.ok(['setup', 'opencode']), /left as it is; move it away/);
  t.equal(await ada.read(path), `${text}// mine\n`);
  await ada.ok(['setup', 'opencode', '--remove']);
  const [copy = '', ...more] = await readdir(dirname(join(ada.home, path)));
  t.match(copy, /^signalbox\.js\.signalbox-backup-/);
  t.same(more, []);
  const bob = await user(t, { [path]: 'export const Mine = 1;\n' });
  const before = await treeOf(bob.home);
  await bob.ok(['setup', 'opencode']);
  await bob.ok(['setup', 'opencode', '--remove']);
  t.same(await treeOf(bob.home), before);
});

t.test('OpenCode is given its server in the file of settings that is there', async t => {
  const path = '.config/opencode/opencode.jsonc';
  const ada = await user(t, { [path]: '{\n  // mine\n}\n' });
  await ada.ok(['setup', 'opencode']);
  t.match(await ada.read(path), /"signalbox"[\s\S]*\/\/ mine/);
  await writeFile(join(ada.home, '.config/opencode/opencode.json'), '{}\n');
  await ada.ok(['setup', 'opencode', '--check']);
  await ada.ok(['setup', 'opencode', '--remove']);
  t.equal(await ada.read(path), '{\n  // mine\n}\n');
});
