// Handshakes of MCP, old and new, and the life of the server: its pipes, its broker, its peer.
import { stat } from 'node:fs/promises';
import t from 'tap';
import { identityFile } from '../cli/identity-file.js';
import { inside } from '../cli/inside.js';
import { until } from '../dsl/until.js';
import { house } from './house.js';
import { agent, session } from './session.js';

t.test('each handshake is answered in its own revision', async t => {
  for (const version of ['2025-06-18', '2025-11-25']) {
    const one = await session(t, house);
    t.match(await one.shake(version), {
      protocolVersion: version,
      serverInfo: { name: 'signalbox' },
      instructions: /inbox/,
    });
    t.match(await one.does('whoami'), { circle: 'default', role: 'agent' });
  }
});

t.test('server/discover is answered, with or without an initialize behind it', async t => {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'new', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const modern = await session(t, house);
  t.match(await modern.call('server/discover', { _meta }), {
    result: { supportedVersions: ['2026-07-28'] },
  });
  const called = await modern.call('tools/call', { name: 'whoami', arguments: {}, _meta });
  t.match(called, { result: { structuredContent: { role: 'agent' } } });
  const probing = await session(t, house);
  await probing.call('server/discover', { _meta });
  t.match(await probing.shake('2025-11-25', 'claude-code'), { protocolVersion: '2025-11-25' });
  t.match(await probing.does('whoami'), { role: 'agent' });
});

t.test('an answered call that is cancelled, and what is unknown, change nothing', async t => {
  const one = await agent(t, house, 'canceller');
  const { id, answer } = one.open('tools/call', { name: 'whoami', arguments: {} });
  await answer;
  one.note('notifications/cancelled', { requestId: id, reason: 'done' });
  one.note('notifications/strange', { a: 1 });
  t.match(await one.call('strange/method', {}), { error: { code: -32601 } });
  t.match(await one.tool('nothing'), { isError: true, text: /there is no tool nothing/ });
  t.match(await one.does('whoami'), { name: 'canceller' });
  t.same(one.notes, []);
});

t.test('its peer is online while stdin is open, and its secret is for its user only', async t => {
  const one = await agent(t, house, 'present');
  await one.does('whoami');
  const ada = await inside(t, house, 'ada');
  const status = async () => {
    const rows: { name: string; status: string }[] = await ada.rows(['peers', '--all']);
    return rows.find(({ name }) => name === 'present')?.status;
  };
  t.equal(await status(), 'online');
  t.equal((await stat(await identityFile(one.home, 'present'))).mode & 0o777, 0o600);
  one.end();
  await one.ended;
  await until(async () => (await status()) === 'offline');
});

t.test('a session is one peer with its shell, and the same after a restart', async t => {
  const env = { CLAUDE_CODE_SESSION_ID: 'abc' };
  const shell = await inside(t, house, 'nobody', { env: { ...env, SIGNALBOX_AS: undefined } });
  const { home } = shell;
  const first = await session(t, house, { env, home });
  await first.shake('2025-11-25', 'claude-code');
  const { peer } = await first.does('whoami');
  t.match(JSON.parse(await shell.ok(['whoami', '--json'])), { peer, runtime: 'Claude Code' });
  first.end();
  await first.ended;
  const second = await session(t, house, { env, home });
  await second.shake('2025-11-25', 'claude-code');
  t.match(await second.does('whoami'), { peer });
  const other = await session(t, house, { env: { CLAUDE_CODE_SESSION_ID: 'fork' }, home });
  await other.shake('2025-11-25', 'claude-code');
  t.not((await other.does('whoami')).peer, peer);
});

t.test('Codex names the session in each call', async t => {
  const shell = await inside(t, house, 'nobody', {
    env: { CODEX_THREAD_ID: 't1', SIGNALBOX_AS: undefined },
  });
  const one = await session(t, house, { home: shell.home });
  await one.shake('2025-06-18', 'codex-mcp-client');
  const meta = (session_id: string) => ({ 'x-codex-turn-metadata': { session_id, turn_id: '1' } });
  const { peer, name } = await one.does('whoami', {}, meta('t1'));
  const { rows } = JSON.parse(await shell.ok(['peers', '--all', '--json']));
  const names = rows.filter((row: { runtime?: string }) => row.runtime === 'Codex');
  t.match(names, [{ name }], 'nobody has joined for the client before its first call');
  t.match(JSON.parse(await shell.ok(['whoami', '--json'])), { peer, runtime: 'Codex' });
  t.not((await one.does('whoami', {}, meta('t2'))).peer, peer);
  t.match(await one.does('whoami', {}, meta('t1')), { peer });
});
