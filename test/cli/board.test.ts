// A board at the command line and by MCP: what is ready, who moved it, what the log has of it.
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { BoardRoom } from '../../client/boards/room.js';
import { mintId } from '../../client/sdk/identity.js';
import { openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { session } from '../mcp/session.js';
import { inside } from './inside.js';

const TEXT = `## Todo

- [ ] Fix login @api p1
- [ ] Dark mode (blocked by ^base)
- [ ] Base ^base

## In Progress

## In Review

## Done
`;

const house = await openBroker(t, { durability: 'os' });
const directory = await tempDir(t);
const file = join(directory, 'board.md');
await writeFile(file, TEXT);
const name = `md:${file}`;
const env = { XDG_STATE_HOME: undefined };
const ada = await inside(t, house, 'ada', { directory, env });
const bob = await inside(t, house, 'bob', { directory, home: ada.home, env });
await ada.ok(['join']);

interface Row {
  id: string;
  column: string;
  doubts: string[];
  doing: { ref: string; state: string; live: boolean; who: string }[];
  moved?: { to: string; by: string };
}
const all = async () => (await ada.rows(['board', 'scan', '--all'])) as Row[];
const row = async (title: string) => {
  const rows = (await all()) as (Row & { title: string })[];
  return rows.find(each => each.title.startsWith(title))!;
};
/** The moves of the board that the log has. */
const records = async () => {
  const told = await ada.ok(['log', 'read', '--types', 'board.moved', '--jsonl']);
  return told.split('\n').filter(line => line.includes('board.moved')).length;
};

t.test('what is ready is to do, waits for nothing, and nobody is at it', async t => {
  const shown = await ada.ok(['board', 'scan']);
  t.match(shown, /^ITEM +COLUMN +OWNER +PRIO +TITLE\nfix-login-\w{4} +Todo +api +p1 +Fix login\n/);
  t.match(shown, /base +Todo +Base\n$/);
  t.notMatch(shown, 'Dark mode');
  t.match(await ada.rows(['board', 'scan', '--mine']), []);
});

t.test('a move is on the board and in the log, once, and says who has it', async t => {
  const { job } = (await ada.json(['job', 'create', 'Fix login', '--body', 'do'])) as {
    job: string;
  };
  const moved = await ada.run(['board', 'move', 'fix login', 'in progress', '--for', job]);
  t.match(moved, { code: 0, stdout: /^moved "Fix login" from Todo to In Progress/ });
  t.match(await readFile(file, 'utf8'), '## In Progress\n\n- [ ] Fix login @api p1\n');
  t.match(await ada.ok(['board', 'move', 'fix login', 'In Progress']), /stands in In Progress/);
  t.equal(await records(), 1);
  const { doing, moved: last, doubts } = await row('Fix login');
  t.match(doing, [{ ref: job, state: 'queued', live: true }]);
  t.match(last, { to: 'In Progress', by: 'ada' });
  t.same(doubts, []);
  t.match(await ada.rows(['board', 'scan', '--mine']), [{ title: 'Fix login' }]);
});

t.test('somebody who was faster is told of, and nothing is done', async t => {
  const { revision } = (await row('Base')) as unknown as { revision: string };
  const late = await bob.run(['board', 'move', 'fix-login', 'done', '--from', 'todo']);
  t.match(late, { code: 6, stderr: /moved or changed meanwhile, and is left in In Progress/ });
  await writeFile(file, (await readFile(file, 'utf8')).replace('Base ^base', 'Base! ^base'));
  const changed = await bob.run(['board', 'move', 'base', 'done', '--revision', revision]);
  t.match(changed, { code: 6 });
  t.match(await bob.run(['board', 'move', 'nothing', 'done']), { code: 5, stderr: /no item/ });
  t.match(await bob.run(['board', 'move', 'base', 'Later']), { code: 0 }, 'what it comes to');
  t.match(await bob.run(['board', 'move', 'base', 'Shelf']), { code: 5, stderr: /"In Review"/ });
});

t.test('where board and mesh disagree, a scan says so', async t => {
  await writeFile(file, (await readFile(file, 'utf8')).replace('## In Progress', '## Blocked'));
  const { doubts } = await row('Fix login');
  t.match(doubts, [/last recorded in "In Progress", so somebody moved it by hand/]);
  await writeFile(file, (await readFile(file, 'utf8')).replace('## Blocked', '## In Progress'));
});

t.test(
  'a pull request that nobody knows of is work on what is open, not on what is done',
  async t => {
    const url = 'https://github.com/acme/shop/pull/7';
    const own = join(await tempDir(t), 'own.md');
    await writeFile(own, '- [x] Ship ^ship\n- [ ] Next ^next\n');
    const at = ['--board', `md:${own}`];
    await bob.ok(['join']);
    await bob.ok(['review', 'request', url, 'ada']);
    for (const item of ['ship', 'next']) await ada.ok(['board', 'link', item, url, ...at]);
    t.match(await ada.rows(['board', 'scan', '--all', ...at]), [
      { id: 'ship', taken: false, doing: [{ ref: url, state: 'unknown' }], doubts: { length: 0 } },
      { id: 'next', taken: true, ready: false, doubts: ['to do, and somebody is at it'] },
    ]);
  },
);

t.test('a mover that was killed before it could say so is recorded late, and once', async t => {
  const before = await records();
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('- [ ] Base! ^base\n', '').concat('- [x] Base! ^base\n'));
  const room = new BoardRoom(join(ada.home, '.local', 'state', 'signalbox'), name);
  const intent = { board: name, title: 'Base!', item: 'base', from: 'Todo', to: 'Done' };
  room.note({ id: mintId(Date.now()), ...intent });
  room.note({ id: mintId(Date.now()), ...intent, item: 'fix-login', to: 'Done' });
  // Its lock names a process that is no more.
  await symlink('999999999', join(room.directory, 'lock'));
  await all();
  await all();
  t.equal(await records(), before + 1, 'the one that stands where it was to go');
  t.same(room.noted(), []);
  t.match(await row('Base'), { moved: { to: 'Done', by: 'ada' } });
});

