// Proves moves and their records: what was moved is recorded once, whatever was cut off meanwhile.
import { link, lutimes, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openBeadsBoard } from '../../client/boards/beads/keeper.js';
import { chooseBoard } from '../../client/boards/choose.js';
import { openFoldersBoard } from '../../client/boards/folders/keeper.js';
import { openMarkdownBoard } from '../../client/boards/markdown/keeper.js';
import { type BoardMesh, moveItem, settleNoted } from '../../client/boards/moving.js';
import { BoardRoom } from '../../client/boards/room.js';
import { mintId } from '../../client/sdk/identity.js';
import { tempDir } from '../dsl/nats.js';
import { StandInBd } from './stand-in-bd.js';

const ID = mintId(1);

/** A desk of its own, and the ids under which moves came to its log. */
async function desk(t: Test) {
  const recorded: string[] = [];
  const call = async (_: string, { id }: { id: string }) => recorded.push(id);
  const mesh = { call, newId: () => mintId(Date.now()) } as unknown as BoardMesh;
  return { mesh, state: await tempDir(t), recorded };
}

t.test('a program that moved it and could not say so is recorded by the next scan', async t => {
  const dir = await tempDir(t);
  await mkdir(join(dir, '.beads'));
  const bd = new StandInBd([{ id: 'bd-1', title: 'One', status: 'open' }]);
  const cut = { code: 1, stdout: '', stderr: 'database is locked' };
  const run = async (args: readonly string[]) => (args[0] === 'show' ? cut : bd.run(args));
  const board = openBeadsBoard(dir, { env: {}, directory: dir, top: dir }, run);
  const { recorded, ...at } = await desk(t);
  await t.rejects(moveItem(board, { item: 'One', to: 'closed' }, at), { message: /locked/ });
  t.same(recorded, []);
  const { items } = await board.scan();
  await settleNoted(board, items, at);
  await settleNoted(board, items, at);
  t.equal(recorded.length, 1);
});

t.test('a scan that is older than a move does not forget it', async t => {
  const path = join(await tempDir(t), 'board.md');
  await writeFile(path, '- [ ] a ^a\n');
  const board = openMarkdownBoard(path);
  const { items } = await board.scan();
  const { recorded, ...at } = await desk(t);
  const room = new BoardRoom(at.state, board.name);
  room.note({ id: ID, board: board.name, item: 'a', title: 'a', to: 'done' });
  await writeFile(path, '- [x] a ^a\n');
  await settleNoted(board, items, at);
  t.same(recorded, [ID]);
});

t.test('a lock from before the machine was started again holds nobody up', async t => {
  const room = new BoardRoom(await tempDir(t), 'md:/board.md');
  await mkdir(room.directory, { recursive: true });
  const lock = join(room.directory, 'lock');
  // Its number is that of a process that lives and never was a mover.
  await symlink(String(process.pid), lock);
  await lutimes(lock, 1, 1);
  t.equal(await room.alone(async () => 'done'), 'done');
});

t.test('a file that a killed mover left in two folders is one task, and can be moved', async t => {
  const dir = await tempDir(t);
  for (const name of ['todo', 'done']) await mkdir(join(dir, name));
  const from = join(dir, 'todo', 'two\nlines.md');
  await writeFile(from, '# Login\n');
  await link(from, join(dir, 'done', 'two\nlines.md'));
  const board = openFoldersBoard(dir);
  t.match((await board.scan()).items, [{ id: 'two lines', column: 'todo' }]);
  t.match(await board.move('Login', 'done'), { outcome: 'moved' });
  t.same([await readdir(join(dir, 'todo')), (await board.scan()).items.length], [[], 1]);
});

t.test('a project names no other host, and no file elsewhere, not by a link either', async t => {
  const [top, elsewhere] = [await tempDir(t), await tempDir(t)];
  await writeFile(join(elsewhere, 'own.md'), '- [ ] private\n');
  const place = { directory: top, top, env: { GH_HOST: 'ghe.acme.com' } };
  const says = (text: string) => () =>
    chooseBoard({ ...place, configured: { text, isProject: true } });
  t.throws(says('github:evil.example.com/acme/7'), { message: /outside of it/, hint: /--board/ });
  t.equal(says('github:ghe.acme.com/acme/7')().board.kind, 'github', 'the host of its user');
  t.equal(says('github:acme/7')().board.kind, 'github');
  await symlink(join(elsewhere, 'own.md'), join(top, 'board.md'));
  t.throws(says('board.md'), { message: /outside of it/ });
  t.throws(() => chooseBoard(place), { message: /outside of it/ }, 'found, and not named');
  t.equal(chooseBoard(place, 'board.md').board.kind, 'markdown', 'who names it means it');
});
