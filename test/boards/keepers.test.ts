// One suite for every keeper of a board: the same promise, whether a file, a folder or a program.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openBeadsBoard } from '../../client/boards/beads/keeper.js';
import type { Board } from '../../client/boards/board.js';
import { openBacklogBoard, openFoldersBoard } from '../../client/boards/folders/keeper.js';
import { openGithubBoard } from '../../client/boards/github/keeper.js';
import { openMarkdownBoard } from '../../client/boards/markdown/keeper.js';
import { tempDir } from '../dsl/nats.js';
import { StandInBd } from './stand-in-bd.js';
import { StandInGh } from './stand-in-gh.js';

/** The same four items: to do, waiting for it, of a hostile title, and done. */
const HOSTILE = '-- $(touch x); `id` \u001b[31mred';
const place = { env: {}, directory: '/', top: '/nowhere' };

interface Kept {
  board: Board;
  /** Somebody else begins "Fix login" meanwhile. */
  begin(): Promise<void>;
}

async function markdown(t: Test): Promise<Kept> {
  const path = join(await tempDir(t), 'board.md');
  const begun = '## In Progress\n\n';
  const login = '- [ ] Fix login @api ^login\n';
  await writeFile(
    path,
    `## Todo\n\n- [ ] Fix login @api ^login\n- [ ] Dark mode (blocked by ^login)\n` +
      `- [ ] ${HOSTILE}\n\n${begun}## Done\n\n- [x] Search\n`,
  );
  const begin = async () => {
    const text = (await readFile(path, 'utf8')).replace('- [ ] Fix login @api ^login\n', '');
    await writeFile(path, text.replace(begun, begun + login));
  };
  return { board: openMarkdownBoard(path), begin };
}

async function backlog(t: Test): Promise<Kept> {
  const dir = await tempDir(t);
  await mkdir(join(dir, 'tasks'));
  const task = (n: number, title: string, status: string, more = '') => {
    const name = `task-${n} - ${title.replace(/[^a-z]+/gi, '-')}.md`;
    const said = `'${title.replaceAll("'", "''")}'`;
    const head = `id: task-${n}\ntitle: ${said}\nstatus: ${status} # by hand\n${more}`;
    return writeFile(join(dir, 'tasks', name), `---\n${head}---\n\n## Description\n\nstatus: no\n`);
  };
  await task(1, 'Fix login', 'To Do', "assignee:\n  - '@api'\n");
  await task(2, 'Dark mode', 'To Do', 'dependencies: [task-1]\n');
  await task(3, HOSTILE, 'To Do');
  await task(4, 'Search', 'Done', 'labels:\n  - web\n');
  await writeFile(join(dir, 'config.yml'), 'statuses: ["To Do", "In Progress", "Done"]\n');
  const begin = () => task(1, 'Fix login', 'In Progress');
  return { board: openBacklogBoard(dir), begin };
}

async function folders(t: Test): Promise<Kept> {
  const dir = await tempDir(t);
  for (const name of ['todo', 'doing', 'done']) await mkdir(join(dir, name));
  const login = '---\nassignee: api\n---\n# Fix login\n';
  await writeFile(join(dir, 'todo', 'login.md'), login);
  await writeFile(join(dir, 'todo', 'hostile.md'), `# ${HOSTILE}\n`);
  await writeFile(join(dir, 'todo', 'dark.md'), '# Dark mode\n');
  await writeFile(join(dir, 'done', 'search.md'), '# Search\n');
  const begin = async () => {
    await rm(join(dir, 'todo', 'login.md'));
    await writeFile(join(dir, 'doing', 'login.md'), login);
  };
  return { board: openFoldersBoard(dir), begin };
}

async function beads(t: Test): Promise<Kept> {
  const dir = await tempDir(t);
  await mkdir(join(dir, '.beads'));
  const needs = [{ issue_id: 'bd-2', depends_on_id: 'bd-1', type: 'blocks' }];
  const bd = new StandInBd([
    { id: 'bd-1', title: 'Fix login', status: 'open', assignee: 'api', priority: 1 },
    { id: 'bd-2', title: 'Dark mode', status: 'open', dependencies: needs },
    { id: 'bd-3', title: HOSTILE, status: 'open' },
    { id: 'bd-4', title: 'Search', status: 'closed' },
  ]);
  const begin = async () => {
    await bd.run(['update', '--status', 'in_progress', '--', 'bd-1']);
  };
  return { board: openBeadsBoard(dir, place, bd.run), begin };
}

async function github(): Promise<Kept> {
  const url = 'https://github.com/acme/web/issues';
  const gh = new StandInGh([
    { id: 'PVTI_1', title: 'Fix login', column: 'Todo', owners: ['api'], url: `${url}/1` },
    { id: 'PVTI_2', title: 'Dark mode', column: 'Todo', blockedBy: [`${url}/1`] },
    { id: 'PVTI_3', title: HOSTILE, column: 'Todo' },
    { id: 'PVTI_4', title: 'Search', column: 'Done' },
  ]);
  const begin = async () => {
    gh.items[0]!.column = 'In Progress';
  };
  return {
    board: openGithubBoard({ host: 'github.com', owner: 'acme', number: 7 }, gh.run),
    begin,
  };
}

const keepers = { markdown, backlog, folders, beads, github };

