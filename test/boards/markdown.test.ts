// Proves the Markdown board: what counts as an item, and that a move loses no byte of anybody's.
import {
  chmod,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { readBoardFile, replaceBoardFile } from '../../client/boards/board-file.js';
import { markdownBoard } from '../../client/boards/markdown/document.js';
import { openMarkdownBoard, scanned } from '../../client/boards/markdown/keeper.js';
import { movedText } from '../../client/boards/markdown/move.js';
import { tempDir } from '../dsl/nats.js';

const list = `# Shop

Some words, and [ ] a box in them.

- [ ] Limit login attempts @api #security p1
- [~] Dark mode @web
  * [x] Colours
1. [X] Search box [issue](https://example.com/7) @web
- [ ] Mail ada@example.com
- [-] given up
- [ ] @web
- [] no box
-[ ] no gap
- [ ] \`code @x\` in <b>bold</b> ^mark
- [ ] Ship it (blocked by ^mark)

A paragraph.

    - [ ] code, as it stands far in

\`\`\`
- [ ] an example
\`\`\`

<!-- - [ ] hidden
- [ ] hidden, too
-->
+ [ ] Outline @docs <!-- a note -->
`;

const kanban = `---
kanban-plugin: board
---

## 📥 Backlog (2)

- [ ] Fix login @api
  with a second line
  - [ ] a step
    - deeper

  and a paragraph
- [ ] Dark mode

## In Progress

## Done ✅

- [x] Search

%% kanban:settings
- [ ] not an item
%%
`;

const titles = (text: string) => scanned(text).items.map(({ title }) => title);
/** The text after a move. */
function moved(text: string, title: string, column: string): string {
  const board = markdownBoard(text);
  const item = board.items.find(each => each.title === title)!;
  return movedText(board, item, column).text;
}

t.test('an item is a box in a list; its words say whose it is, and what it is about', async t => {
  t.match(scanned(list).items, [
    { title: 'Limit login attempts', status: 'todo', owners: ['api'], labels: ['security'] },
    { title: 'Dark mode', status: 'in_progress', column: 'in progress', owners: ['web'] },
    { title: 'Colours', status: 'done' },
    { title: 'Search box issue', url: 'https://example.com/7', owners: ['web'] },
    { title: 'Mail ada@example.com', owners: [] },
    { title: 'given up', status: 'done', column: 'cancelled' },
    { title: '@web', owners: [] },
    { title: '`code @x` in bold', id: 'mark', owners: [] },
    { title: 'Ship it (blocked by ^mark)', blocked_by: ['^mark'] },
    { title: 'Outline', owners: ['docs'] },
  ]);
  t.equal(scanned(list).items.length, 10);
  t.equal(scanned(list).items[0]?.priority, 'p1');
  t.same(titles(''), []);
});

t.test('headings are columns where their words say so, and what is nested goes along', async t => {
  const { items, columns } = scanned(kanban);
  t.same(columns, ['📥 Backlog (2)', 'In Progress', 'Done ✅']);
  t.match(items, [
    { title: 'Fix login', status: 'todo', column: '📥 Backlog (2)', owners: ['api'] },
    { title: 'Dark mode', status: 'todo' },
    { title: 'Search', status: 'done' },
  ]);
  t.equal(items.length, 3);
  const block = kanban.slice(kanban.indexOf('- [ ] Fix'), kanban.indexOf('- [ ] Dark'));
  const begun = moved(kanban, 'Fix login', 'In Progress');
  t.equal(begun, kanban.replace(block, '').replace('Progress\n\n', `Progress\n\n${block}\n`));
  const done = moved(begun, 'Fix login', 'Done ✅');
  t.match(done, '- [x] Search\n- [x] Fix login @api\n  with a second line\n  - [ ] a step');
  t.match(moved(done, 'Fix login', 'In Progress'), '- [ ] Fix login');
});

t.test('of columns with one word the one in the same section is meant', async t => {
  const text = '# Web\n## Todo\n- [ ] a\n## Done\n# API\n## Todo\n- [ ] b\n## Done\n';
  t.equal(
    moved(text, 'b', 'Done'),
    '# Web\n## Todo\n- [ ] a\n## Done\n# API\n## Todo\n## Done\n- [x] b\n',
  );
  t.equal(
    moved(text, 'a', 'Done'),
    '# Web\n## Todo\n## Done\n- [x] a\n# API\n## Todo\n- [ ] b\n## Done\n',
  );
});

t.test('Windows lines, a byte order mark and no last newline stay as they are', async t => {
  t.equal(moved('\ufeff- [ ] one\r\n- [ ] two', 'one', 'done'), '\ufeff- [x] one\r\n- [ ] two');
  t.equal(
    moved('## Todo\r\n- [ ] one\r\n## Done\r\n- [x] two', 'one', 'Done'),
    '## Todo\r\n## Done\r\n- [x] two\r\n- [x] one',
  );
  t.equal(
    moved('## Todo\n- [ ] a\n- [ ] b\n## Done', 'a', 'Done'),
    '## Todo\n- [ ] b\n## Done\n- [x] a',
  );
  t.equal(
    moved('Todo\n----\n\n- [ ] a\n\nDone\n----\n', 'a', 'Done').includes('Done\n----\n- [x] a'),
    true,
  );
});

t.test(
  'ids stay the same when others come and go, and two of one title are told apart',
  async t => {
    const ids = (text: string) => scanned(text).items.map(({ id }) => id);
    const [login] = ids('- [ ] Fix login @api\n');
    t.match(login, /^fix-login-[0-9a-f]{4}$/);
    t.equal(ids('- [ ] new\n- [x] Fix login @web\n')[1], login);
    t.same(ids('- [ ] Fix login\n- [ ] Fix login\n'), [login, `${login}.2`]);
  },
);

const words = fc.constantFrom(
  'a',
  'b',
  'fix `it`',
  '<!-- x',
  '-->',
  '```',
  '%%',
  '# Todo',
  '## Todo',
);
const lineOf = fc.oneof(
  words,
  fc.constantFrom('## Done', '## In Progress', '', '\ttab', '    code', '---', '~~~', 'lazy'),
  fc
    .tuple(fc.constantFrom('', ' ', '  ', '    ', '\t'), fc.constantFrom(' ', 'x', '~', '-'), words)
    .map(([indent, box, text]) => `${indent}- [${box}] ${text}`),
);
const texts = fc
  .tuple(fc.array(lineOf, { maxLength: 14 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, isEnded]) => lines.join(end) + (isEnded ? end : ''));

/** What no move may change: every line with words, whatever its box, as often as it is there. */
const held = (text: string) =>
  text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .map(line => line.replace(/^(\ufeff?\s*(?:[-*+]|\d+[.)])\s+\[)[ ~/xX-]\]/, '$1]'));