t.test('a session scans, moves and links by its tools, in few words', async t => {
  const boss = await session(t, house, { args: ['--name', 'boss'], directory, home: ada.home });
  await boss.shake();
  const scanned = await boss.tool('board_scan', { which: 'open' });
  t.match(scanned.text, /items:\n- id: dark-mode\S+; title: .*column: Todo\n/);
  t.match(scanned.text, /columns:\n- Todo\n- In Progress/);
  const ready = await boss.tool('board_scan', {});
  t.match(ready.text, /nothing is ready|Dark mode/);
  const linked = await boss.tool('board_link', { item: 'Dark mode', ref: '/nowhere/at/all' });
  t.ok(linked.isError, 'no such title');
  const item = (await row('Dark')).id;
  await boss.tool('board_link', { item, ref: '/nowhere/at/all' });
  const moved = await boss.tool('board_move', { item, to: 'in review', from: 'todo' });
  t.match(moved.text, /^outcome: moved\nitem: dark-mode/);
  t.match(await boss.tool('board_move', { item, to: 'done', from: 'todo' }), {
    text: /^outcome: elsewhere/,
  });
  const { doing, moved: last } = await row('Dark');
  t.match(doing, [{ ref: '/nowhere/at/all', state: 'gone' }]);
  t.match(last, { by: 'boss', to: 'In Review' });
  t.match(await boss.tool('board_scan', { board: 'md:none.md' }), {
    isError: true,
    text: /there is no board at .*name another/,
  });
});

t.test('without a broker the board is scanned and moved, and recorded later', async t => {
  const before = await records();
  const cut = await inside(t, house, 'ada', {
    directory,
    home: ada.home,
    env: { ...env, SIGNALBOX_URL: 'http://127.0.0.1:1' },
  });
  const moved = await cut.run(['board', 'move', 'fix-login', 'done']);
  t.match(moved, { code: 0, stdout: /^moved/, stderr: /the log does not know of it/ });
  t.match(await cut.run(['board', 'scan', '--all']), { code: 0, stderr: /is not known/ });
  t.equal(await records(), before);
  await all();
  t.equal(await records(), before + 1);
});

t.test('a project that names a board outside of itself is not followed', async t => {
  await writeFile(join(directory, '.signalbox.yaml'), 'board: md:../elsewhere.md\n');
  t.match(await ada.run(['board', 'scan']), { code: 4, stderr: /names a board outside of it/ });
  await writeFile(join(directory, '.signalbox.yaml'), 'board: md:board.md, github:acme/7\n');
  t.match(await ada.run(['board', 'scan']), {
    code: 0,
    stderr: /other boards here: github:acme\/7/,
  });
});
