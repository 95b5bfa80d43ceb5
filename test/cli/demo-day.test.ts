// Plays the day on a running broker: each of its scenes is in the log, and the board ends as told.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { callOnce } from '../../client/index.js';
import type { EventOf, EventType, LogRecord } from '../../schemas/event.js';
import { tempDir } from '../dsl/nats.js';
import { finished, lineFrom, newShell, sameUser, upIn } from './shell.js';

const TMPDIR = await tempDir(t);
const shell = await newShell(t, { TMPDIR });
const { ready } = await upIn(shell);
const operator = {
  url: ready.url,
  credential: (await readFile(ready.token_file, 'utf8')).trim(),
};

const ending = `# Shop, this week

Boxes: to do [ ], in progress [~], done [x].

- [x] Search box in the header @web
- [x] Dark mode for checkout @web
- [x] Limit login attempts @api
- [x] Guide to the error codes @docs

Ada: production is migrated on Monday, not before.
`;

/** What still waits for anybody. */
async function open() {
  const { rows: peers } = await callOnce(operator, 'peer.list', { circle: '*', offline: true });
  const { rows: jobs } = await callOnce(operator, 'job.list', { circle: '*' });
  const { rows: asks } = await callOnce(operator, 'ask.list', { state: 'open' });
  const { rows: watches } = await callOnce(operator, 'watch.list', {
    mine: false,
    state: 'active',
  });
  const { rows: leases } = await callOnce(operator, 'lease.list', { circle: '*' });
  const { rows: reviews } = await callOnce(operator, 'review.queue', {});
  const { budgets } = await callOnce(operator, 'usage.list', { circle: '*' });
  const unended = jobs.filter(({ ended_at }) => ended_at === undefined);
  return [...peers, ...unended, ...asks, ...watches, ...leases, ...reviews, ...budgets];
}

const played = await shell.run(['demo', '--day', '--here', '--fast', '--jsonl']);
const records: (LogRecord & { scene: number })[] = played.stdout
  .split('\n')
  .flatMap(line => (line ? [JSON.parse(line)] : []));

/** The events of a kind in a scene, in their order. */
function of<T extends EventType>(scene: number, type: T): EventOf<T>[] {
  const found = records.filter(each => each.scene === scene && each.event.type === type);
  return found.map(({ event }) => event as unknown as EventOf<T>);
}

const peers = new Map(of(1, 'peer.joined').map(({ name, peer }) => [name, peer]));
const [ada, orch, next, web, api, docs] = ['ada', 'orch', 'orch-2', 'web', 'api', 'docs'].map(
  name => peers.get(name),
);
const jobs = of(2, 'job.created').map(({ job }) => job);
const trees = of(2, 'board.linked').map(({ ref }) => ref);

t.test('it plays to its end, and each event took effect', async t => {
  t.match(played, { code: 0, stderr: '' });
  t.same(
    records.filter(record => record.void),
    [],
  );
  t.equal(peers.size, 6);
});

t.test('1 and 2: what a scan found is moved for its job, and linked with its worktree', async t => {
  t.same(
    of(2, 'board.moved').map(({ by, ref, to }) => [by, ref, to]),
    jobs.map(job => [orch, job, 'in progress']),
  );
  t.match(trees, [/\/dark-mode$/, /\/login-limit$/, /\/error-guide$/]);
});

t.test('3: leases are taken in worktrees, of one project, and one is given up', async t => {
  const project = 'git.example.com/acme/shop';
  t.match(
    of(3, 'lease.taken'),
    [web, docs, api, api].map(by => ({ by, project })),
  );
  t.match(of(3, 'lease.released'), [{ by: docs, project }]);
});

t.test('4: a worker dies, a watch tells of it, and another goes on with its job', async t => {
  t.match(of(4, 'peer.disconnected'), [{ peer: web }]);
  const [watch] = of(4, 'watch.created');
  t.match(watch, { by: orch, when: 'peer.offline', peer: web });
  t.match(of(4, 'watch.fired'), [{ watch: watch?.watch }]);
  t.match(of(4, 'peer.killed'), [{ by: orch, peer: web }]);
  t.match(of(4, 'job.claimed'), [{ by: api, job: jobs[0] }]);
});

