// Proves how `up` and `down` behave: one broker a directory, clear refusals, nothing left behind.
import { once } from 'node:events';
import { access, chmod, cp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { runningIn } from '../../client/cli/reach/running.js';
import { tempDir } from '../dsl/nats.js';
import { finished, newShell, sameUser, upIn } from './shell.js';

const gone = (path: string) =>
  access(path).then(
    () => false,
    () => true,
  );

t.test('the ready line is one line and says all that other programs need', async t => {
  const shell = await newShell(t);
  const { child, ready } = await upIn(shell, '--mesh', 'work');
  t.match(ready, {
    url: /^http:\/\/127\.0\.0\.1:\d+$/,
    ws: /^ws:\/\/127\.0\.0\.1:\d+\/ws$/,
    token_file: /operator\.token$/,
    mesh: 'work',
    log: /^log_/,
    nats_server: { version: /^\d+\.\d+/, pid: Number, path: String },
    durability: /^(fsync|os)$/,
    pid: child.pid,
  });
  t.match(await shell.run(['status', '--mesh', 'work']), { code: 0, stdout: /mesh +work/ });
  t.match(await shell.run(['status']), { code: 7, stderr: /signalbox up/ });
});

t.test('a directory serves one broker, and the second is told of the first', async t => {
  const shell = await newShell(t);
  const { ready } = await upIn(shell);
  const second = await shell.run(['up', '--port', '0']);
  t.match(second, { code: 6, stderr: /runs in .* already: http.*\n.*signalbox down/ });
  t.ok(second.stderr.includes(ready.url));
});

t.test('a copy of the directory of a running broker is a directory of its own', async t => {
  const shell = await newShell(t);
  const { child, ready } = await upIn(shell);
  const copy = `${shell.dataDir}-copy`;
  await cp(shell.dataDir, copy, { recursive: true });
  t.match(await shell.run(['down', '--data', copy]), { code: 0, stderr: /no broker runs/ });
  t.equal(child.exitCode, null, 'the original was not stopped for it');
  t.match(await shell.run(['status', '--data', copy]), { code: 7 }, 'nor is it asked');
  const second = await upIn(shell, '--data', copy);
  t.not(second.ready.url, ready.url, 'it serves beside the original');
  t.equal(second.ready.log, ready.log);
});

t.test('what a killed broker left under our own process number stands in no way', async t => {
  const endpoint = {
    url: 'http://127.0.0.1:9',
    ws: 'ws://x',
    token_file: '/t',
    mesh: 'm',
    log: 'l',
  };
  const dataDir = await tempDir(t);
  const left = JSON.stringify({ ...endpoint, pid: process.pid });
  await writeFile(join(dataDir, 'endpoint.json'), left);
  t.match(await runningIn(dataDir), { state: 'dead' }, 'as in a container, where numbers recur');
});

t.test('a busy port names who holds it, and nothing is left running', async t => {
  const shell = await newShell(t);
  const holder = createServer().listen(0, '127.0.0.1');
  t.teardown(() => holder.close());
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const refused = await shell.run(['up', '--port', `${port}`]);
  t.match(refused, { code: 6, stdout: '' });
  t.match(refused.stderr, `port ${port} is held by pid ${process.pid}`);
  t.match(await shell.run(['down']), { code: 0, stderr: /no broker runs/ });
});

t.test('a signal stops it cleanly, and down waits until it is gone', async t => {
  const shell = await newShell(t);
  const { child } = await upIn(shell);
  const ended = once(child, 'exit');
  const another = await shell.run(['down', '--url', 'http://127.0.0.1:1']);
  t.match(
    another,
    { code: 6, stderr: /not http:\/\/127\.0\.0\.1:1\n/ },
    'not the one it speaks to',
  );
  t.match(await shell.run(['down']), { code: 0, stdout: new RegExp(`pid ${child.pid}`) });
  t.same(await ended, [0, null]);
  t.ok(await gone(join(shell.dataDir, 'endpoint.json')));
});

t.test('what was said before a kill -9 is there after the next up', async t => {
  const shell = await newShell(t, { SIGNALBOX_AS: 'ada' });
  const first = await upIn(shell);
  t.match(await shell.run(['notify', 'ada', 'to myself']), { code: 0 });
  process.kill(first.ready.nats_server.pid, 'SIGKILL');
  const killed = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await killed;
  t.match(await shell.run(['down']), { code: 0, stderr: /was killed, and nothing is lost/ });
  t.match(await shell.run(['doctor', '--json']), { code: 1, stdout: /recovers it: signalbox up/ });
  await upIn(shell);
  t.match(await shell.run(['inbox']), { code: 0, stdout: /to myself/ });
});

t.test('an ask waits through a restart of the broker', async t => {
  const shell = await newShell(t, { SIGNALBOX_AS: 'ada' });
  const { child, ready } = await upIn(shell);
  const { port } = new URL(ready.url);
  const bob = sameUser(t, shell, { SIGNALBOX_AS: 'bob' });
  await bob.run(['join']);
  const answer = finished(shell.start('ask', 'bob', 'still there?', '--wait', '10m'));
  const items = await bob.run(['inbox', '--wait', '10m', '--json']);
  const stopped = once(child, 'exit');
  child.kill('SIGKILL');
  await stopped;
  const again = shell.start('up', '--port', port, '--json');
  await once(again.stdout ?? again, 'data');
  t.match(await bob.run(['reply', JSON.parse(items.stdout).rows[0].ref, 'yes']), { code: 0 });
  t.match(await answer, { code: 0, stdout: 'yes\n' });
});

t.test('what could not be printed is not acknowledged', async t => {
  const shell = await newShell(t, { SIGNALBOX_AS: 'ada' });
  await upIn(shell);
  const sent = await shell.run(['notify', 'ada', 'unread', '--json']);
  const reading = shell.start('inbox');
  reading.stdout?.destroy();
  const [code] = await once(reading, 'exit');
  t.equal(code, 0, 'a reader that leaves is no fault');
  const { message } = JSON.parse(sent.stdout);
  const trace = await shell.run(['trace', message]);
  t.match(trace, { code: 0, stdout: /accepted/ });
  t.notMatch(trace.stdout, /seen/);
});

t.test('the doctor closes what others could read', async t => {
  const shell = await newShell(t);
  const { ready } = await upIn(shell);
  await chmod(ready.token_file, 0o644);
  const found = await shell.run(['doctor']);
  t.match(found, { code: 1, stdout: /token file: .* 0644.*\n +chmod 0600/ });
  t.match(await shell.run(['doctor', '--fix']), { code: 0, stdout: /fixed +token file/ });
  t.match(await shell.run(['doctor']), { code: 0 });
});
