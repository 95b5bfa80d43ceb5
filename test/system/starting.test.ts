// A start that does not succeed ends by name, with what to do, and leaves nothing behind.
import { execFileSync } from 'node:child_process';
import { access, chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Test, test } from 'tap';
import { StoreError } from '../../broker/log/wire.js';
import { acceptLoss, start } from '../../broker/main.js';
import { coded, unlessStalled } from '../../broker/system/starting.js';
import { limits } from '../../schemas/limits.js';
import { startConfig } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';

const none = new AbortController().signal;

function refused(t: Test, dataDir: string, code: string, message: RegExp, why: string) {
  return t.rejects(start(startConfig(dataDir)), { code, message }, why);
}

/** A directory in which a broker has run. */
async function usedDir(t: Test): Promise<string> {
  const dataDir = await tempDir(t);
  const broker = await start(startConfig(dataDir));
  await broker.close();
  return dataDir;
}

test('a data directory that cannot be one is refused, and the sentence says why', async t => {
  const root = await tempDir(t);
  const file = join(root, 'file');
  await writeFile(file, '');
  await symlink(join(root, 'loop'), join(root, 'loop'));
  await refused(t, file, 'data_unusable', /not a directory.*--data/, 'a file');
  await refused(t, join(file, 'below'), 'data_unusable', /not a directory/, 'below a file');
  await refused(t, join(root, 'loop'), 'data_unusable', /loop/, 'a link to itself');
  await refused(t, join(root, 'x'.repeat(300)), 'data_unusable', /too long/, 'a long name');
  if (process.platform === 'linux') {
    await refused(t, '/proc/x', 'data_unusable', /cannot be made there/, 'where nothing is made');
  }
  await mkdir(join(root, 'shut'));
  await writeFile(join(root, 'shut', 'lock'), '');
  await chmod(join(root, 'shut'), 0o500);
  await refused(t, join(root, 'shut'), 'data_unusable', /cannot be used/, 'no room for the lock');
});

test('a pipe or a device in the directory is refused, not waited for', async t => {
  const dataDir = await usedDir(t);
  const block = 'store/jetstream/$G/streams/SIGNALBOX_default/msgs/1.blk';
  const aside = join(dataDir, 'aside');
  for (const name of ['high-water.json', 'operator.token', 'lock/99', 'loss-accepted', block]) {
    for (const make of ['mkfifo "$0"', 'ln -s /dev/zero "$0"']) {
      const file = join(dataDir, name);
      await rename(file, aside).catch(() => {});
      execFileSync('sh', ['-c', make, file]);
      const reason = { code: 'data_unusable', message: RegExp(`${basename(name)} is neither`) };
      await t.rejects(start(startConfig(dataDir)), reason, `${name}: ${make}`);
      await t.rejects(acceptLoss(dataDir), reason);
      await rm(file);
      await rename(aside, file).catch(() => {});
    }
  }
  await (await start(startConfig(dataDir))).close();
});

const skip = process.getuid?.() === 0 && 'root may read and write all';
test('what this user may not read is no damage, and costs nothing', { skip }, async t => {
  const dataDir = await usedDir(t);
  const files = ['high-water.json', 'store/jetstream/$G/streams/SIGNALBOX_default/msgs/1.blk'];
  for (const name of files) {
    const file = join(dataDir, name);
    await chmod(file, 0);
    const reason = { code: 'data_unusable', message: /may not read and write/ };
    await t.rejects(start(startConfig(dataDir)), reason, name);
    await t.rejects(acceptLoss(dataDir), reason, 'nor can it be accepted as lost');
    await chmod(file, 0o600);
  }
  await chmod(join(dataDir, files[1]!), 0o400);
  await refused(t, dataDir, 'data_unusable', /1\.blk/, 'a log that cannot be gone on with');
  await chmod(join(dataDir, files[1]!), 0o600);
  await (await start(startConfig(dataDir))).close();
});

test('a directory where a file should be is named', async t => {
  const dataDir = await usedDir(t);
  for (const name of ['loss-accepted', 'nats-server.pid', 'operator.token']) {
    const file = join(dataDir, name);
    await rm(file, { force: true });
    await mkdir(file);
    await refused(t, dataDir, 'data_unusable', RegExp(`a directory is where .*${name}`), name);
    await rm(file, { recursive: true });
  }
});

test('on a full disk a start does not wait for what cannot come', async t => {
  let time = 0;
  const clock = { now: () => time, elapsed: () => time };
  const standing = () => {
    time += 1;
    return { sequence: 5, trouble: 'there is no space left', isFull: time > 3 };
  };
  const watching = { clock, stopping: none, onProgress() {} };
  const work = new Promise<never>(() => {});
  await t.rejects(unlessStalled(work, standing, watching), { message: /no space left/ });
  t.ok(time < limits.start_stall_ms);
});

