// Proves the GitHub board: every page of items and fields, and each failure told as what to do.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openGithubBoard, readProjectName } from '../../client/boards/github/keeper.js';
import { programOf, programPath } from '../../client/boards/run.js';
import { tempDir } from '../dsl/nats.js';
import { type GhFailure, type GhItem, StandInGh } from './stand-in-gh.js';

function boardOf(gh: StandInGh, name = 'github:acme/7') {
  const rests: number[] = [];
  const rest = async (ms: number) => rests.push(ms);
  return { board: openGithubBoard(readProjectName(name)!, gh.run, rest), rests };
}
const many = (count: number): GhItem[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `PVTI_${n}`,
    title: `Item ${n}`,
    column: 'Todo',
  }));

t.test('a project is named in short, by its address, and on another host', async t => {
  const seven = { host: 'github.com', owner: 'acme', number: 7 };
  t.same(readProjectName('github:Acme/7'), seven);
  t.same(readProjectName('https://github.com/orgs/acme/projects/7'), seven);
  t.same(readProjectName('https://github.com/users/acme/projects/7/views/2?pane=x'), seven);
  t.same(readProjectName('github:acme/7#Stage'), { ...seven, field: 'Stage' });
  t.same(readProjectName('github:ghe.acme.com/acme/7'), { ...seven, host: 'ghe.acme.com' });
  t.match(readProjectName('github:@me/7'), { owner: '@me' });
  for (const bad of [
    'github:acme',
    'acme/7',
    'https://github.com/acme/web/issues/7',
    'github:a b/7',
  ]) {
    t.equal(readProjectName(bad), undefined, bad);
  }
  const gh = new StandInGh([]);
  await boardOf(gh, 'github:ghe.acme.com/acme/7').board.scan();
  t.match(gh.calls[0]?.args, ['api', 'graphql', '--hostname', 'ghe.acme.com', '--include']);
  await boardOf(gh, 'github:@me/7').board.scan();
  t.match(gh.calls.at(-2)?.query, 'owner: viewer');
});

t.test('items and fields are read past their first hundred', async t => {
  const gh = new StandInGh(many(10_000), 230);
  const { items, columns, notes } = await boardOf(gh).board.scan();
  t.equal(items.length, 10_000);
  t.equal(items.at(-1)?.id, 'PVTI_9999');
  t.same(columns, ['Todo', 'In Progress', 'In Review', 'Done']);
  t.same(notes, []);
});

t.test('drafts, hidden and archived items are told apart', async t => {
  const url = 'https://github.com/acme/web/issues/12';
  const gh = new StandInGh([
    { id: 'PVTI_a', title: 'A draft', type: 'DRAFT_ISSUE' },
    { id: 'PVTI_b', title: 'secret', type: 'REDACTED', column: 'Todo' },
    { id: 'PVTI_c', title: 'old', isArchived: true },
    { id: 'PVTI_d', title: 'Web', column: 'Todo', url, owners: ['ada'], blockedBy: [`${url}3`] },
  ]);
  const { board } = boardOf(gh);
  const { items, notes } = await board.scan();
  t.match(items, [
    { title: 'A draft', status: 'todo', column: '' },
    { title: 'an item that you may not see', blocked_by: [/./] },
    { id: 'PVTI_d', owners: ['ada'], blocked_by: [`${url}3`], url },
  ]);
  t.same(notes, ['1 archived items are left out']);
  t.match(await board.find('#12'), { id: 'PVTI_d' });
  t.match(await board.find(url), { id: 'PVTI_d' });
  gh.knowsBlockers = false;
  t.match(await board.find('Web'), { blocked_by: [] }, 'an older server');
});

const error = (type: string, message: string): Pick<GhFailure, 'body' | 'stderr'> => ({
  body: JSON.stringify({ data: null, errors: [{ type, message }] }),
  stderr: `gh: ${message}`,
});
const limited = { code: 1, status: 403, stderr: 'gh: API rate limit exceeded (HTTP 403)' };

