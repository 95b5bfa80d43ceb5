// Proves `up --detach`: it outlives its terminal, is told once, fails with its cause, and ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { answers } from '../../client/cli/reach/running.js';
import { limits } from '../../schemas/limits.js';
import { processGone } from '../dsl/processes.js';
import { newShell, PROGRAM, type Shell } from './shell.js';

const logOf = ({ env }: Shell) =>
  join(env.HOME ?? '', '.local', 'state', 'signalbox', 'logs', 'default.log');

t.test('a broker in the background outlives the terminal it was started from', async t => {
  const shell = await newShell(t);
  t.teardown(() => shell.run(['down']));
  const call = `"${process.execPath}" "${PROGRAM}" up --detach --port 0 --json; read never`;
  const terminal = spawn('sh', ['-c', call], { env: shell.env, cwd: '/', detached: true });
  const [line] = await once(terminal.stdout.setEncoding('utf8'), 'data');
  const ready = JSON.parse(line);
  t.match(ready, { url: String, token_file: String, mesh: 'default', nats_server: Object });
  const ended = once(terminal, 'exit');
  process.kill(-(terminal.pid ?? 0), 'SIGHUP');
  await ended;
  t.ok(await answers(ready.url), 'the whole group of the terminal was hung up');

  const second = await shell.run(['up', '--detach', '--json']);
  t.match(second, { code: 0, stderr: /runs in .* already \(pid \d+\)/ });
  t.same(JSON.parse(second.stdout), ready, 'a second call tells the same line');
  const elsewhere = await shell.run(['up', '--detach', '--port', '1']);
  t.match(elsewhere, { code: 6, stderr: /already, elsewhere: http/ }, 'unless it asks for more');

  process.kill(ready.nats_server.pid, 'SIGKILL');
  process.kill(ready.pid, 'SIGKILL');
  await processGone(ready.pid);
  const old = 'x'.repeat(limits.cli_log_bytes + 1);
  await writeFile(logOf(shell), `${old}\n`);
  const again = await shell.run(['up', '--detach', '--port', '0']);
  t.match(again, {
    code: 0,
    stdout: /is up: http(?:.|\n)*It runs in the background; what it says is in .*log\n/,
  });
  t.notMatch(again.stdout, /Ctrl-C/);
  t.match(await readFile(logOf(shell), 'utf8'), /^\d{4}-.*Z ready: http/m);
  t.ok((await stat(`${logOf(shell)}.1`)).size > limits.cli_log_bytes, 'the old log was put away');
  t.match(await shell.run(['down']), { code: 0, stdout: /^stopped http/ });
});

t.test('a start that fails is told with its cause, its exit and its log', async t => {
  const shell = await newShell(t);
  const holder = createServer().listen(0, '127.0.0.1');
  t.teardown(() => holder.close());
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const busy = await shell.run(['up', '--detach', '--port', `${port}`]);
  t.match(busy, { code: 6, stdout: '' });
  t.match(busy.stderr, new RegExp(`port ${port} is held by pid ${process.pid}(?:.|\n)*its log: /`));
  const wrong = await shell.run(['up', '--detach', '--nats-creds', 'x', '--json']);
  t.match(JSON.parse(wrong.stderr).error, { exit: 2, hint: /--nats or SIGNALBOX_NATS/ });
  await writeFile(join(shell.env.HOME ?? '', 'no-dir'), '');
  const stateless = await newShell(t, { XDG_STATE_HOME: join(shell.env.HOME ?? '', 'no-dir') });
  t.match(await stateless.run(['up', '--detach']), { code: 1, stderr: /cannot write the log/ });
});
