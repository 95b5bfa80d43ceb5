// Proves the board of the demo: a file that is read anew for each move, and left alone otherwise.
import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import t from 'tap';
import { createBoard } from '../../client/demo/board.js';
import { tempDir } from '../dsl/nats.js';

t.test('the file is read anew for each move, so that others may edit it too', async t => {
  const text = '# Shop\n\n- [ ] Login @api\n- [~] Dark mode @web\n';
  const board = await createBoard(await tempDir(t), text);
  await board.move('Login', 'in progress');
  await board.move('Login', 'done');
  t.match(await board.read(), [
    { title: 'Login', status: 'done', owners: ['api'] },
    { title: 'Dark mode', status: 'in_progress', owners: ['web'] },
  ]);
  t.equal(await readFile(board.path, 'utf8'), text.replace('[ ]', '[x]'));
  t.same(await readdir(dirname(board.path)), ['board.md'], 'nothing is left beside it');
});
