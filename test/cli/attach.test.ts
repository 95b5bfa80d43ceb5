// Proves what attachments become: references with size and digest, small texts, addresses.
import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import t from 'tap';
import { readAttachments } from '../../client/cli/attach.js';
import { withAttachments } from '../../client/cli/options.js';
import { limits } from '../../schemas/limits.js';
import { tempDir } from '../dsl/nats.js';
import { failureOf } from './failure.js';

const OTHER = 'application/octet-stream';
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

t.test('a file is attached by its absolute path, its size in bytes and its digest', async t => {
  const cwd = await tempDir(t);
  await writeFile(join(cwd, 'notes.md'), 'grün\n');
  t.same(await readAttachments(['notes.md', `${cwd}/../${cwd.split('/').at(-1)}/notes.md`], cwd), [
    ...[1, 2].map(() => ({
      name: 'notes.md',
      size: 6,
      type: 'text/markdown',
      sha256: sha256('grün\n'),
      path: join(cwd, 'notes.md'),
    })),
  ]);
});

t.test('a file of many chunks is hashed whole', async t => {
  const cwd = await tempDir(t);
  const bytes = Buffer.alloc(300_000, 'abc');
  await writeFile(join(cwd, 'data.bin'), bytes);
  const found = await readAttachments(['data.bin'], cwd, { inline: true });
  t.match(found, [{ size: 300_000, sha256: sha256(bytes), path: join(cwd, 'data.bin') }]);
});

t.test('the type is told by the extension, in whatever case', async t => {
  const cwd = await tempDir(t);
  const types = {
    'a.txt': 'text/plain',
    'a.json': 'application/json',
    'a.diff': 'text/x-diff',
    'a.patch': 'text/x-diff',
    'a.PNG': 'image/png',
    'a.jpg': 'image/jpeg',
    'a.pdf': 'application/pdf',
    'a.b.ts': 'text/x-typescript',
    'a.js': 'text/javascript',
    'a.py': 'text/x-python',
    'a.go': 'text/x-go',
    'a.rs': 'text/x-rust',
    'a.constructor': OTHER,
    Makefile: OTHER,
    '.md': OTHER,
  };
  const names = Object.keys(types);
  await Promise.all(names.map(name => writeFile(join(cwd, name), '')));
  const found = await readAttachments(names, cwd);
  t.same(
    found.map(each => ('type' in each ? [each.name, each.type] : [])),
    Object.entries(types),
  );
});

t.test('inline, a small text is sent itself, byte for byte, and in place of its path', async t => {
  const cwd = await tempDir(t);
  const text = '\ufeffgrün\r\n';
  await writeFile(join(cwd, 'a.txt'), text);
  const [found] = await readAttachments(['a.txt'], cwd, { inline: true });
  t.same(found, { name: 'a.txt', size: 10, type: 'text/plain', sha256: sha256(text), text });
});

t.test('inline, what is over the bound or no text stays a reference', async t => {
  const cwd = await tempDir(t);
  const full = 'x'.repeat(limits.attachment_text_bytes);
  const files = {
    'full.txt': full,
    'over.txt': `${full}x`,
    'nul.txt': 'a\0b',
    'latin.txt': Buffer.from([0x67, 0x72, 0xfc, 0x6e]),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(cwd, name), content);
  const found = await readAttachments(Object.keys(files), cwd, { inline: true });
  t.same(
    found.map(each => ('text' in each ? each.text : 'path' in each ? each.path : '')),
    [full, join(cwd, 'over.txt'), join(cwd, 'nul.txt'), join(cwd, 'latin.txt')],
  );
});

t.test('an address is attached as it is, named by the last step of its path', async t => {
  const urls = {
    'https://ci.example/runs/7/Test%20report.pdf?raw=1': 'Test report.pdf',
    'https://ci.example/runs/': 'runs',
    'https://ci.example/': 'ci.example',
    'https://ci.example/100%': '100%',
  };
  t.same(
    await readAttachments(Object.keys(urls), '/', { inline: true }),
    Object.entries(urls).map(([url, name]) => ({ name, url })),
  );
  t.match(await readAttachments([`https://ci.example/${'x'.repeat(300)}`], '/'), [
    { name: 'x'.repeat(limits.label_chars) },
  ]);
});

t.test('an address that is not https, or tells a password, is refused', async t => {
  for (const url of ['http://ci.example/a', 'file:///etc/hosts', 'https://']) {
    const failure = await failureOf(readAttachments([url], '/'));
    t.match(failure, { exit: 'usage', message: url, hint: /https/ }, url);
  }
  const failure = await failureOf(readAttachments(['https://ada:s3cret@ci.example/a'], '/'));
  t.match(failure, { exit: 'usage', message: /ci\.example/ });
  t.notMatch((failure as Error).message, /s3cret/);
});

t.test('a directory, a device and a file that cannot be read are refused by name', async t => {
  const cwd = await tempDir(t);
  await mkdir(join(cwd, 'src'));
  await symlink('loop', join(cwd, 'loop'));
  const refused = (item: string) => failureOf(readAttachments([item], cwd));
  t.match(await refused('src'), { exit: 'failed', message: /src: it is a directory/ });
  t.match(await refused('/dev/null'), { exit: 'failed', message: /no regular file/ });
  t.match(await refused('gone.md'), { exit: 'failed', message: join(cwd, 'gone.md') });
  t.match(await refused('loop'), { exit: 'failed', message: join(cwd, 'loop') });
});

t.test('one attachment too many is refused before any is read', async t => {
  const many = Array.from({ length: limits.attachments_items }, (_, i) => `https://a.example/${i}`);
  t.equal((await readAttachments(many, '/')).length, limits.attachments_items);
  t.match(await failureOf(readAttachments([...many, '/gone.md'], '/')), {
    exit: 'usage',
    message: /17 attachments .* 16/,
  });
});

t.test('a verb takes --attach as often as it is given, and --inline', async t => {
  const parsed = (...args: string[]) =>
    withAttachments(new Command()).parse(args, { from: 'user' }).opts();
  t.same(parsed(), {});
  t.same(parsed('--attach', 'a', '--inline', '--attach', 'b'), {
    attach: ['a', 'b'],
    inline: true,
  });
});
