// Rules of MCP over HTTP: sessions and whose they are, hang-ups, restarts, and what is turned away.
import t from 'tap';
import { connect } from '../dsl/live-broker.js';
import type { Fields } from '../dsl/mcp-client.js';
import { httpClient, messagesIn } from '../dsl/mcp-http.js';
import { until } from '../dsl/until.js';
import { ada, guest, house } from './house.js';

const hello = (protocolVersion: string) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
});
const call = (id: number, name: string, args = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
const json = (body: unknown, headers = {}): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
});

async function statusOf(name: string): Promise<unknown> {
  const { rows } = (await ada.guest.call('peer.list', { circle: '*', offline: true })) as {
    rows: Fields[];
  };
  return rows.find(row => row.name === name)?.status;
}

t.test('each revision that has sessions is spoken; DELETE ends a session and its peer', async t => {
  for (const version of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
    const one = await guest(house, '', `of-${version.slice(0, 4)}`, version);
    t.match(await one.does('whoami'), { role: 'agent', circle: 'default' });
    t.match(await one.does('list_peers', { circle: '*' }), { peers: [{ name: 'ada' }] });
    const { peer } = await one.does('whoami');
    t.equal((await one.request({ method: 'DELETE' })).status, 200);
    t.equal((await one.request(json(call(9, 'whoami')))).status, 404);
    const { rows } = (await ada.guest.call('peer.get', { peers: [peer] })) as { rows: Fields[] };
    t.ok(rows.every(row => row.status === 'offline'));
  }
});

t.test('who has no token, or a wrong one, learns nothing; nor do foreign pages', async t => {
  const at = (headers: Record<string, string>) =>
    fetch(house.url, json(hello('2025-06-18'), headers));
  const none = await at({});
  t.match([none.status, none.headers.get('www-authenticate')], [401, 'Bearer']);
  t.equal((await at({ authorization: 'Bearer wrong' })).status, 401);
  const authorization = `Bearer ${house.token}`;
  t.equal((await at({ authorization, origin: 'https://evil.example' })).status, 403);
  t.equal((await fetch(`${house.url}/more`, { headers: { authorization } })).status, 404);
});

t.test(
  'the id of a session is worth nothing with another token, or under another name',
  async t => {
    const operator = await connect(t, house);
    const rights = { circles: ['default'], roles: ['agent'], verbs: ['observe', 'speak'] };
    const { secret, token } = await operator.command('token.create', { name: 'other', ...rights });
    const mine = await guest(house, '?name=mine');
    const { peer } = await mine.does('whoami');
    const other = { ...house, token: `${secret}` };
    for (const [url, bearer] of [
      [`${house.url}?name=mine`, other.token],
      [house.url, house.token],
    ] as const) {
      const thief = httpClient({ url, token: bearer }, mine.id);
      t.equal((await thief.request(json(call(1, 'whoami')))).status, 404);
      t.equal((await thief.request({ method: 'DELETE' })).status, 404);
    }
    const theirs = await guest(other, '?name=mine');
    t.match(await theirs.does('whoami'), { name: 'mine-2', may: 'observe, speak in default' });
    t.match(await mine.does('whoami'), { name: 'mine', peer });
    await operator.command('token.revoke', { token });
    await until(async () => (await theirs.request(json(call(1, 'whoami')))).status === 401);
  },
);

t.test('sessions of one token are different peers; a name comes back as its peer', async t => {
  const [first, second] = [await guest(house), await guest(house)];
  t.not((await first.does('whoami')).peer, (await second.does('whoami')).peer);
  const api = await guest(house, '?name=api&circle=web');
  const { peer } = await api.does('whoami');
  const twin = await guest(house, '?name=api&circle=web');
  t.match(await twin.does('whoami'), { name: 'api-2', circle: 'web' });
  await api.request({ method: 'DELETE' });
  t.match(await (await guest(house, '?name=api&circle=web')).does('whoami'), { name: 'api', peer });
});

t.test('a peer may bear its own secret', async t => {
  const own = await guest({ ...house, token: ada.credential });
  t.match(await own.does('whoami'), { name: 'ada', peer: ada.peer, role: 'human' });
});