t.test('whatever the text, a move loses no line, doubles none, and reorders no other', async t => {
  const law = fc.property(texts, fc.nat(), fc.nat(), (text, n, m) => {
    const board = markdownBoard(text);
    if (board.lines.map(line => line.text + line.end).join('') !== text) return false;
    const item = board.items[n % Math.max(1, board.items.length)];
    const column = board.columns[m % board.columns.length]!;
    if (item === undefined || item.column === column) return true;
    const after = movedText(board, item, column).text;
    if ([...held(after)].sort().join('\n') !== [...held(text)].sort().join('\n')) return false;
    const block = board.lines.slice(item.line, item.until).map(line => line.text);
    const others = (lines: string[]) =>
      lines.filter(line => !held(block.join('\n')).includes(line));
    return others(held(after)).join('\n') === others(held(text)).join('\n');
  });
  fc.assert(law, { numRuns: 300, seed: 11 });
  t.pass();
});

async function boardFile(t: Test, text = list): Promise<string> {
  const path = join(await tempDir(t), 'TODO.md');
  await writeFile(path, text);
  return path;
}

t.test('a move writes the file whole, with its mode, and through one link', async t => {
  const path = await boardFile(t);
  await chmod(path, 0o640);
  const linked = join(await tempDir(t), 'board.md');
  await symlink(path, linked);
  const board = openMarkdownBoard(linked);
  t.equal(board.name, `md:${path}`, 'two names of one file are one board');
  const { outcome, from, item } = await board.move('Outline', 'In Progress');
  t.same([outcome, from, item.column], ['moved', 'to do', 'in progress']);
  t.equal(await readFile(path, 'utf8'), list.replace('+ [ ]', '+ [~]'));
  t.equal((await stat(path)).mode & 0o777, 0o640);
  t.same(await readdir(join(path, '..')), ['TODO.md'], 'nothing is left beside it');
});

t.test('what somebody wrote meanwhile is never written over', async t => {
  const path = await boardFile(t);
  const seen = readBoardFile(path);
  await writeFile(path, `${list}- [ ] by hand\n`);
  t.equal(replaceBoardFile(seen, 'ours'), false);
  t.equal(await readFile(path, 'utf8'), `${list}- [ ] by hand\n`);
  t.same(await readdir(join(path, '..')), ['TODO.md']);
});

t.test('what is no text file of ours to write is refused, and nothing is waited for', async t => {
  const dir = await tempDir(t);
  const bad = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(dir, name), content);
    return openMarkdownBoard(join(dir, name)).scan();
  };
  await t.rejects(bad('binary.md', new Uint8Array([0xff, 0xfe])), { message: /no text in UTF-8/ });
  await t.rejects(bad('zero.md', 'a\0b'), { message: /no text/ });
  const huge = await open(join(dir, 'huge.md'), 'w');
  await huge.truncate(9_000_000);
  await huge.close();
  await t.rejects(openMarkdownBoard(join(dir, 'huge.md')).scan(), { message: /longer than 8 MiB/ });
  await mkdir(join(dir, 'folder.md'));
  await t.rejects(openMarkdownBoard(join(dir, 'folder.md')).scan(), { message: /it is no file/ });
  t.throws(() => openMarkdownBoard(join(dir, 'none.md')), { message: /there is no board/ });
  const path = await boardFile(t);
  await link(path, join(dir, 'second.md'));
  t.match(await openMarkdownBoard(path).move('Outline', 'done'), { outcome: 'moved' });
  await chmod(path, 0o444);
  const fixed = openMarkdownBoard(path).move('Outline', 'to do');
  await t.rejects(fixed, { message: /cannot write the board .* it is read-only/ });
});

t.test(
  'a text of many lines is read in little more time than a short one of its length',
  async t => {
    for (const line of ['<!-- ', '- [ ] a', '## Todo', '`', '- [ ] @a #b ^c', ' '.repeat(999)]) {
      const text = `${line}\n`.repeat(Math.floor(200_000 / line.length));
      t.ok(scanned(`## Todo\n## Done\n${text}`).columns.length > 0);
      t.ok(scanned(line.repeat(Math.floor(200_000 / line.length))).columns.length > 0);
    }
  },
);
