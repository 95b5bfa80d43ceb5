// Kill and cleanup: what is proven to be of a spawn ends and goes, and all else is named.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { callOnce } from '../../client/index.js';
import { readRecords } from '../../client/spawn/record.js';
import { join as joinPeer, openBroker } from '../dsl/live-broker.js';
import { until } from '../dsl/until.js';
import { Repository } from './repository.js';
import { noTmux, spawner } from './stand-ins.js';

const skip = noTmux();

const house = await openBroker(t, { durability: 'os' });
const operator = { url: house.ready.url, credential: house.token };
const { home, person, as, state } = await spawner(t, house);
const shop = await Repository.make(t);
await person.ok(['spawn', 'allow', shop.path]);
const at = ['--runtime', 'claude-code', '--path', shop.path];

interface Left {
  name: string;
  what: string;
  where?: string;
  outcome: string;
  why?: string[];
}

const cleanup = (...more: string[]) => person.rows(['cleanup', ...more]) as Promise<Left[]>;
const of = (rows: Left[], what: string) => rows.find(row => row.what === what);

async function rowOf(name: string) {
  const { rows } = await callOnce(operator, 'peer.list', { circle: '*', offline: true });
  return rows.find(row => row.name === name);
}

t.test('a session is ended with its terminal, and its peer retired', { skip }, async t => {
  await person.ok(['spawn', ...at, '--worktree', 'one', '-m', 'work']);
  await until(async () => (await rowOf('shop-one'))?.turn === 'working', { what: 'its turn' });
  t.match(await person.run(['kill', 'shop-one']), { code: 6, stderr: /middle of a turn/ });
  t.match(of(await cleanup(), 'session'), { outcome: 'kept', why: [/kill shop-one/] });
  const [record] = readRecords(state);
  const told = await person.json(['kill', 'shop-one', '--force']);
  t.match(told, { name: 'shop-one', retired: true });
  t.equal(await rowOf('shop-one'), undefined);
  t.throws(() => process.kill(record?.root?.pid ?? 0, 0), { code: 'ESRCH' });
  t.match(await person.run(['kill', 'shop-one']), { code: 0, stdout: /had ended already/ });
});

t.test('who was not spawned from here is named, and left alone', async t => {
  const other = await joinPeer(t, house, 'other');
  const refusal = { code: 4, stderr: /other was not spawned from here, and is left alone/ };
  t.match(await person.run(['kill', 'other', '--force']), refusal);
  t.match(await person.run(['kill', 'nobody']), { code: 5, stderr: /no session that was spawned/ });
  t.equal((await rowOf('other'))?.status, 'online');
  await other.guest.call('peer.list', {});
});

t.test('a process that has taken the number of a session is not ended', { skip }, async t => {
  const [record] = readRecords(state);
  const folder = join(state, 'spawns', record?.spawn ?? '');
  const kept = { ...record, killed: undefined, root: undefined };
  writeFileSync(join(folder, 'spawn.json'), JSON.stringify(kept));
  const note = readFileSync(join(folder, 'pid'), 'utf8');
  t.match(note, /^\d+\n\d+ \(.*\n[0-9a-f-]+\n$/, 'it has noted its start and the machine’s');
  for (const taken of [note.replaceAll(/^\d+/gm, `${process.pid}`), `${process.pid}\n`]) {
    writeFileSync(join(folder, 'pid'), taken);
    t.match(await person.run(['kill', 'shop-one', '--force']), { code: 0, stdout: /had ended/ });
    writeFileSync(join(folder, 'spawn.json'), JSON.stringify(kept));
  }
});

t.test('a look removes nothing; then work keeps its worktree, and is named', { skip }, async t => {
  const path = `${shop.path}.worktrees/one`;
  t.match(of(await cleanup('--dry-run'), 'worktree'), { outcome: 'removable', where: path });
  t.ok(existsSync(path));
  writeFileSync(join(path, 'new.txt'), 'work');
  const inside = await as({}, path);
  const rows = (await inside.rows(['cleanup', 'shop-one'])) as Left[];
  const why = ['in use: this shell stands in it', 'dirty: untracked: new.txt'];
  t.same(of(rows, 'worktree'), { ...of(rows, 'worktree'), outcome: 'kept', why });
  t.match(of(rows, 'files'), { outcome: 'kept' });
  t.ok(existsSync(join(path, 'new.txt')));
  rmSync(join(path, 'new.txt'));
});

t.test('what is safe goes, with its branch, and nothing of it is left', { skip }, async t => {
  shop.git('worktree', 'add', '--quiet', '-b', 'theirs', `${shop.path}.worktrees/theirs`);
  const rows = await cleanup();
  const outcomes = rows.map(({ name, what, outcome }) => `${name} ${what} ${outcome}`);
  t.same(outcomes, [
    'shop-one worktree removed',
    'shop-one branch removed',
    'shop-one peer removed',
    'shop-one files removed',
    ' worktree kept',
  ]);
  t.match(rows.at(-1)?.why, [/^foreign/]);
  t.notOk(existsSync(`${shop.path}.worktrees/one`));
  t.ok(existsSync(`${shop.path}.worktrees/theirs`));
  t.same(readRecords(state), []);
  t.same(await cleanup(), []);
});

t.test('an ask or job that is open keeps it, and an answer that nobody has read', async t => {
  const job = (await person.json(['job', 'create', 'Fix it'])) as { job: string };
  await person.ok(['spawn', ...at, '--name', 'apart', '--detached', '-m', 'ask']);
  await person.ok(['spawn', ...at, '--name', 'hand', '--detached', '--job', job.job]);
  const ended = async () => {
    const rows = (await person.rows(['spawn', 'list'])) as { state: string }[];
    return rows.every(row => row.state === 'ended');
  };
  await until(ended, { what: 'their ends' });
  const peers = async () => (await cleanup()).filter(({ what }) => what === 'peer');
  t.match(await peers(), [{ why: [/^ask open/] }, { why: [/^job open: #1 is queued/] }]);
  const [apart] = readRecords(state);
  const said = await as({ CLAUDE_CODE_SESSION_ID: sessionOf('apart'), SIGNALBOX_AS: undefined });
  t.match(await said.json(['whoami']), { name: 'apart' }, 'its shell speaks as it');
  await said.ok(['reply', apart?.brief?.ref ?? '', 'done']);
  t.match(await peers(), [{ why: [/^answer unread/] }, { why: [/^job open/] }]);
  await person.ok(['inbox']);
  await person.ok(['job', 'cancel', job.job, 'no longer']);
  t.match(await peers(), [{ outcome: 'removed' }, { outcome: 'removed' }]);
});

/** The id under which a stand-in has joined: its process, as it told its environment. */
function sessionOf(name: string): string {
  const env = readFileSync(join(home, `env-of-${name}`), 'utf8');
  return /^STAND_IN=(.+)$/m.exec(env)?.[1] ?? '';
}