t.test('a session goes on after its broker forgot it, as the same peer with its mail', async t => {
  const one = await guest(house, '', 'lasting');
  const { peer, name } = await one.does('whoami');
  await ada.notify(`${name}`, 'while you were here');
  t.match(await one.does('inbox'), { new: 1 });
  await house.forget();
  await ada.notify(`${name}`, 'while you were away');
  t.match(await one.does('whoami'), { peer, name });
  const { mail } = await one.does('inbox');
  t.match(mail, /shown again.*while you were here.*while you were away/s);
  t.same(one.turnedAway, []);
});

t.test('who does not use a session is offline, and comes back with the next call', async t => {
  const one = await guest(house, '?name=idler');
  const { peer } = await one.does('whoami');
  await until(async () => (await statusOf('idler')) === 'online');
  await house.mount().letGo(performance.now() + 1_790_000);
  t.equal(await statusOf('idler'), 'online');
  await house.mount().letGo(performance.now() + 1_810_000);
  await until(async () => (await statusOf('idler')) === 'offline');
  t.match(await one.does('whoami'), { peer });
});

t.test('a stream that ends tells that its client has gone; one at a time may listen', async t => {
  const one = await guest(house, '?name=listener');
  await one.does('whoami');
  const end = new AbortController();
  const listen = () => one.request({ signal: end.signal });
  t.equal((await listen()).status, 200);
  t.equal((await listen()).status, 409);
  await house.mount().letGo(performance.now() + 7_200_000);
  t.equal(await statusOf('listener'), 'online');
  end.abort();
  await until(async () => {
    await house.mount().letGo(performance.now() + 61_000);
    return (await statusOf('listener')) === 'offline';
  });
});

t.test('a call that a client hangs up on is over; the reply comes by inbox, once', async t => {
  const one = await guest(house, '?name=hasty');
  const { ask } = await one.does('ask', { to: 'ada', text: 'may I?' });
  const end = new AbortController();
  const meta = { progressToken: 'p' };
  const params = { name: 'wait_for_reply', arguments: { ask }, _meta: meta };
  const body = { jsonrpc: '2.0', id: 'w', method: 'tools/call', params };
  const waiting = await one.request({ ...json(body), signal: end.signal });
  const [first] = [await messagesIn(waiting).next()];
  t.match(first.value, {
    method: 'notifications/progress',
    params: { progressToken: 'p', progress: 0, total: 50, message: 'waiting for the reply' },
  });
  end.abort();
  await ada.reply(`${ask}`, 'you may');
  const { mail } = await until(async () => {
    const facts = await one.does('inbox');
    return facts.new === 1 ? facts : undefined;
  });
  t.match(mail, /you may/);
  t.match(await one.does('inbox'), { new: 0 });
});

t.test('a call that is cancelled ends its stream', async t => {
  const one = await guest(house, '?name=canceller');
  const waiting = await one.request(json(call(7, 'inbox', { wait_s: 600 })));
  one.note('notifications/cancelled', { requestId: 7, reason: 'timed out' });
  t.match(await waiting.text(), /"id":7/);
});

t.test('two requests of one id at once: the second is turned away, the first answered', async t => {
  const one = await guest(house, '?name=repeater');
  const { peer } = await one.does('whoami');
  const waiting = await one.request(json(call(7, 'inbox', { wait_s: 600 })));
  const second = await one.request(json(call(7, 'inbox')));
  t.match([second.status, await second.json()], [400, { id: 7, error: { message: /its own/ } }]);
  t.equal((await one.request(json([call(8, 'whoami'), call(8, 'whoami')]))).status, 400);
  await ada.notify(`${peer}`, 'for the first');
  t.match(await waiting.text(), /for the first/);
});

t.test('calls that a client has hung up on hold back no others', async t => {
  const one = await guest(house, '?name=fickle');
  const end = new AbortController();
  const wait = (id: number) => json(call(id, 'inbox', { wait_s: 600 }));
  const { signal } = end;
  const waits = Array.from({ length: 32 }, (_, n) => one.request({ ...wait(99 + n), signal }));
  await Promise.all(waits);
  t.match(await one.tool('whoami'), { isError: true, text: /wait until one has ended/ });
  end.abort();
  await until(async () => !(await one.tool('whoami')).isError);
});