test('a damaged secret is refused and never replaced unasked; a missing one is made', async t => {
  const dataDir = await usedDir(t);
  for (const name of ['broker.key', 'gateway.id', 'operator.token']) {
    const file = join(dataDir, name);
    const whole = await readFile(file);
    for (const damaged of ['', 'short', `${'x'.repeat(42)}\u00e9`]) {
      await writeFile(file, damaged);
      const code = /secret_damaged|token_unusable/;
      await t.rejects(start(startConfig(dataDir)), { code, message: RegExp(name) });
      t.equal(await readFile(file, 'utf8'), damaged, `“${damaged}” in ${name} is left as it is`);
    }
    await rm(file);
    const broker = await start(startConfig(dataDir));
    await broker.close();
    await writeFile(file, whole);
    await chmod(file, 0o600);
  }
});

test('a used directory without its mark is refused, one that was never used is not', async t => {
  const dataDir = await usedDir(t);
  await rm(join(dataDir, 'high-water.json'));
  await refused(t, dataDir, 'history_broken', /high-water\.json is missing/, 'the mark alone');
  await rm(join(dataDir, 'store'), { recursive: true });
  await refused(t, dataDir, 'history_broken', /high-water\.json is missing/, 'the store too');
  const fresh = await tempDir(t);
  await writeFile(join(fresh, 'operator.token'), `${'x'.repeat(40)}\n`);
  const broker = await start(startConfig(fresh));
  t.pass('a token that somebody put there is no use of the directory');
  await broker.close();
});

test('a log of another mesh is named, and nothing is begun beside it', async t => {
  const dataDir = await usedDir(t);
  const other = start(startConfig(dataDir, { mesh: 'other' }));
  await t.rejects(other, { code: 'history_broken', message: /mesh "default".*--mesh default/ });
  await t.rejects(access(join(dataDir, 'store/jetstream/$G/streams/SIGNALBOX_other')));
});

test('a start that is stopped ends, wherever it is, and the directory is free again', async t => {
  const dataDir = await usedDir(t);
  for (let ms = 0; ms < 200; ms += 20) {
    const stopping = new AbortController();
    const starting = start(startConfig(dataDir, { stopping: stopping.signal }));
    setTimeout(() => stopping.abort(), ms);
    const broker = await starting.catch((error: NodeJS.ErrnoException) => error);
    if (broker instanceof Error) t.equal(broker.code, 'interrupted', `after ${ms} ms`);
    else await broker.close();
  }
  const broker = await start(startConfig(dataDir));
  await broker.close();
});

test('a log that stands still is given up; one that moves has all the time it needs', async t => {
  const clock = { now: () => 0, elapsed: () => time };
  let time = 0;
  let sequence = 0;
  const said: string[] = [];
  const watching = { clock, stopping: none, onProgress: (line: string) => said.push(line) };
  const standing = () => {
    // Every look finds another second gone, and now and then a commit more.
    time += 1_000;
    if (sequence < 5 && time % (limits.start_stall_ms / 2) === 0) sequence++;
    return { sequence, trouble: 'the disk is full' };
  };
  const work = new Promise<never>(() => {});
  await t.rejects(unlessStalled(work, standing, watching), {
    code: 'log_stalled',
    message: /stands still at commit 5 \(the disk is full\)/,
  });
  t.ok(said.includes('replaying the log: commit 4'));
});

test('errors of the machine get the name under which a person finds them', t => {
  const target = { port: 7117, dataDir: '/data' };
  const name = (code: string, syscall = 'open') =>
    (coded(Object.assign(new Error('x'), { code, syscall }), target) as { code?: string }).code;
  t.equal(name('ENOSPC'), 'disk_full');
  t.equal(name('EROFS'), 'data_unusable');
  t.equal(name('EADDRINUSE', 'listen'), 'port_busy');
  t.equal(name('EACCES', 'listen'), 'port_unusable');
  t.equal(name('ENOTFOUND', 'getaddrinfo'), 'port_unusable');
  t.equal(
    (coded(new StoreError('it cannot be used'), target) as { code?: string }).code,
    'nats_failed',
    'a server of another’s, which does not answer',
  );
  t.equal(name('ENOENT', 'spawn sh'), 'start_failed');
  t.equal(name('data_locked'), 'data_locked');
  t.equal((coded('odd', target) as { code?: string }).code, 'start_failed');
  const missing = (path: string) =>
    coded(Object.assign(new Error('x'), { code: 'ENOENT', path }), target) as { code?: string };
  t.equal(missing('/data/store/x').code, 'data_unusable');
  t.equal(missing('/').code, 'data_unusable', 'what it lies in');
  t.equal(missing('/elsewhere/page').code, 'start_failed', 'the directory is not to blame');
  t.equal(missing('/data-of-another').code, 'start_failed');
  const numbered = Object.assign(new Error('error creating store'), { code: 10049 });
  t.match(coded(numbered, target), { code: 'start_failed' }, 'a number of the store is no name');
  const full = { ...target, isFull: true };
  t.match(coded(numbered, full), { code: 'disk_full', message: /disk of \/data.*creating store/ });
  t.match(coded(Object.assign(new Error('x'), { code: 'data_locked' }), full), {
    code: 'data_locked',
  });
  t.end();
});
