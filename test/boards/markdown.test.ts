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
import t, { type Test } from 'tap';
import { readBoardFile, replaceBoardFile } from '../../client/boards/board-file.js';
import { markdownBoard } from '../../client/boards/markdown/document.js';
import { openMarkdownBoard, scanned } from '../../client/boards/markdown/keeper.js';
import { movedText, readBack } from '../../client/boards/markdown/move.js';
import { tempDir } from '../dsl/nats.js';

/** Marks of code of many lengths, none of which is closed. */
const TICKS = Array.from({ length: 80 }, (_, n) => `${'`'.repeat(n + 1)}a`).join('');

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

/** What a move comes to, and the same move again. */
const MADE_TWICE = ['moved', 'already'];

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

t.test('words by hand under a heading, a fence or a comment stay with what they belong to', t => {
  const hand = '## Todo\n- [ ] a\n\n## Doing\nBy hand.\n\n## Done\n';
  const there = moved(hand, 'a', 'Doing');
  t.match(there, '- [ ] a\n\nBy hand.\n', 'no part of the item');
  t.equal(moved(there, 'a', 'Done').includes('## Doing\n\nBy hand.\n'), true);
  const fence = '```\nby hand\n```\n';
  const own = '- [ ] a\n  ```\n  x\n  ```\n';
  t.match(moved(`## Todo\n${own}${fence}## Done\n`, 'a', 'Done'), `## Todo\n${fence}## Done`);
  const comment = '- [ ] a <!-- from\n- [ ] to -->\n';
  t.match(moved(`## Todo\n${comment}- [ ] b\n## Done\n`, 'a', 'Done'), '[x] a <!-- from\n- [ ] to');
  const open = '## Todo\n## Done\n- [x] a\n  ```\n- [ ] b\n';
  const board = markdownBoard(open);
  const [item] = board.items;
  t.equal(readBack(board, item!, 'Todo', movedText(board, item!, 'Todo')), undefined);
  t.end();
});

async function boardFile(t: Test, text = list): Promise<string> {
  const path = join(await tempDir(t), 'TODO.md');
  await writeFile(path, text);
  return path;
}

t.test('a move writes the file whole, with its mode, and through one link', async t => {
  const path = await boardFile(t);
  await chmod(path, 0o666);
  const linked = join(await tempDir(t), 'board.md');
  await symlink(path, linked);
  const board = openMarkdownBoard(linked);
  t.equal(board.name, `md:${path}`, 'two names of one file are one board');
  const { outcome, from, item } = await board.move('Outline', 'In Progress');
  t.same([outcome, from, item.column], ['moved', 'to do', 'in progress']);
  t.equal(await readFile(path, 'utf8'), list.replace('+ [ ]', '+ [~]'));
  t.equal((await stat(path)).mode & 0o777, 0o666);
  t.same(await readdir(join(path, '..')), ['TODO.md'], 'nothing is left beside it');
});

t.test('of two of one title none is moved whose id would then mean the other', async t => {
  const path = await boardFile(t, '## Todo\n- [ ] a\n- [ ] a\n## Doing\n## Done\n- [x] a\n');
  const board = openMarkdownBoard(path);
  const id = (await board.scan()).items[0]!.id;
  const told: string[] = [];
  const intend = (_: unknown, column: string) => told.push(column);
  const outcome = async (n: string, to: string) => (await board.move(n, to, { intend })).outcome;
  const before = await readFile(path, 'utf8');
  await t.rejects(outcome(id, 'in progress'), {
    exit: 'conflict',
    message: /several items "a"/,
    hint: `end its line with a name of its own, as ^login, and move it by that: ${path}:2`,
  });
  t.same([await readFile(path, 'utf8'), told], [before, []], 'nothing is written or noted');
  t.same([await outcome(`${id}.2`, 'Doing'), await outcome(`${id}.2`, 'Doing')], MADE_TWICE);
  await t.rejects(outcome(id, 'done'), { message: /several/ }, 'the other is still open');
  await writeFile(path, before.replace('[ ] a\n', '[ ] a ^first\n'));
  t.same([await outcome('first', 'Doing'), await outcome('first', 'Doing')], MADE_TWICE);
  t.same(
    [await outcome(id, 'Done'), await outcome(id, 'Done')],
    MADE_TWICE,
    'as done as the other',
  );
  await t.rejects(outcome(`${id}.2`, 'Todo'), { message: /several/ }, 'nor brought back');
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

t.test('a hostile text is read in time that grows with its length alone', t => {
  const lines = [
    ...['<!-- ', '- [ ] a', '## Todo', '`', ' '.repeat(999), `- [ ] a${' #b'.repeat(1_300)}`],
    ...[`- [ ] a${' '.repeat(4_000)}b`, `- [ ] ${'['.repeat(4_000)}`, `# ${'['.repeat(4_000)}`],
    ...[`- [ ] ${'[]('.repeat(1_300)}`, `- [ ] http://${'.'.repeat(4_000)}x`, `- [ ] ${TICKS}`],
    '- [ ] a (blocked by b,c,d,e)',
  ];
  for (const line of lines) {
    for (const text of [`${line}\n`, line]) {
      const many = text.repeat(Math.ceil(100_000 / text.length));
      t.ok(scanned(`## Todo\n## Done\n${many}`).columns.length > 0);
    }
  }
  const deep = Array.from({ length: 400 }, (_, n) => `${'\t'.repeat(n)}- [ ] a\n`).join('');
  t.equal(scanned(deep).items.length, 400);
  t.end();
});
