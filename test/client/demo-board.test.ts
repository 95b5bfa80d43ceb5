// Proves the board of the demo: what counts as an item, and that a move touches nothing else.
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import t from 'tap';
import { createBoard, moved, scan } from '../../client/demo/board.js';
import { tempDir } from '../dsl/nats.js';

const board = `# Shop

Some words, and [ ] a box in them.

- [ ] Limit login attempts @api
- [~] Dark mode @web
  * [x] Colours
1. [X] Search box @web
- [ ] Mail ada@example.com
- [-] given up
- [] no box
-[ ] no gap

\`\`\`
- [ ] an example
\`\`\`

+ [ ] Outline @docs
`;

t.test('an item is a box in a list, and its last word may say whose it is', async t => {
  t.same(scan(board), [
    { state: 'to do', title: 'Limit login attempts', project: 'api' },
    { state: 'in progress', title: 'Dark mode', project: 'web' },
    { state: 'done', title: 'Colours' },
    { state: 'done', title: 'Search box', project: 'web' },
    { state: 'to do', title: 'Mail ada@example.com' },
    { state: 'to do', title: 'Outline', project: 'docs' },
  ]);
  t.same(scan(''), []);
  t.same(scan('- [ ] @web'), [{ state: 'to do', title: '@web' }], 'a project needs a title');
});

t.test('a move changes one box and not another byte', async t => {
  const after = moved(board, 'Limit login attempts', 'in progress');
  t.equal(after, board.replace('- [ ] Limit', '- [~] Limit'));
  t.equal(moved(after, 'Limit login attempts', 'to do'), board);
  t.equal(moved(board, 'Search box', 'done'), board.replace('[X]', '[x]'));
  const windows = '- [ ] one @web  \r\n- [ ] two\r\n';
  t.equal(moved(windows, 'one', 'done'), '- [x] one @web  \r\n- [ ] two\r\n');
});

t.test('a title that names no item, or several, moves none', async t => {
  t.throws(() => moved(board, 'an example', 'done'), { message: /no item "an example"/ });
  t.throws(() => moved('- [ ] a\n- [x] a @web\n', 'a', 'done'), { message: /several items "a"/ });
});

t.test('the file is read anew for each move, so that others may edit it too', async t => {
  const directory = await tempDir(t);
  const file = await createBoard(directory, board);
  await file.move('Outline', 'in progress');
  await file.move('Outline', 'done');
  t.match(await file.read(), [{}, {}, {}, {}, {}, { title: 'Outline', state: 'done' }]);
  t.equal(await readFile(file.path, 'utf8'), board.replace('+ [ ]', '+ [x]'));
  t.same(await readdir(dirname(file.path)), ['board.md'], 'nothing is left beside it');
});