t.test('5: a permission is asked, and a person decides', async t => {
  t.match(of(5, 'ask.opened'), [{ by: api, to: ada, question: { kind: 'permission' } }]);
  t.match(of(5, 'ask.closed'), [{ by: ada, option: 'allow' }]);
});

t.test('6 and 7: what comes back for review is reviewed by who took over', async t => {
  const [first, , again] = of(6, 'review.touched');
  t.equal(first?.pr_url, again?.pr_url);
  t.not(first?.head_sha, again?.head_sha);
  t.match(of(7, 'usage.budgeted'), [{ peer: orch, cost_usd_per_day: 2 }, { peer: orch }]);
  t.match(of(7, 'watch.created'), [{ by: orch, when: 'budget.above', percent: 80 }]);
  t.equal(of(7, 'watch.fired').length, 1);
  t.match(of(7, 'orchestrator.handed_over'), [{ of: orch, to: next }]);
  t.match(of(7, 'review.marked'), [{ by: next, pr_url: again?.pr_url, sha: again?.head_sha }]);
});

t.test('8: all is done, a dirty worktree is refused first, and none is left', async t => {
  t.same(
    of(8, 'board.moved').map(({ by, ref, to }) => [by, ref, to]),
    jobs.map(job => [next, job, 'done']),
  );
  t.match(of(8, 'ask.opened'), [{ by: next, to: docs, text: /dirty: untracked: guide.exam/ }]);
  t.same(
    of(8, 'board.linked').map(({ ref, remove }) => [ref, remove]),
    trees.map(tree => [tree, true]),
  );
});

t.test('what is kept is the board, to the byte, and the merged repository', async t => {
  const [kept = ''] = await readdir(TMPDIR);
  const directory = join(TMPDIR, kept);
  const board = join(directory, 'board.md');
  t.equal(await readFile(board, 'utf8'), ending);
  t.same(await readdir(join(directory, 'shop.worktrees')), []);
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', join(directory, 'shop'), ...words], { encoding: 'utf8' });
  t.equal(git('branch', '--format=%(refname:short)'), 'main\n');
  t.equal(git('status', '--porcelain'), '');
  const scan = await shell.run(['board', 'scan', '--all', '--json', '--board', board]);
  const rows: { status: string }[] = JSON.parse(scan.stdout).rows;
  t.same(
    rows.map(({ status }) => status),
    ['done', 'done', 'done', 'done'],
  );
  t.match(scan.stdout, jobs[0] ?? 'no job');
  t.same(await open(), [], 'and nothing waits for anybody');
});

t.test('an interrupt in the middle leaves no folder, no peer and nothing open', async t => {
  const before = await readdir(TMPDIR);
  const playing = shell.start('demo', '--day', '--here', '--fast');
  const ended = finished(playing);
  await lineFrom(playing, 'stdout', /is offline/);
  playing.kill('SIGINT');
  t.match(await ended, { code: 130, stderr: /stopped; the peers have left/ });
  t.same(await readdir(TMPDIR), before);
  t.same(await open(), []);
});

t.test('a token that may not do all of it is told so before anything starts', async t => {
  const small = { name: 'small', circles: ['*'], roles: ['agent' as const] };
  const verbs = ['observe' as const, 'speak' as const];
  const { token, secret } = await callOnce(operator, 'token.create', { ...small, verbs });
  const file = join(await tempDir(t), 'small.token');
  await writeFile(file, `${token}.${secret}`);
  const run = await shell.run(['demo', '--day', '--here', '--token-file', file]);
  t.match(run, { code: 4, stdout: '', stderr: /lacks: to operate, the role human/ });
});

t.test('without git it says so before anything starts', async t => {
  const PATH = join(await tempDir(t), 'bin');
  await mkdir(PATH);
  await symlink(process.execPath, join(PATH, 'node'));
  const before = await readdir(TMPDIR);
  const none = sameUser(t, shell, { PATH });
  t.match(await none.run(['demo', '--day']), { code: 1, stdout: '', stderr: /needs git 2\.36/ });
  t.same(await readdir(TMPDIR), before);
});
