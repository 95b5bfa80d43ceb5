// Proves that the doctor finds what is wrong between a shell and its broker, and says the cure.
import { once } from 'node:events';
import { chmod, readdir, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { judgeRoom } from '../../client/cli/check/data.js';
import { checkEnvironment } from '../../client/cli/check/environment.js';
import { lookAtAll, well } from '../../client/cli/check/finding.js';
import { checkNatsServer, checkNode } from '../../client/cli/check/tools.js';
import { openBroker } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { patient } from './patient.js';

const DATA = '.local/share/signalbox';
const STATE = '.local/state/signalbox';
const house = await openBroker(t);

/** A server that is no broker, or one that answers as it is told. */
async function stranger(t: Test, answer: (path: string) => string) {
  const server = createServer((req, res) => {
    req.resume().on('end', () => res.end(answer(req.url ?? '')));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('a sound house: nothing is wrong', async t => {
  const ada = await patient(t, house);
  await ada.ok(['join']);
  const { code, rows } = await ada.examined();
  t.equal(code, 0);
  t.match(rows, { broker: { ok: true }, token: { ok: true }, identity: { detail: /ada/ } });
  t.same(
    Object.values(rows).filter(row => !row?.ok),
    [],
  );
});

t.test('rights: each file that others could read is closed, and nothing else is done', async t => {
  const ada = await patient(t, house);
  await ada.ok(['join']);
  const token = await ada.plant('token', house.token, 0o644);
  const room = join(ada.home, STATE, (await readdir(join(ada.home, STATE)))[0] ?? '');
  await chmod(join(room, 'ada.json'), 0o640);
  await chmod(room, 0o755);
  const words = ['--token-file', token];
  const found = await ada.examined(...words);
  t.equal(found.code, 1);
  t.match(found.rows['token file'], { ok: false, cure: `chmod 0600 ${token}`, fixable: true });
  t.match(found.rows.identities, { ok: false, cure: /chmod 0700 .*chmod 0600/, fixable: true });
  t.match(found.stderr, /doctor --fix cures 2 of that/);
  const cured = await ada.examined(...words, '--fix');
  t.match(cured, { code: 0, rows: { 'token file': { fixed: true }, identities: { fixed: true } } });
  t.equal((await stat(token)).mode & 0o777, 0o600);
  t.equal((await stat(join(room, 'ada.json'))).mode & 0o777, 0o600);
  const again = await ada.examined(...words, '--fix');
  t.equal(again.code, 0);
  t.notOk(
    Object.values(again.rows).some(row => row?.fixed),
    'a second one changes nothing',
  );
});

t.test('a token: missing, damaged, refused, and that of another broker', async t => {
  const ada = await patient(t, house);
  const found = async (file: string) => (await ada.examined('--token-file', file)).rows.token;
  const missing = await found(join(ada.home, 'none'));
  t.match(missing, { ok: false, detail: /no such file/, cure: /--token-file/ });
  const damaged = await found(await ada.plant('damaged', 'a\0b\nc'));
  t.match(damaged, { ok: false, detail: /holds no token/ });
  const refused = await found(await ada.plant('refused', 'x'.repeat(43)));
  t.match(refused, { ok: false, cure: /signalbox up/ });
  const { url, ws } = house.ready;
  const token_file = await ada.plant(`${DATA}/default/operator.token`, house.token);
  const endpoint = { url, ws, pid: process.pid, token_file, mesh: 'default', log: 'log_x' };
  await ada.plant(`${DATA}/default/endpoint.json`, JSON.stringify(endpoint));
  const stale = await found(join(ada.home, 'refused'));
  t.match(stale, { ok: false, detail: token_file, cure: /leave out/ });
});

t.test('what a killed broker left: its endpoint is removed, its port is named', async t => {
  const url = await stranger(t, () => 'hello');
  const bob = await patient(t, undefined);
  const token_file = join(bob.home, DATA, 'default/operator.token');
  const left = { url, ws: url, pid: 2 ** 30, token_file, mesh: 'default', log: 'log_a' };
  const file = await bob.plant(`${DATA}/default/endpoint.json`, JSON.stringify(left));
  const work = { ...left, token_file: join(bob.home, DATA, 'work/operator.token') };
  await bob.plant(`${DATA}/work/endpoint.json`, JSON.stringify(work));
  const found = await bob.examined();
  const { port } = new URL(url);
  t.match(found.rows.data, { ok: false, detail: /killed/, cure: /signalbox up/, fixable: true });
  t.match(found.rows.port, { ok: false, detail: `${port} is taken by pid ${process.pid}` });
  t.match(found.rows.broker, { ok: false, detail: /does not answer as a broker/ });
  t.match(found.rows['mesh work'], { ok: true, cure: 'signalbox up --mesh work --port 0' });
  const cured = await bob.examined('--fix');
  t.match(cured.rows.data, { ok: true, fixed: true });
  t.rejects(stat(file), 'gone');
  t.notMatch((await bob.examined('--fix')).rows, { data: { fixed: true } });
  await bob.plant(`${DATA}/default/endpoint.json`, '{"url":');
  t.match((await bob.examined()).rows.data, { ok: false, detail: /damaged/, cure: /signalbox up/ });
});

t.test('a broker of another mesh, log, version, protocol and time', async t => {
  const info = {
    mesh: 'other',
    log: 'log_b',
    head: 'x',
    version: '0.0.1',
    brokers: [],
    limits: {},
  };
  const url = await stranger(t, path => {
    if (path === '/livez') return 'alive\n';
    if (path !== '/rpc') return '{"checks":{"store":{"ok":false,"detail":"it is full"}}}';
    const result = {
      ...info,
      time: Date.now() + 60_000,
      protocol: 'signalbox.v9',
      durability: 'os',
    };
    return JSON.stringify({ jsonrpc: '2.0', id: 1, result });
  });
  const bob = await patient(t, undefined, { env: { SIGNALBOX_URL: url } });
  const token = await bob.plant('token', house.token);
  const { rows } = await bob.examined('--token-file', token, '--mesh', 'mine');
  t.match(rows.broker, { ok: false, detail: /mesh other; you mean mesh mine/, cure: /--url/ });
  t.match(rows.version, { ok: false, cure: /same version/ });
  t.match(rows.clock, { ok: false, detail: /(?:59|60)\d\d\d ms behind/, cure: /NTP/ });
  t.match(rows.durability, { ok: true, detail: /power cut/, cure: /2\.10/ });
  t.match(rows.store, { ok: false, detail: 'it is full' });
});

t.test('damaged files of every kind are told, and none is touched', async t => {
  const eve = await patient(t, house);
  const kept = await eve.plant(`${STATE}/log_00000000/eve.json`, '{"peer":');
  await eve.plant(`${STATE}/setup.json`, '\0\0');
  await symlink('/dev/zero', join(eve.home, STATE, 'log_00000000', 'zero.json'));
  const list = await eve.plant(`${STATE}/workspaces`, `${'x'.repeat(70_000)}\n`, 0o644);
  const found = await eve.examined('--fix');
  t.match(found.rows.workspaces, { ok: false, detail: /longer than what is read/, cure: /mv / });
  t.match(found.rows['list of workspaces'], { fixed: true });
  t.equal((await stat(list)).size, 70_001);
  t.match(found.rows['damaged identities'], { ok: false, detail: kept, cure: /move it away/ });
  t.equal(await eve.read(`${STATE}/log_00000000/eve.json`), '{"peer":');
});

t.test('a home that is none, and one that cannot be written', async t => {
  const eve = await patient(t, house, { env: { XDG_STATE_HOME: '/dev/null/x' } });
  const { rows } = await eve.examined();
  t.match(rows.home, { ok: false, detail: /dev\/null is no directory/, cure: /XDG_STATE_HOME/ });
  const gib = 2 ** 30;
  const room = (free_bytes: number, free_files = 9) =>
    judgeRoom('disk', { path: '/x', free_bytes, free_files });
  t.match(room(gib), { ok: true, cure: undefined });
  t.match(room(gib / 4), { ok: true, cure: /make room/ });
  t.match([room(1_000), room(gib, 0)], [{ ok: false }, { ok: false }]);
});

t.test('the environment: what slows or turns away each hook', async t => {
  const at = async (env: NodeJS.ProcessEnv, node = 'v20.20.0') =>
    checkEnvironment({ PATH: '/bin', ...env }, node);
  t.match(await at({}), [{ ok: true, cure: undefined }]);
  t.match(await at({ NODE_OPTIONS: '--require /x.cjs' }), [{ ok: true, cure: /unset/ }]);
  t.match(await at({ NODE_OPTIONS: '--inspect' }), [{ ok: false, cure: /unset/ }]);
  t.match(await at({ NODE_EXTRA_CA_CERTS: '/none' }), [{ ok: true, detail: /cannot be read/ }]);
  const http_proxy = 'http://10.0.0.1:3128';
  t.match(await at({ http_proxy }), [{ ok: true, cure: /NO_PROXY=127/ }]);
  t.match(await at({ http_proxy, NO_PROXY: 'a, 127.0.0.1' }), [{ cure: undefined }]);
  const obeyed = { HTTP_PROXY: http_proxy, NODE_USE_ENV_PROXY: '1' };
  t.match(await at(obeyed, 'v24.6.0'), [{ ok: false, cure: /NO_PROXY=127/ }]);
  t.match(await at({ PATH: 'bin' }), [{ ok: false }]);
});

t.test('tools: an old Node, an old nats-server, one that is none', async t => {
  t.match(checkNode('v18.1.0'), { ok: false, cure: /install Node 20/ });
  const dir = await tempDir(t);
  const { plant } = await patient(t, undefined);
  const old = await plant('nats-server', '#!/bin/sh\necho nats-server: v2.9.10\n', 0o755);
  t.match(await checkNatsServer({ SIGNALBOX_NATS_SERVER: old }), {
    ok: true,
    detail: /2\.9\.10.*power cut/,
    cure: /2\.10/,
  });
  const none = await checkNatsServer({ SIGNALBOX_NATS_SERVER: join(dir, 'none') });
  t.match(none, { ok: false, cure: /SIGNALBOX_NATS_SERVER/ });
});

t.test('a look that fails is a fault, and keeps up no other', async t => {
  const found = await lookAtAll([
    ['one', () => Promise.reject(new Error('EIO: i/o error, read'))],
    ['two', async () => [well('two', 'fine')]],
  ]);
  t.match(found, [
    { what: 'one', ok: false, detail: 'i/o error' },
    { what: 'two', ok: true },
  ]);
});