for (const [kind, open] of Object.entries(keepers)) {
  t.test(`${kind}: a scan tells title, state, owner and what is waited for`, async t => {
    const { board } = await open(t);
    t.equal(board.kind, kind);
    const { items, columns, notes } = await board.scan();
    t.same(notes, []);
    t.ok(columns.length >= 3);
    const named = (title: string) => items.find(each => each.title.startsWith(title));
    t.match(named('Fix login'), { status: 'todo', owners: ['api'], blocked_by: [] });
    t.match(named('Search'), { status: 'done' });
    if (kind !== 'folders') t.equal(named('Dark mode')?.blocked_by.length, 1);
    const hostile = items.find(({ title }) => title.includes('$(touch x)'));
    t.notMatch(hostile?.title, /\p{Cc}/u, 'one clean line');
    t.same((await board.scan()).items, items, 'the same again');
    t.equal(new Set(items.map(({ id }) => id)).size, 4);
  });

  t.test(
    `${kind}: a move is made once, by a word or what it comes to, and told before`,
    async t => {
      const { board } = await open(t);
      const { id, revision } = await board.find('Fix login');
      const intended: string[] = [];
      const intend = (_: unknown, column: string) => intended.push(column);
      const move = await board.move(id, 'In Progress', { from: 'todo', revision, intend });
      t.match(move, { outcome: 'moved', item: { id, status: 'in_progress' } });
      t.same(intended, [move.item.column]);
      const again = await board.move('fix login', 'in progress', { revision, intend });
      t.match(again, { outcome: 'already' }, 'a repeat is no change');
      t.equal(intended.length, 1);
      t.match(await board.find(id), { column: move.item.column, title: 'Fix login' });
      t.match(await board.move(id, 'done'), { outcome: 'moved', from: move.item.column });
      t.equal((await board.scan()).items.length, 4, 'and nothing is lost');
      const dark = (await board.scan()).items.find(({ title }) => title.startsWith('Dark mode'));
      t.same(dark?.blocked_by, [], 'what is done holds nobody up');
    },
  );

  t.test(`${kind}: who finds it elsewhere leaves it there`, async t => {
    const { board, begin } = await open(t);
    const { id } = await board.find('Fix login');
    await begin();
    const intend = () => t.fail('nothing is to be written');
    const late = await board.move(id, 'done', { from: 'todo', intend });
    t.match(late, { outcome: 'elsewhere', item: { id, status: 'in_progress' } });
    t.match(await board.find(id), { status: 'in_progress' });
  });

  t.test(`${kind}: what is not there is told, with what there is`, async t => {
    const { board } = await open(t);
    await t.rejects(board.move('nothing', 'done'), { message: /no item/ });
    await t.rejects(board.move('Fix login', 'Shelf'), {
      message: /no column/,
      hint: /columns are/,
    });
    await t.rejects(board.find(''), { message: /no item/ });
  });
}

t.test('a hostile title is moved without harm', async t => {
  for (const open of Object.values(keepers)) {
    const { board } = await open(t);
    const { items } = await board.scan();
    const { id } = items.find(({ title }) => title.includes('$(touch x)'))!;
    t.match(await board.move(id, 'done'), { outcome: 'moved' }, board.kind);
  }
});

t.test('a task file keeps every other byte, and its head its comment', async t => {
  const { board } = await backlog(t);
  const dir = join(board.name.replace('backlog:', ''), 'tasks');
  const name = (await readdir(dir)).find(each => each.startsWith('task-1 '))!;
  const before = await readFile(join(dir, name), 'utf8');
  await board.move('task-1', 'In Progress');
  const after = await readFile(join(dir, name), 'utf8');
  t.equal(after, before.replace('status: To Do #', 'status: In Progress #'));
});

t.test(
  'without bd its last export is read, damaged lines are named, and nothing moves',
  async t => {
    const dir = await tempDir(t);
    await mkdir(join(dir, '.beads'));
    const lines = ['{"id":"bd-1","title":"One","status":"open","updated_at":"x"}', '{"id":', ''];
    lines.push(
      '{"id":"bd-2","title":"Gone","status":"tombstone"}',
      'not json',
      '{"_type":"memory"}',
    );
    await writeFile(join(dir, '.beads', 'issues.jsonl'), lines.join('\n'));
    const board = openBeadsBoard(dir, place);
    const { items, notes } = await board.scan();
    t.match(items, [{ id: 'bd-1', status: 'todo' }]);
    t.match(notes, [/bd is not installed/, 'issues.jsonl: no JSON on line 2, 5']);
    await t.rejects(board.move('bd-1', 'done'), { message: /without its program/ });
  },
);

t.test('an older bd is asked more plainly, and what it refuses is told', async t => {
  const dir = await tempDir(t);
  await mkdir(join(dir, '.beads'));
  const bd = new StandInBd([{ id: '-x', title: 'One', status: 'open' }]);
  bd.isOld = true;
  const board = openBeadsBoard(dir, place, bd.run);
  t.match(await board.move('One', 'done'), { outcome: 'moved' });
  t.same(bd.calls.at(-2), ['update', '--status', 'closed', '--json', '--', '-x']);
  bd.failures.push({ code: 1, stdout: '', stderr: 'Error: database is locked' });
  await t.rejects(board.scan(), { message: /bd list: Error: database is locked/ });
  bd.failures.push({ code: 0, stdout: '[{"id"', stderr: '' });
  await t.rejects(board.scan(), { message: /no JSON/ });
});
