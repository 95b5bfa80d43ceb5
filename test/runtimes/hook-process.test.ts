// The hook as a process: it never harms its host, and what a kill may have lost comes again.
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join as joined } from 'node:path';
import t, { type Test } from 'tap';
import { readInput } from '../../client/runtimes/adapter.js';
import { join, openBroker } from '../dsl/live-broker.js';
import { endOf, hookedSession, startHook } from './hooked.js';

const house = await openBroker(t);
const web = await join(t, house, 'web');
const START = { source: 'startup' };

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A way to the broker that from some moment on answers as a test says. */
async function startWay(t: Test) {
  const way: { url: string; answer: Answer; close(): void } = {
    url: '',
    answer: async (request, response) => response.end(await passOn(request)),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  const server = createServer((request, response) => way.answer(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => way.close());
  way.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return way;
}

/** Passes a request on to the broker, and resolves with its answer. */
async function passOn(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const { authorization = '', 'content-type': type = '' } = request.headers;
  const headers = { authorization, 'content-type': type };
  const body = Buffer.concat(parts);
  return (await fetch(`${house.ready.url}/rpc`, { method: 'POST', headers, body })).text();
}

const faults: Record<string, Answer | undefined> = {
  'is not there': undefined,
  'keeps silent': () => {},
  'talks nonsense': (_, response) => response.end('<html>{'),
  'answers half': (_, response) => response.end('[{"id":0,"result":{}}]'),
  'hangs up': request => request.socket.destroy(),
};

for (const [fault, answer] of Object.entries(faults)) {
  t.test(`a broker that ${fault} ends a hook with 0, one line, nothing printed`, async t => {
    const way = await startWay(t);
    const env = { SIGNALBOX_URL: way.url };
    const { hook, start } = await hookedSession(t, house, { folder: fault, env });
    await hook('SessionStart', START);
    if (answer === undefined) way.close();
    else way.answer = answer;
    const end = await endOf(start('Stop'));
    t.match(end, { code: 0, text: '', stderr: /^signalbox: [^\n]+\n$/ });
    t.notMatch(end.stderr, /peer_/, 'no credential');
  });
}

t.test('what is no hook of a session is none, and nothing happens', async t => {
  for (const text of ['', 'null', '[]', '7', '{"session_id":7}', '{"session_id":"s1"}', '{"x']) {
    t.equal(readInput(text), undefined, text);
  }
  t.match(readInput('{"session_id":"s1"}', 'Stop'), { event: 'Stop', session: 's1' });
  const long = startHook(['claude-code'], 'x'.repeat(17_000_000), {});
  t.match(await endOf(long), { code: 0, text: '', stderr: /^signalbox: stdin is too long/ });
});

t.test('a hook killed before it wrote loses nothing: the next hands over again', async t => {
  const way = await startWay(t);
  const env = { SIGNALBOX_URL: way.url };
  const { hook, start } = await hookedSession(t, house, { folder: 'killed', env });
  await hook('SessionStart', START);
  await web.notify('killed', 'words');
  const usual = way.answer;
  // The broker has handed the mail over, and the answer never comes.
  way.answer = async request => {
    await passOn(request);
    child.kill('SIGKILL');
  };
  const child: ChildProcess = start('PostToolBatch', { n: 1 });
  await once(child, 'close');
  way.answer = usual;
  t.match((await hook('Stop')).text, /shown again.*words/s, 'and a stop proves nothing');
  t.equal((await hook('Stop', { stop_hook_active: true })).text, '');
});

t.test('a hook whose output nobody reads leaves the mail to the next', async t => {
  const { hook, start } = await hookedSession(t, house, { folder: 'pipe' });
  await hook('SessionStart', START);
  await web.notify('pipe', 'words');
  const child = start('PostToolBatch', { n: 1 });
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  t.equal(code, 0);
  t.match((await hook('Stop')).text, /shown again.*words/s);
});

t.test('a hook killed after it wrote costs a repetition', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'after' });
  const { output } = await hook('SessionStart', START);
  await web.notify('after', 'words');
  t.match((await hook('PostToolBatch', { n: 1 })).text, /words/);
  const dir = dirname(output?.hookSpecificOutput?.watchPaths?.[0] ?? '');
  // The lock of a process that is no more.
  const { pid } = spawnSync(process.execPath, ['-v']);
  symlinkSync(String(pid), joined(dir, 'open'));
  t.match((await hook('Stop')).text, /shown again.*words/s);
  t.equal((await hook('Stop', { stop_hook_active: true })).text, '');
  t.notOk(readdirSync(dir).includes('open'), 'nothing is in doubt any more');
});

t.test('what hooks keep is for their user alone', async t => {
  const { hook } = await hookedSession(t, house, { folder: 'rights' });
  const { output } = await hook('SessionStart', START);
  await web.notify('rights', 'words');
  await hook('Stop');
  const dir = dirname(output?.hookSpecificOutput?.watchPaths?.[0] ?? '');
  t.equal(lstatSync(dir).mode & 0o077, 0);
  const modes = readdirSync(dir).map(name => lstatSync(joined(dir, name)).mode & 0o077);
  t.same(new Set(modes), new Set([0]));
});
