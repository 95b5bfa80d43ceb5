// What `up` prints is typed as it stands, through a real shell, where it was started.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { isLocal, urlsFor } from '../../client/cli/reach/exposure.js';
import { quoted, selfCommand } from '../../client/terminal/paste.js';
import { tempDir } from '../dsl/nats.js';
import { finished, lineFrom, newShell, PROGRAM, upIn } from './shell.js';

interface Start {
  /** What a person types to start it. */
  typed: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
}

function sh(t: Test, { typed, cwd, env }: Start): ChildProcess {
  const child = spawn('sh', ['-c', `exec ${typed}`], { cwd, env });
  t.teardown(() => void child.kill('SIGTERM'));
  return child;
}

/** Starts a broker as it is typed; the commands it prints, and what else it said. */
async function started(t: Test, start: Start) {
  const broker = sh(t, start);
  t.teardown(async () => {
    if (broker.exitCode !== null || broker.signalCode !== null) return;
    broker.kill('SIGTERM');
    await once(broker, 'exit');
  });
  let [text, complaints] = ['', ''];
  broker.stderr?.setEncoding('utf8').on('data', more => (complaints += more));
  broker.stdout?.setEncoding('utf8').on('data', more => (text += more));
  while (!text.includes('Ctrl-C')) await once(broker.stdout ?? broker, 'data');
  const commands = [...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, command = '']) => command);
  return { text, complaints, commands };
}

async function pastes(t: Test, start: Start): Promise<string[]> {
  const { commands } = await started(t, start);
  const [join = '', tail = ''] = commands;
  const joined = await finished(sh(t, { ...start, typed: join }));
  t.match(joined, { code: 0, stdout: /you are ada/ }, join);
  const following = sh(t, { ...start, typed: tail });
  t.match(await lineFrom(following, 'stdout', /ada/), /ada joined/, tail);
  return commands;
}

/** A clone with a name that a shell would take apart. */
async function clone(t: Test): Promise<string> {
  const folder = join(await tempDir(t), "it's a $HOME of mine");
  await mkdir(folder);
  await symlink(dirname(dirname(dirname(PROGRAM))), join(folder, 'build'));
  return folder;
}

t.test('from a clone, by its file; a directory of one’s choice is named', async t => {
  const { env } = await newShell(t);
  const cwd = await clone(t);
  const typed = 'node build/client/cli/main.js up --port 0';
  const plain = await pastes(t, { typed, cwd, env });
  t.match(plain[0], /^node build\/client\/cli\/main\.js join --as ada$/);
  const lost = { ...env, SIGNALBOX_URL: 'http://127.0.0.1:1', XDG_DATA_HOME: join(cwd, 'x y') };
  const other = await pastes(t, { typed: `${typed} --data "da ta"`, cwd, env: lost });
  t.ok(other[0]?.includes(` --data ${quoted(join(cwd, 'da ta'))} join`));
  const astray = { ...env, SIGNALBOX_TOKEN_FILE: join(cwd, 'another') };
  const named = await pastes(t, { typed: `${typed} --mesh work`, cwd, env: astray });
  t.match(named[0], / --data \S*work join/, 'another broker’s token does not come between');
  const xdg = { ...env, XDG_DATA_HOME: join(cwd, 'xdg') };
  t.match((await pastes(t, { typed, cwd, env: xdg }))[0], / --data '/);
});

t.test('by its name where that is found, by npx where it is installed', async t => {
  const { env } = await newShell(t);
  const bin = await tempDir(t);
  await symlink(PROGRAM, join(bin, 'signalbox'));
  await chmod(PROGRAM, 0o755);
  const PATH = `${bin}:${env.PATH}`;
  const typed = 'signalbox up --port 0';
  const commands = await pastes(t, { typed, cwd: bin, env: { ...env, PATH } });
  t.equal(commands[0], 'signalbox join --as ada');
  const home = await tempDir(t);
  await mkdir(join(home, 'node_modules/.bin'), { recursive: true });
  await symlink(PROGRAM, join(home, 'node_modules/.bin/signalbox'));
  const program = [process.execPath, PROGRAM] as const;
  const call = (env: NodeJS.ProcessEnv, directory: string) =>
    selfCommand({ env, directory, program });
  t.equal(call({}, home), 'npx signalbox');
  const lent = { PATH: join(home, 'node_modules/.bin'), npm_command: 'exec' };
  t.equal(call(lent, '/'), 'npx signalbox', 'the PATH that npm lends is gone in another terminal');
  const root = dirname(dirname(dirname(dirname(PROGRAM))));
  const started = { npm_lifecycle_event: 'start', INIT_CWD: join(root, 'docs'), PATH: '' };
  t.equal(call(started, root), `${quoted(process.execPath)} ${quoted(PROGRAM)}`);
});

t.test('words are quoted so that a shell takes them as they are', async t => {
  for (const word of ['plain', 'a b', "it's", '$(id)', '`id`', 'a\nb', '', '~', '*', '"', '\\']) {
    const child = spawn('sh', ['-c', `printf %s ${quoted(word)}`]);
    t.equal((await finished(child)).stdout, word);
  }
});

t.test('open to the network it says so loudly, with URLs that work', async t => {
  const shell = await newShell(t);
  const { child, ready } = await upIn(shell, '--host', '0.0.0.0', '--allow-host', 'box.lan:1');
  t.equal(new URL(ready.url).hostname, '127.0.0.1');
  t.ok(ready.urls.includes('http://box.lan:1'));
  const own = Object.values(networkInterfaces()).flatMap(found => found ?? []);
  const outside = own.filter(({ internal, family }) => !internal && family === 'IPv4');
  t.equal(ready.urls.length, outside.length + 1);
  for (const { address } of outside) {
    const url = `http://${address}:${new URL(ready.url).port}`;
    t.ok(ready.urls.includes(url));
    t.equal((await fetch(`${url}/livez`)).status, 200, 'its Host is answered to');
    const page = { headers: { origin: url } };
    t.equal((await fetch(`${url}/livez`, page)).status, 200, 'and so is a page of it');
    const strange = { headers: { origin: 'http://10.255.255.1:1' } };
    t.equal((await fetch(`${url}/livez`, strange)).status, 403);
  }
  child.kill('SIGTERM');
  await once(child, 'exit');
  const typed = `${quoted(process.execPath)} ${quoted(PROGRAM)} up --port 0 --host ::`;
  const { text, complaints } = await started(t, { typed, cwd: '/', env: shell.env });
  t.match(complaints, /--host :: lets whoever reaches[\s\S]*no TLS/);
  t.match(text, /token create NAME --out NAME\.token/);
});

t.test('which addresses are this machine’s alone', async t => {
  for (const host of ['127.0.0.1', '127.9.9.9', 'localhost', '::1']) t.ok(isLocal(host), host);
  for (const host of ['0.0.0.0', '::', '', '10.0.0.1', 'box.lan', '127.evil.example']) {
    t.notOk(isLocal(host), host);
  }
  t.same(urlsFor('fd00::1', '7117', []), ['http://[fd00::1]:7117']);
  t.same(urlsFor('box.lan', '7117', ['box.lan:7117']), ['http://box.lan:7117']);
});
