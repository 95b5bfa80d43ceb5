// Proves that the embedded nats-server is private, keeps running, and is never left behind.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { syncsAlways } from '../../broker/nats-server/binary.js';
import { type NatsServer, startNatsServer } from '../../broker/nats-server/server.js';
import { processFacts } from '../../broker/system/process-facts.js';
import { natsDefaults, startTestNats, tempDir } from '../dsl/nats.js';
import { Hearing, processGone, runScript } from '../dsl/processes.js';

/** What a server at this address says to somebody with this password, up to PONG or an error. */
async function converse(url: string, user: string, password: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  let heard = '';
  socket.write(`CONNECT ${JSON.stringify({ user, pass: password, verbose: false })}\r\nPING\r\n`);
  for await (const chunk of socket) {
    heard += chunk;
    if (/PONG|-ERR/.test(heard)) break;
  }
  return heard;
}

async function answers(server: NatsServer): Promise<boolean> {
  return /PONG/.test(await converse(server.url, server.user, server.password));
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

/** An executable that says `version`, then does `script`; `$REAL` is the server under test. */
async function fakeServer(t: Test, real: NatsServer, version: string, script: string) {
  const path = join(await tempDir(t), 'nats-server');
  const first = `[ "$1" = --version ] && echo "nats-server: v${version}" && exit`;
  await writeFile(path, `#!/bin/sh\nREAL='${real.path}'\n${first}\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

t.test('only this user can read it, reach it and log in to it', async t => {
  const dataDir = await tempDir(t);
  await chmod(dataDir, 0o755);
  const server = await startTestNats(t, { dataDir });
  t.equal(await modeOf(dataDir), '700');
  t.equal(await modeOf(join(dataDir, 'store')), '700');
  for (const ending of ['conf', 'pid', 'log']) {
    t.equal(await modeOf(join(dataDir, `nats-server.${ending}`)), '600', ending);
  }
  t.match(server.url, /^nats:\/\/127\.0\.0\.1:\d+$/, 'the URL holds no credentials');
  t.ok(await answers(server));
  t.match(await converse(server.url, server.user, 'guess'), /-ERR 'Authorization Violation'/);
  t.match(await converse(server.url, '', ''), /-ERR 'Authorization Violation'/);
  const log = await readFile(join(dataDir, 'nats-server.log'), 'utf8');
  t.notMatch(log, /monitor|cluster|gateway|leafnode|websocket|mqtt/i, 'there is no other port');
  t.notMatch(log, server.password);
});

t.test('it listens on the loopback address only', async t => {
  const port = Number(new URL((await startTestNats(t)).url).port);
  const addresses = Object.values(networkInterfaces()).flatMap(some => some ?? []);
  for (const { address, internal, family } of addresses) {
    if (internal || family !== 'IPv4') continue;
    const [error] = await once(connect({ host: address, port }), 'error').catch(e => [e]);
    t.match(error, { code: 'ECONNREFUSED' }, address);
  }
  t.pass('no other address answered');
});

t.test('it says what is really in force, and its own pid', async t => {
  const server = await startTestNats(t);
  t.equal(server.durability, syncsAlways(server.version) ? 'fsync' : 'os');
  t.match((await processFacts(server.pid))?.command, server.path);
  t.equal((await startTestNats(t, { durability: 'os' })).durability, 'os');
});

t.test('an old server works, with a loud warning that power loss is not covered', async t => {
  const real = await startTestNats(t);
  const binary = await fakeServer(t, real, '2.9.10', 'exec "$REAL" "$@"');
  const { hear, lines } = new Hearing();
  const server = await startTestNats(t, { binary, onWarning: hear });
  t.ok(await answers(server));
  t.equal(server.durability, 'os');
  t.match(lines, [/2\.9\.10.*POWER CUT/]);
});

t.test('a server that cannot start is reported with its own complaint', async t => {
  const real = await startTestNats(t);
  const complain = 'echo "nats-server: not today" >&2; exit 1';
  const binary = await fakeServer(t, real, real.version, complain);
  const config = { ...natsDefaults(await tempDir(t)), binary };
  await t.rejects(startNatsServer(config), { message: /did not start: nats-server: not today/ });
});

t.test('a start that takes long is told, not given up', async t => {
  const real = await startTestNats(t);
  const binary = await fakeServer(t, real, real.version, 'sleep 1.5; exec "$REAL" "$@"');
  const { hear, lines } = new Hearing();
  t.ok(await answers(await startTestNats(t, { binary, onProgress: hear })));
  t.match(lines[0], /opening its store \(1 s so far\)/);
});

t.test('killed, it is started again on the same port with the same credentials', async t => {
  const warnings = new Hearing();
  const progress = new Hearing();
  const server = await startTestNats(t, { onWarning: warnings.hear, onProgress: progress.hear });
  const { url, pid } = server;
  process.kill(pid, 'SIGKILL');
  t.match(await warnings.line(/started again/), `process ${pid}`);
  await progress.line(/runs again/);
  t.not(server.pid, pid);
  t.equal(server.url, url);
  t.ok(await answers(server));
});

t.test('when it does not start again it is tried until it does', async t => {
  const real = await startTestNats(t);
  const dataDir = await tempDir(t);
  const flag = join(dataDir, 'broken');
  const script = `[ -s '${flag}' ] && echo "nats-server: broken" >&2 && exit 1\nexec "$REAL" "$@"`;
  const binary = await fakeServer(t, real, real.version, script);
  const warnings = new Hearing();
  const progress = new Hearing();
  const hear = { onWarning: warnings.hear, onProgress: progress.hear };
  const server = await startTestNats(t, { dataDir, binary, ...hear });
  await writeFile(flag, 'yes');
  process.kill(server.pid, 'SIGKILL');
  await warnings.line(/did not start: nats-server: broken/);
  await writeFile(flag, '');
  await progress.line(/runs again/);
  t.ok(await answers(server));
});

t.test('stopped in its tracks, it is found silent and replaced', async t => {
  const progress = new Hearing();
  const server = await startTestNats(t, { onProgress: progress.hear });
  const { pid } = server;
  process.kill(pid, 'SIGSTOP');
  await progress.line(/runs again/);
  t.equal(await processFacts(pid), undefined);
  t.ok(await answers(server));
});

t.test('a restart on request resolves when the next one is ready; two at once are one', async t => {
  const { hear, lines } = new Hearing();
  const server = await startTestNats(t, { onWarning: hear });
  const { pid } = server;
  await Promise.all([server.restart('the store is full'), server.restart('again')]);
  t.not(server.pid, pid);
  t.ok(await answers(server));
  const restarts = lines.filter(line => /started again/.test(line));
  t.match(restarts, [/the store is full/]);
  t.equal(restarts.length, 1);
});

t.test('stopping ends it, also repeated and in the middle of a restart', async t => {
  const server = await startTestNats(t);
  const { pid } = server;
  const restarted = server.restart('just so');
  await Promise.all([server.stop(), server.stop(), restarted]);
  t.equal(await processFacts(pid), undefined);
  t.equal(await processFacts(server.pid), undefined);
  await t.rejects(converse(server.url, '', ''), { code: 'ECONNREFUSED' });
  await server.restart('too late');
});

t.test('stopping ends it also when a pipe lies where its pid was written', async t => {
  const dataDir = await tempDir(t);
  const { pid, stop } = await startTestNats(t, { dataDir });
  const file = join(dataDir, 'nats-server.pid');
  await rm(file);
  execFileSync('mkfifo', [file]);
  await stop();
  t.equal(await processFacts(pid), undefined);
});

t.test('its broker killed, the server goes too', async t => {
  const { child, line } = await runScript(
    t,
    new URL('nats-host.js', import.meta.url),
    await tempDir(t),
  );
  t.ok(await processFacts(Number(line)));
  child.kill('SIGKILL');
  await processGone(Number(line));
});

t.test('a new start ends what a killed broker left, even a server that stands still', async t => {
  const dataDir = await tempDir(t);
  const { child, line } = await runScript(t, new URL('nats-host.js', import.meta.url), dataDir);
  process.kill(Number(line), 'SIGSTOP');
  child.kill('SIGKILL');
  const server = await startTestNats(t, { dataDir });
  t.equal(await processFacts(Number(line)), undefined);
  t.ok(await answers(server));
});

t.test('a new start ends a server whose guardian was killed too', async t => {
  const dataDir = await tempDir(t);
  const first = await startTestNats(t, { dataDir });
  await first.stop();
  const orphan = spawn(first.path, ['-c', join(dataDir, 'nats-server.conf')], { stdio: 'ignore' });
  // The file may be damaged, as long as the system says what runs.
  const told = process.platform === 'linux' ? 'damaged' : `${orphan.pid}`;
  await writeFile(join(dataDir, 'nats-server.pid'), `${told}\n`);
  const server = await startTestNats(t, { dataDir });
  t.ok(orphan.exitCode !== null || orphan.signalCode !== null || (await once(orphan, 'exit')));
  t.ok(await answers(server));
});

t.test('a stranger that bears the old pid is left alone', async t => {
  const dataDir = await tempDir(t);
  const wait = 'setInterval(() => {}, 1000)';
  const config = join(dataDir, 'nats-server.conf');
  const stranger = spawn(process.execPath, ['-e', wait]);
  const double = spawn(process.execPath, ['-e', wait, '--', '-c', config]);
  t.teardown(() => [stranger, double].map(child => child.kill('SIGKILL')));
  await writeFile(join(dataDir, 'nats-server.pid'), `${stranger.pid}\n`);
  await startTestNats(t, { dataDir }).then(server => server.stop());
  await writeFile(join(dataDir, 'nats-server.pid'), `${double.pid}\nin another life\n`);
  await startTestNats(t, { dataDir });
  for (const child of [stranger, double]) t.ok(await processFacts(child.pid!));
});
