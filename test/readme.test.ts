// The tour of the README, replayed word for word in two real shells on a real broker.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { tempDir } from './dsl/nats.js';
import { TypedShell } from './dsl/typed-shell.js';
import { agentBlocks } from './runtimes/readme/blocks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Block {
  who: string;
  waits: boolean;
  text: string;
}

/** The blocks of the tour, in order, as a reader would type them. */
async function tour(): Promise<Block[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const blocks = readme.matchAll(/<!-- tour: (\w+)(, waits)? -->\n```sh\n([\s\S]*?)```/g);
  return [...blocks].map(([, who = '', waits, text = '']) => ({ who, waits: !!waits, text }));
}

/** What the README shows of the demo, apart from its times. */
async function demoExcerpt(): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, text = ''] =
    /<!-- tour: what the demo prints -->\n```\n([\s\S]*?)```/.exec(readme) ?? [];
  return text.trimEnd().split('\n').map(timeless);
}

/** Without the second of a line, and the length of an attempt. */
function timeless(line: string): string {
  return line
    .replace(/^ *[\d.]+ s/, '')
    .replace(/\b\d+ s,/, '')
    .trim();
}

function openShell(t: Test, cwd: string, env: NodeJS.ProcessEnv): TypedShell {
  const shell = new TypedShell(cwd, env);
  t.teardown(() => shell.close());
  return shell;
}

/** What `npm start` runs, but on a free port. */
async function npmStart(t: Test, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const program = join(root, 'build/client/cli/main.js');
  const broker = spawn(process.execPath, [program, 'up', '--port', '0', '--json'], { env });
  t.teardown(() => broker.kill('SIGTERM'));
  await once(broker.stdout, 'data');
  return broker;
}

t.test('the tour of the README works word for word, a kill -9 of all included', async t => {
  const home = await tempDir(t);
  const folder = join(home, 'signalbox');
  await mkdir(folder);
  await symlink(join(root, 'build'), join(folder, 'build'));
  const who = { GIT_AUTHOR_NAME: 'web', GIT_AUTHOR_EMAIL: 'web@example.org' };
  const env = {
    ...process.env,
    ...who,
    GIT_COMMITTER_NAME: who.GIT_AUTHOR_NAME,
    GIT_COMMITTER_EMAIL: who.GIT_AUTHOR_EMAIL,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_STATE_HOME: join(home, 'state'),
    NO_COLOR: '1',
  };
  const blocks = await tour();
  const next = (): Block => blocks.shift() ?? NOTHING;
  let broker = await npmStart(t, env);
  const shells = new Map(['demo', 'web', 'api'].map(name => [name, openShell(t, folder, env)]));
  const typed = async ({ who, text }: Block) => (await shells.get(who)?.type(text)) ?? '';

  const played = await typed(next());
  t.match(
    played,
    /1 {2}Scan[\s\S]*attempt 2[\s\S]*6 {2}Close out/,
    'the demo plays its six scenes',
  );
  t.match(played, /each on disk before it was acknowledged/, 'to their end');
  const excerpt = await demoExcerpt();
  t.ok(excerpt.length > 5, 'the README shows some of its lines');
  for (const line of excerpt) t.ok(played.split('\n').map(timeless).includes(line), line);
  t.match(await typed(next()), /api/, 'web asks a peer who is not there, and is told so');
  t.match(await typed(next()), /api/, 'api joins');
  const waiting = next();
  t.ok(waiting.waits, 'web waits for its answer');
  const answered = typed(waiting);
  await shells.get('web')?.sees('asked api');
  const seen = await typed(next());
  t.match(seen, /may I merge this\?/, 'api sees the question');
  t.match(seen, /export const port = 8080/, 'api sees the real diff');
  t.match(await answered, /^yes, go on$/m, 'web has its answer');
  const before = await typed(next());
  t.match(
    before,
    /web → api ask \w+: may I merge this\?[\s\S]*yes, go on/,
    'everybody may see all of it',
  );

  const dead = once(broker, 'exit');
  await typed(next());
  t.strictSame(await dead, [null, 'SIGKILL'], 'the broker died as it stood');
  broker = await npmStart(t, env);
  const after = await typed(next());
  t.match(after, /web/, 'the peers are there again');
  t.match(after, /replied/, 'the thread is there, closed');
  for (const line of before.split('\n').filter(line => /ask|replied/.test(line))) {
    t.ok(after.includes(line), `the log still says: ${line}`);
  }
  t.match(await typed(next()), /ask \w+ to api/, 'web asks again');
  t.match(await typed(next()), /declined/, 'api refuses');
  const why = await typed(next());
  const [, found = '', tree = '', done = ''] =
    /([\s\S]*\[frozen\][^\n]*\n)([\s\S]*?declined[^\n]*\n)([\s\S]*)/.exec(why) ?? [];
  t.match(found, /declined: staging is frozen/, 'the search finds the reason');
  t.match(tree, /web → api ask \w+: may I deploy staging today\?/, 'the thread says of what');
  t.match(done, /api joined[\s\S]*yes, go on[\s\S]*frozen/, 'the timeline says what api did');
  t.equal(blocks.length, 0, 'that was all of it');
  const ended = once(broker, 'exit');
  broker.kill('SIGTERM');
  await ended;
});

const NOTHING: Block = { who: '', waits: false, text: '' };

t.test('the first two commands of the README are scripts of the package', async t => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const commands = [...readme.matchAll(/```sh\n(npm [^\n]*)\n```/g)].map(([, text]) => text);
  t.strictSame(commands.slice(0, 2), ['npm install && npm start', 'npm install && npm test']);
  t.match(scripts.start, /build\/client\/cli\/main\.js up$/);
  t.ok(scripts.test);
});

t.test('with your agents it goes from an install by way of two sessions to a trace', async t => {
  const blocks = agentBlocks();
  t.strictSame(
    blocks.map(({ who, kind }) => `${who} ${kind}`),
    ['install typed', 'you typed', 'web typed', 'api typed', 'api says', 'you typed', 'you sees'],
  );
  // A replay cannot install for all users: its sandbox has on PATH what this leaves there.
  t.equal(blocks[0]?.text, 'npm install && npm link');
});
