// Mounts: folders and handlers on the broker's port, below every check of the gateway.
import { rm } from 'node:fs/promises';
import { get } from 'node:http';
import t from 'tap';
import type { MountHandler } from '../../broker/gateway/http/mounts.js';
import { house } from '../dsl/gateway-house.js';

t.test('the page is what lay in its directory, and nothing beside it', async t => {
  const dir = t.testdir({ 'index.html': '<p>the page', 'page.js': 'go();', '.hidden': 'x' });
  const { gateway } = await house(t, { mounts: { '/': dir } });
  const get = (path: string, headers = {}) => fetch(gateway.url + path, { headers });
  const page = await get('/');
  t.equal(await page.text(), '<p>the page');
  t.match(page.headers.get('content-security-policy'), "default-src 'self'");
  t.equal((await get('/', { 'if-none-match': page.headers.get('etag') })).status, 304);
  t.equal(await (await get('/page.js?v=1')).text(), 'go();');
  const odd = ['bytes=5-2', 'bytes=-', 'bytes=99999-', 'bytes=a-b', 'rows=1-2', 'bytes=0-0,2-3'];
  for (const range of odd) t.equal((await get('/', { range })).status, 200, range);
  for (const path of ['/nowhere', '/.hidden', '/__proto__', '/constructor', '/%2e%2e/x', '/%ff']) {
    t.equal((await get(path)).status, 404, path);
  }
  const put = await fetch(`${gateway.url}/`, { method: 'PUT' });
  t.match([put.status, put.headers.get('allow')], [405, 'GET, HEAD']);
  await rm(dir, { recursive: true });
  t.equal((await get('/')).status, 200, 'also when the directory is gone');
});

t.test(
  'a handler answers its path and all below it, by any method; the longest path counts',
  async t => {
    const dir = t.testdir({ 'index.html': '<p>the page', mcp: { 'index.html': '<p>below' } });
    const named =
      (name: string): MountHandler =>
      (req, res, path) =>
        void res.end(`${name} ${req.method} ${path}`);
    const mounts = { '/': dir, '/mcp': named('mcp'), '/mcp/v2': named('second') };
    const { gateway } = await house(t, { mounts });
    const said = async (path: string, method = 'GET') =>
      (await fetch(gateway.url + path, { method })).text();
    t.equal(await said('/mcp', 'DELETE'), 'mcp DELETE /');
    t.equal(await said('/mcp/a/b?c=d', 'POST'), 'mcp POST /a/b');
    t.equal(await said('/mcp/v2/a'), 'second GET /a');
    t.match(await said('/mcpx'), /There is nothing here/);
    t.equal(await said('/'), '<p>the page');
    t.equal(await said('/livez'), 'alive\n', "what is the gateway's own stays so");
  },
);

t.test('who is not admitted reaches no handler', async t => {
  let calls = 0;
  const { gateway } = await house(t, { mounts: { '/mcp': () => void calls++ } });
  const headers = { host: 'evil.example' };
  const status = await new Promise(resolve =>
    get(`${gateway.url}/mcp`, { headers }, res => resolve(res.resume().statusCode)),
  );
  t.equal(status, 403);
  const foreign = { headers: { origin: 'https://evil.example' } };
  t.equal((await fetch(`${gateway.url}/mcp`, foreign)).status, 403);
  t.equal(calls, 0);
});

t.test('a handler that fails is answered 500, and its cause is logged', async t => {
  const fail: MountHandler = async () => {
    throw new TypeError('a planted fault');
  };
  const { gateway, logged } = await house(t, { mounts: { '/mcp': fail } });
  t.equal((await fetch(`${gateway.url}/mcp`)).status, 500);
  t.match(logged.join(), /a planted fault/);
});

t.test('nothing is mounted over the gateway itself, at half a path or from no folder', async t => {
  for (const path of ['/rpc', '/metrics', 'mcp', '/mcp/', '//', '']) {
    await t.rejects(house(t, { mounts: { [path]: () => {} } }), /nothing can be mounted at/, path);
  }
  await t.rejects(house(t, { mounts: { '/': '/no/such/folder' } }), { code: 'ENOENT' });
});
