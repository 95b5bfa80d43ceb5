// Proves that every verb works, or refuses in a sentence, wherever and in whatever it is called.
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { inside } from './inside.js';
import { finished, lineFrom, newShell, type Run, sameUser, scripted, upIn } from './shell.js';
import { type Leaf, leaves } from './verbs.js';

const TRACE = /\n\s+at |node:internal|Error:|\bE[A-Z]{3,}:|undefined/;
const NOWHERE = 'mkdir x.$$ && cd x.$$ && rmdir "$PWD" && unset HOME && exec "$@"';

/** Ended by itself, in words. */
function isTold({ code, stderr }: Run): boolean {
  return code !== null && code < 125 && !TRACE.test(stderr);
}

const home = await newShell(t);
const { ready } = await upIn(home);
const named = { SIGNALBOX_URL: ready.url, SIGNALBOX_TOKEN_FILE: ready.token_file };
const XDG_STATE_HOME = join(home.env.HOME ?? '', 'state');
const ada = sameUser(t, home, { ...named, XDG_STATE_HOME, SIGNALBOX_AS: 'ada' });
await ada.run(['join', '--as', 'api']);
await ada.run(['join']);

t.test('every verb works from a folder that is gone, with no home, in any zone', async t => {
  const zones = ['JST-9', ':Asia/Tokyo', '', 'nonsense', 'CET-1CEST,M3.5.0,M10.5.0/3'];
  await all(async ({ name, args }, at) => {
    const more = {
      TZ: zones[at % zones.length],
      LC_ALL: at % 2 ? 'C' : 'xx_YY.bogus',
      TERM: 'dumb',
    };
    const run = await scripted(ada, NOWHERE, [...name.split(' '), ...args], more);
    t.ok(isTold(run), `${name}: ${run.code} ${run.stderr}`);
    t.notMatch(run.stdout, TRACE, name);
  });
});

t.test('a zone that is none is told, and so is the one taken', async t => {
  const run = await scripted(ada, '"$@"', ['peers', '--all'], { TZ: 'nonsense' });
  t.match(run, { code: 0, stderr: /^TZ=nonsense names no zone known here; times are in UTC\n/ });
});

t.test('where nothing can be written, every verb that need not write works', async t => {
  const file = join(home.dataDir, 'a-file');
  await writeFile(file, '');
  // A directory below a file can be made by nobody, whoever runs this.
  const nowhere = { XDG_STATE_HOME: join(file, 'x'), XDG_DATA_HOME: join(file, 'x') };
  const bob = await inside(t, { ready }, 'bob', { env: nowhere });
  for (const { name, args } of leaves()) {
    const run = await bob.run([...name.split(' '), ...args]);
    t.ok(isTold(run), `${name}: ${run.code} ${run.stderr}`);
  }
  const why = /cannot keep an identity in .*: not a directory\n.*XDG_STATE_HOME/;
  t.match(await bob.run(['join']), { code: 1, stderr: why });
  t.match(await bob.run(['peers', '--all']), { code: 0, stdout: /api/ });
});

t.test(
  'a reader that goes away, a full disk and closed streams end no verb in a trace',
  async t => {
    const args = ['tail', '--from', 'start', '--no-follow'];
    t.match(await scripted(ada, '"$@" | head -1', args), { code: 0, stderr: '' });
    t.match(await scripted(ada, '"$@" | head -1', ['--help']), { code: 0, stderr: '' });
    t.match(await scripted(ada, '"$@" >&-', ['peers']), { code: 0 });
    t.match(await scripted(ada, '"$@" 2>&-', ['peers', '--all']), { code: 0, stdout: /api/ });
    const empty = { code: 2, stderr: /nothing to send: stdin is empty/ };
    t.match(await scripted(ada, '"$@" <&-', ['notify', 'api', '-']), empty);
    t.match(await scripted(ada, '"$@" </dev/null', ['notify', 'api', '-']), empty);
    t.match(await scripted(ada, '"$@" >/dev/full', ['peers', '--all']), {
      code: 1,
      stderr: /cannot write the output: no space left on device/,
    });
  },
);

t.test('a word that is no UTF-8 is refused, not sent as something else', async t => {
  const run = await scripted(ada, '"$@" "$(printf \'caf\\351\')"', ['notify', 'api']);
  t.match(run, { code: 2, stderr: /not UTF-8/ });
  t.match(await scripted(ada, '"$@"', ['notify', 'api', 'a \ufffd']), { code: 0 });
});

t.test('files and settings of Windows are read as they are meant', async t => {
  const dir = home.env.HOME ?? '';
  const token = Buffer.from(`\ufeff${await secret(ready.token_file)}\r\n`, 'utf16le');
  await writeFile(join(dir, 'windows.token'), token);
  const settings = { SIGNALBOX_URL: `${ready.url}\r`, SIGNALBOX_TOKEN_FILE: 'windows.token\r' };
  const windows = sameUser(t, ada, { ...settings, SIGNALBOX_AS: 'ada\r' });
  t.match(await windows.run(['peers', '--all']), { code: 0, stdout: /api/ });
  t.match(await windows.run(['whoami']), { code: 0, stdout: /^ada / });
  await writeFile(join(dir, 'broken.token'), Buffer.from([0xff, 0, 1]));
  const broken = sameUser(t, ada, { SIGNALBOX_TOKEN_FILE: 'broken.token' });
  t.match(await broken.run(['peers']), { code: 4, stderr: /holds no token/ });
});

t.test('Ctrl-C and its kin end a verb at once and without a trace', async t => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const { port } = silent.address() as { port: number };
  const waiting = sameUser(t, ada, { SIGNALBOX_URL: `http://127.0.0.1:${port}` });
  const ends = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, code] of Object.entries(ends)) {
    const child = waiting.start('peers');
    await once(silent, 'connection');
    child.kill(signal as keyof typeof ends);
    t.match(await finished(child), { code, stdout: '', stderr: '' }, signal);
  }
  const child = ada.start('job', 'claim', '--kind', 'rare', '--wait');
  await lineFrom(child, 'stderr', /waiting/);
  child.kill('SIGINT');
  t.match(await finished(child), { code: 130 });
});

/** Two at a time: each is a process of its own. */
async function all(work: (leaf: Leaf, at: number) => Promise<void>): Promise<void> {
  const left = leaves().map((leaf, at) => () => work(leaf, at));
  const lane = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await next();
  };
  await Promise.all([lane(), lane()]);
}

async function secret(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
