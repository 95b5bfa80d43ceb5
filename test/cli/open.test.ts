// The verb open: on a terminal it opens the browser, elsewhere it prints the link and nothing else.
import { once } from 'node:events';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { WebSocket } from 'ws';
import { openBroker } from '../dsl/live-broker.js';
import { until } from '../dsl/until.js';
import { inside } from './inside.js';

const page = fileURLToPath(new URL('../../client/page/', import.meta.url));
const house = await openBroker(t, { mounts: { '/': page }, durability: 'os' });
const LINK = /^http:\/\/127\.0\.0\.1:\d+\/#code=\S+\n$/;

t.test('without a terminal the link alone is on stdout, and nothing beside it', async t => {
  const ada = await inside(t, house, 'ada', { env: { BROWSER: '/nowhere', DISPLAY: ':0' } });
  t.match(await ada.run(['open']), { code: 0, stdout: LINK, stderr: '' });
  const { url, expires_at } = JSON.parse(await ada.ok(['open', '--json']));
  t.match(`${url}\n`, LINK);
  t.type(expires_at, 'number');
});

t.test('on a terminal a browser is given a file of one’s own, never the link', async t => {
  const { home } = await inside(t, house, 'nobody');
  const [browser, seen] = [join(home, 'browser'), join(home, 'seen')];
  await writeFile(
    browser,
    `#!/bin/sh\nprintf '%s\\n' "$@" > '${seen}.args'\ncat "$1" > '${seen}.html'\n`,
  );
  await chmod(browser, 0o755);
  const env = { BROWSER: `${browser}:other`, PATH: process.env.PATH };
  const ada = await inside(t, house, 'ada', { home, env, isTerminal: true });
  const run = await ada.run(['open']);
  t.match(run, { code: 0, stdout: LINK, stderr: /opened in your browser.*once, for 30 s/ });
  const page = await until(async () => {
    const text = await readFile(`${seen}.html`, 'utf8').catch(() => '');
    return text.includes('</a>') && text;
  });
  t.ok(page.includes(`url=${run.stdout.trim()}`));
  const [file = '', ...more] = (await readFile(`${seen}.args`, 'utf8')).trim().split('\n');
  t.same(more, []);
  t.notMatch(file, /code=/);
  t.equal((await stat(file)).mode & 0o777, 0o600);
});

t.test('without a browser, or told so, it prints the link and how long it is good', async t => {
  for (const [env, words] of [
    [{ BROWSER: '/nowhere' }, ['open']],
    [{}, ['open']],
    [{ BROWSER: '/bin/false' }, ['open', '--print']],
  ] as const) {
    const ada = await inside(t, house, 'ada', { env, isTerminal: true });
    const run = await ada.run(words);
    t.match(run, { code: 0, stdout: LINK, stderr: /once, for 30 s/ });
    t.notMatch(run.stderr, /opened/);
  }
});

t.test('the page speaks for the person who opens it, never for an agent', async t => {
  const { url } = house.ready;
  const openedBy = async (shell: Awaited<ReturnType<typeof inside>>, ...more: string[]) => {
    const { url: link } = JSON.parse(await shell.ok(['open', '--json', ...more]));
    return whoStarts(url, new URL(link).hash.slice('#code='.length));
  };
  const ada = await inside(t, house, 'ada');
  t.equal((await openedBy(ada)).name, undefined, 'who has not joined only reads');
  t.match(await openedBy(ada, '--as', 'ada'), { name: 'ada', role: 'human' });
  t.match(await openedBy(ada), { name: 'ada', role: 'human' });
  const agent = await inside(t, house, 'api', { env: { CLAUDECODE: '1' } });
  await agent.ok(['join']);
  t.equal((await openedBy(agent)).name, undefined);
});

t.test('whatever the page asks its broker for is there, its icon too', async t => {
  const { url } = house.ready;
  const html = await (await fetch(url)).text();
  const paths = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
  t.match(paths.join(' '), /icon/, 'else a browser asks for one that is not there');
  for (const path of paths) t.equal((await fetch(url + path)).status, 200, path);
});

/** Whom a page speaks for that starts with this code. */
async function whoStarts(url: string, code: string): Promise<{ name?: string }> {
  const socket = new WebSocket(url.replace('http', 'ws').concat('/ws'), 'signalbox.v1.json', {
    origin: url,
  });
  await once(socket, 'open');
  const ask = async (id: number, method: string, params: object) => {
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const [frame] = await once(socket, 'message');
    return [JSON.parse(String(frame))].flat()[0].result;
  };
  await ask(1, 'session.start', { code: decodeURIComponent(code) });
  const me = await ask(2, 'peer.whoami', {});
  socket.close();
  return me;
}