t.test('what will not pass is said at once, with what to do', async t => {
  const scope = "requires one of the following scopes: ['read:project']";
  const told: [GhFailure, RegExp, RegExp][] = [
    [{ code: 4, stderr: 'run: gh auth login' }, /not logged in to github.com/, /gh auth login/],
    [{ code: 1, status: 401, body: '{"message":"Bad credentials"}' }, /not logged in/, /login/],
    [
      { code: 1, status: 200, ...error('INSUFFICIENT_SCOPES', scope) },
      /lacks the scope project/,
      /gh auth refresh -h github.com -s project/,
    ],
    [{ code: 1, status: 200, ...error('NOT_FOUND', 'Could not resolve') }, /Could not/, /gh proj/],
    [{ ...limited, headers: { 'retry-after': '900' } }, /asks to wait 900 s/, /try again/],
    [{ ...limited, stderr: 'gh: secondary rate limit' }, /asks to wait 60 s/, /try again/],
    [{ code: 0, status: 200, ...error('RATE_LIMITED', 'no') }, /asks to wait 60 s/, /try/],
  ];
  for (const [failure, message, hint] of told) {
    const gh = new StandInGh([]);
    gh.failures.push(failure);
    await t.rejects(boardOf(gh).board.scan(), { message, hint });
    t.equal(gh.calls.length, 1, 'and is not asked again');
  }
  const gh = new StandInGh([]);
  await t.rejects(boardOf(gh, 'github:nobody/7').board.scan(), { message: /no project nobody\/7/ });
  await t.rejects(boardOf(gh, 'github:acme/7#Stage').board.scan(), { message: /no field "Stage"/ });
});

t.test('what may pass is tried again: a broken answer, a short wait', async t => {
  const passing: [GhFailure, number][] = [
    [{ code: 1, status: 502, body: '<html>' }, 1_000],
    [{ code: 0, status: 200, body: '{"data": {"own' }, 1_000],
    [{ code: 1, stderr: 'error connecting to api.github.com' }, 1_000],
    [{ ...limited, headers: { 'Retry-After': '3' } }, 3_000],
  ];
  for (const [failure, rest] of passing) {
    const gh = new StandInGh(many(1));
    gh.failures.push(failure);
    const { board, rests } = boardOf(gh);
    t.equal((await board.scan()).items.length, 1);
    t.same(rests, [rest]);
  }
  const gh = new StandInGh([]);
  gh.failures.push(...Array.from({ length: 9 }, () => ({ code: 1, status: 502 })));
  await t.rejects(boardOf(gh).board.scan(), { message: /GitHub did not answer/ });
  t.equal(gh.calls.length, 4);
});

/** A program of that name, in a folder of its own. */
async function program(t: Test, name: string, code: string, dir?: string): Promise<string> {
  const folder = dir ?? (await tempDir(t));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `#!${process.execPath}\n${code}\n`);
  await chmod(join(folder, name), 0o755);
  return folder;
}

t.test('the program is never one of the project, and gets no shell', async t => {
  const top = await tempDir(t);
  const own = await program(t, 'gh', '', join(top, 'bin'));
  const good = await program(
    t,
    'gh',
    'process.stdout.write(JSON.stringify(process.argv.slice(2)))',
  );
  const at = (path: string) => ({ env: { PATH: path }, directory: top, top });
  t.equal(programPath('gh', at(`${own}:bin:.:${good}`)), join(good, 'gh'));
  t.equal(programPath('gh', at(`${own}:./bin`)), undefined);
  await t.rejects(programOf('gh', at(own), 'install it')([]), {
    message: /not installed, or only/,
  });
  const words = ['$(touch x)', '; ls', '--', '-x', 'two\nlines', '\'"`'];
  const { stdout } = await programOf('gh', at(good), '')(words);
  t.same(JSON.parse(stdout), words);
});

t.test('a program that floods is ended, one that reads nothing is heard', async t => {
  const flood = 'const b = Buffer.alloc(4e6, 97); for (;;) require("fs").writeSync(1, b)';
  const at = (path: string) => ({ env: { PATH: path }, directory: '/', top: '/nowhere' });
  const loud = await program(t, 'gh', `process.stdout._handle?.setBlocking?.(true);${flood}`);
  await t.rejects(programOf('gh', at(loud), '')([]), { message: /more than can be read/ });
  const deaf = await program(t, 'gh', 'process.exit(3)');
  t.match(await programOf('gh', at(deaf), '')([], 'x'.repeat(1_000_000)), { code: 3 });
});
