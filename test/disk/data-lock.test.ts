// Proves that a data directory has one broker at a time, whatever became of the one before.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, link, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { acquireDataLock } from '../../broker/disk/data-lock.js';
import { processFacts } from '../../broker/system/process-facts.js';
import { tempDir } from '../dsl/nats.js';
import { runScript } from '../dsl/processes.js';

/** Leaves the lock as a process that died has left it. */
async function leaveTurn(dataDir: string, text: string): Promise<void> {
  await mkdir(join(dataDir, 'lock'), { recursive: true });
  await writeFile(join(dataDir, 'lock', '1'), text);
}

t.test('a directory in use is refused, naming the holder and the way out', async t => {
  const dir = await tempDir(t);
  const { child, line } = await runScript(t, new URL('lock-host.js', import.meta.url), dir);
  t.equal(line, 'holds');
  const refusal = await acquireDataLock(dir).catch((error: Error) => error.message);
  t.match(refusal, `process ${child.pid}`);
  t.match(refusal, 'signalbox down');
  t.match(refusal, '--data DIR');
});

t.test('a copy of a directory in use is free; one that was moved or linked is not', async t => {
  const root = await tempDir(t);
  const [dir, copy, linked, moved] = ['dir', 'copy', 'linked', 'moved'].map(name =>
    join(root, name),
  ) as [string, string, string, string];
  await mkdir(dir);
  const lock = await acquireDataLock(dir);
  await cp(dir, copy, { recursive: true });
  await symlink(dir, linked);
  await t.rejects(acquireDataLock(linked), { code: 'data_locked' }, 'through a link');
  const second = await acquireDataLock(copy);
  await t.rejects(acquireDataLock(copy), { code: 'data_locked' }, 'the copy has its own holder');
  await second.release();
  await t.rejects(acquireDataLock(dir), { code: 'data_locked' }, 'the original is held as before');
  await mkdir(join(root, 'hard', 'lock'), { recursive: true });
  for (const name of await readdir(join(dir, 'lock'))) {
    await link(join(dir, 'lock', name), join(root, 'hard', 'lock', name));
  }
  const held = { code: 'data_locked' };
  await t.rejects(acquireDataLock(join(root, 'hard')), held, 'made of links, it shares the log');
  await mkdir(join(dir, 'store'));
  await rm(join(copy, 'lock'), { recursive: true });
  await cp(join(dir, 'lock'), join(copy, 'lock'), { recursive: true });
  await symlink(join(dir, 'store'), join(copy, 'store'));
  await t.rejects(acquireDataLock(copy), held, 'nor one whose store is a link to the same');
  await rename(dir, moved);
  await t.rejects(acquireDataLock(moved), { code: 'data_locked' }, 'also under another name');
  await lock.release().catch(() => {});
});

t.test('a released directory can be taken again, by the same process too', async t => {
  const dir = await tempDir(t);
  for (let round = 0; round < 5; round += 1) {
    const lock = await acquireDataLock(dir);
    await t.rejects(acquireDataLock(dir), { message: /in use/ });
    await lock.release();
    await lock.release();
  }
  t.ok((await readdir(join(dir, 'lock'))).length <= 2, 'old turns are swept');
});

t.test('a late second release does not free what another holds by now', async t => {
  const dir = await tempDir(t);
  const first = await acquireDataLock(dir);
  await first.release();
  await acquireDataLock(dir);
  await first.release();
  await t.rejects(acquireDataLock(dir), { message: /in use/ });
});

t.test('the lock of a killed broker is taken over', async t => {
  const dir = await tempDir(t);
  const { child } = await runScript(t, new URL('lock-host.js', import.meta.url), dir);
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.ok(await acquireDataLock(dir));
});

t.test('a lock whose pid now belongs to another process is taken over', async t => {
  const dir = await tempDir(t);
  await leaveTurn(dir, JSON.stringify({ pid: process.pid, started: 'in another life' }));
  t.ok(await acquireDataLock(dir));
});

t.test('a lock that a power cut emptied or tore is taken over', async t => {
  for (const text of ['', '{"pid":12', 'null', '{"pid":"1"}']) {
    const dir = await tempDir(t);
    await leaveTurn(dir, text);
    t.ok(await acquireDataLock(dir), JSON.stringify(text));
  }
});

t.test('of many processes that take over at once exactly one wins', async t => {
  const dir = await tempDir(t);
  await leaveTurn(dir, JSON.stringify({ pid: process.pid, started: 'in another life' }));
  const takers = await Promise.all(
    [1, 2, 3, 4].map(() => runScript(t, new URL('lock-host.js', import.meta.url), dir)),
  );
  t.equal(takers.filter(taker => taker.line === 'holds').length, 1);
  t.equal(takers.filter(taker => taker.line.startsWith('refused: ')).length, 3);
});

t.test('of many takers in one process exactly one wins, time and again', async t => {
  const dir = await tempDir(t);
  for (let round = 0; round < 20; round += 1) {
    const takers = await Promise.allSettled(Array.from({ length: 8 }, () => acquireDataLock(dir)));
    const winners = takers.flatMap(taker => (taker.status === 'fulfilled' ? [taker.value] : []));
    t.equal(winners.length, 1);
    await winners[0]!.release();
  }
});

t.test('every way this machine has to look at a process tells the same', async t => {
  const hasPs = spawnSync('ps', ['-p', '1']).status === 0;
  const ways = process.platform === 'linux' && hasPs ? (['linux', 'darwin'] as const) : [undefined];
  for (const platform of ways) {
    const facts = await processFacts(process.pid, platform);
    t.match(facts?.command, 'data-lock.test.js');
    t.same((await processFacts(process.pid, platform))?.started, facts?.started);
    t.equal(await processFacts(2 ** 22 + 1, platform), undefined);
  }
});