t.test('the newest revision needs no session, but a name', async t => {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'new', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const ask = async (query: string, method: string, params: Fields = {}) => {
    const named = typeof params.name === 'string' ? { 'mcp-name': params.name } : {};
    const { request } = httpClient({ ...house, url: `${house.url}${query}` });
    const body = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } };
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...named };
    return (await messagesIn(await request(json(body, headers))).next()).value as Fields;
  };
  t.match(await ask('', 'server/discover'), { result: { supportedVersions: ['2026-07-28'] } });
  const whoami = { name: 'whoami', arguments: {} };
  t.match(await ask('', 'tools/call', whoami), {
    result: { isError: true, content: [{ text: /\?name=/ }] },
  });
  const structuredContent = { name: 'modern', role: 'agent' };
  const { result } = await ask('?name=modern', 'tools/call', whoami);
  t.match(result, { structuredContent });
  t.match(await ask('?name=modern', 'tools/call', whoami), { result });
});

t.test('Codex is the peer of its shell for the operator, and for nobody else', async t => {
  const meta = { 'x-codex-turn-metadata': { session_id: 'thread-1' } };
  const [one, two] = [await guest(house, '', 'codex'), await guest(house, '', 'codex')];
  const { peer } = await one.does('whoami', {}, meta);
  t.match(await two.does('whoami', {}, meta), { peer });
  const operator = await connect(t, house);
  const { secret } = await operator.command('token.create', {
    name: 'codex',
    circles: ['default'],
    roles: ['agent'],
    verbs: ['observe', 'speak'],
  });
  const other = await guest({ ...house, token: `${secret}` }, '', 'codex');
  const theirs = await other.does('whoami', {}, meta);
  t.not(theirs.peer, peer);
});

t.test('what is no request of MCP is turned away with what to do, and harms nobody', async t => {
  const one = await guest(house, '?name=steady');
  const status = async (init: RequestInit) => (await one.request(init)).status;
  const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
  for (const body of ['{', '', 'null', '[]', '7', '{"id":1}', deep, '{"jsonrpc":"2.0"}']) {
    t.equal(await status(json(body)), 400, body);
  }
  t.equal(await status(json('x'.repeat(1_100_000))), 413);
  t.equal(await status(json(call(1, 'whoami'), { accept: 'text/html' })), 406);
  t.equal(await status(json(call(1, 'whoami'), { 'content-type': 'text/plain' })), 415);
  t.equal(await status({ method: 'PUT' }), 405);
  t.equal(await status({ headers: { accept: 'application/json' } }), 406);
  t.equal(await status(json(hello('2025-06-18'))), 400, 'a second hello');
  t.equal(await status(json(call(1, 'whoami'), { 'mcp-protocol-version': '1999' })), 400);
  for (const id of ['', 'x', '../..', `${one.id}x`]) {
    t.match(await status(json(call(1, 'whoami'), { 'mcp-session-id': id })), /40[04]/, id);
  }
  const { status: none } = await httpClient({ ...house }).request(json(call(1, 'whoami')));
  t.equal(none, 400);
  const { status: bad } = await httpClient({ ...house, url: `${house.url}?name=No!` }).request(
    json(hello('2025-06-18')),
  );
  t.equal(bad, 400);
  t.match(await one.does('whoami'), { name: 'steady' });
});

t.test('a batch is answered whole, and no more of one session at once than it may', async t => {
  const one = await guest(house, '?name=batcher', 'raw', '2025-03-26');
  const asked = Array.from({ length: 40 }, (_, id) => call(id, 'whoami'));
  const answers: Fields[] = [];
  for await (const answer of messagesIn(await one.request(json(asked)))) answers.push(answer);
  t.equal(answers.length, 40);
  const refused = answers.filter(({ result }) => (result as Fields).isError);
  t.equal(refused.length, 8);
  t.match(refused[0], { result: { content: [{ text: /wait until one has ended/ }] } });
});

t.test('a broker that closes ends the streams that listen', async t => {
  const one = await guest(house);
  const stream = await one.request();
  const ended = stream.text();
  await house.mount().close();
  t.equal(await ended, '');
});
