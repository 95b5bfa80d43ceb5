// A backup of a running mesh, restored: the same log, positions, state and cursors; or a refusal.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join as joinPath } from 'node:path';
import { test } from 'tap';
import { Fold } from '../../broker/core/fold.js';
import { stateHash } from '../../broker/core/snapshots/state-hash.js';
import { storeOf } from '../../broker/log/store/places.js';
import { StoredLog } from '../../broker/log/store/stored-log.js';
import { restoreLog, start } from '../../broker/main.js';
import { connect, houseOf, join, openBroker, startConfig } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { type Fields, type Guest, Refused } from '../dsl/raw-client.js';
import { readLog } from '../dsl/watch.js';

interface Page {
  lines: string[];
  next?: string;
}

async function exportOf(guest: Guest, params: Fields): Promise<string> {
  const lines: string[] = [];
  let page = await guest.call<Page>('log.export', params);
  for (;;) {
    lines.push(...page.lines);
    if (page.next === undefined) return `${lines.join('\n')}\n`;
    page = await guest.call<Page>('log.export', { after: page.next });
  }
}

/** The hash of the state up to a commit, as a store has it. */
async function stateIn(dataDir: string, sequence: number): Promise<string> {
  const fold = new Fold();
  for await (const delivery of new StoredLog(storeOf(dataDir), 'default').read(1, sequence)) {
    fold.commit(delivery);
  }
  if (fold.sequence !== sequence) throw new Error(`it ends at commit ${fold.sequence}`);
  return stateHash(fold);
}

test('a mesh is backed up as it runs, and restored as it was', async t => {
  const first = await tempDir(t);
  const { broker, ...house } = await openBroker(t, { dataDir: first });
  const guest = await connect(t, house);
  const ann = await join(t, house, 'ann');
  for (let n = 0; n < 20; n++) await ann.guest.command('peer.describe', { text: `busy ${n}` });
  const { head } = await guest.call<{ head: string }>('mesh.info');
  const backup = await exportOf(guest, { format: 'raw' });
  await ann.guest.command('peer.describe', { text: 'after the backup' });
  const { head: later } = await guest.call<{ head: string }>('mesh.info');
  const audit = await guest.call('mesh.audit');
  t.match(audit, { position: Number, digest: /^[0-9a-f]{64}$/, key: /^[0-9a-f]{64}$/ });
  const whole = await guest.call('log.verify', {});
  t.match(whole, { ok: true, grade: 'self_consistent', checked: Number });
  t.ok(Number(whole.to) >= Number(audit.position), 'up to the head');
  const before = await readLog(guest);
  await broker.close();

  const dir = await tempDir(t);
  const file = joinPath(dir, 'mesh.backup');
  await writeFile(file, backup);
  const request = { file, now: Date.now(), onProgress() {} };
  const again = joinPath(dir, 'again');

  await t.test('not what is damaged, cut, redacted or begins later', async t => {
    const odd: Record<string, string> = {
      damaged: backup.replace(/"at":\d/, '"at":9'),
      cut: backup.slice(0, backup.length >> 1),
      none: 'nothing\n',
    };
    for (const [what, text] of Object.entries(odd)) {
      await writeFile(joinPath(dir, what), text);
      const from = { ...request, file: joinPath(dir, what), dataDir: joinPath(dir, `of-${what}`) };
      await t.rejects(restoreLog(from), { code: 'backup_unusable' }, what);
      await t.rejects(readdir(from.dataDir), { code: 'ENOENT' }, 'and nothing is made of it');
    }
    await t.rejects(restoreLog({ ...request, dataDir: dir }), { code: 'data_unusable' });
  });

  await t.test('what a killed restore left is no log to start on, and is begun anew', async t => {
    const killed = joinPath(dir, 'killed');
    await mkdir(killed);
    await restoreLog({ ...request, dataDir: killed });
    await rm(joinPath(killed, 'store'), { recursive: true });
    await mkdir(joinPath(killed, 'store.restoring'));
    await writeFile(joinPath(killed, 'restoring'), '{}');
    await t.rejects(start(startConfig(killed)), { code: 'history_broken' });
  });

  const { to = 0 } = await restoreLog({ ...request, dataDir: again });
  t.equal(await stateIn(again, to), await stateIn(first, to), 'the same state at its end');
  await t.rejects(restoreLog({ ...request, dataDir: again }), { code: 'data_unusable' });
  const second = await start(startConfig(again));
  t.teardown(() => second.close());
  t.equal(second.ready.log, house.ready.log, 'the same log id');
  const after = await readLog(await connect(t, houseOf(second.ready)));
  const reader = await connect(t, houseOf(second.ready));
  const kept = after.slice(0, before.length - 1);
  t.strictSame(
    kept.map(line => JSON.stringify(line)),
    before.slice(0, kept.length).map(line => JSON.stringify(line)),
    'every event at its position, with its time and verdict',
  );
  t.ok(await reader.call('log.observe', { from: head }), 'a cursor of before goes on');
  for (let n = 0; n < 4; n++) await join(t, houseOf(second.ready), `new-${n}`);
  const refused = await reader.call('log.observe', { from: later }).catch(error => error);
  t.ok(refused instanceof Refused, 'one from after the backup does not');
  t.equal((refused as Refused).refusal, 'cursor_diverged');
  t.match(await reader.call('log.verify', {}), { ok: true });
  t.ok((await readFile(joinPath(again, 'checkpoint.key'), 'utf8')).includes('PRIVATE'));
});

test('who may not see all circles may neither verify nor export', async t => {
  const { broker: _, ...house } = await openBroker(t);
  const boss = await connect(t, house);
  const secret = 's'.repeat(43);
  const rights = { circles: ['web'], roles: ['agent'], verbs: ['observe'] };
  const { token } = await boss.command('token.create', { name: 'web', ...rights, secret });
  const bound = await connect(t, house, { credential: `${token}.${secret}` });
  for (const [method, params] of [
    ['log.verify', {}],
    ['log.export', {}],
    ['log.export', { format: 'raw' }],
  ] as const) {
    const error = await bound.call(method, params).catch(refused => refused);
    t.equal((error as Refused).refusal, 'forbidden', method);
  }
  for (const params of [
    { from: 9e15 },
    { from: 20_000, to: 8_192 },
    { format: 'raw', redact: ['text'] },
    { from: 'no cursor' },
    { from: 'log_x.1.0123456789ab' },
    { after: 'nonsense' },
    { redact: [''] },
    { redact: ['Text'] },
    { redact: ['text', 'txt'] },
    { from: 'now' },
  ]) {
    const error = await boss.call('log.export', params).catch(refused => refused);
    t.ok(error instanceof Refused && error.code !== -32603, JSON.stringify(params));
  }
  const error = await boss.call('log.verify', { from: 9e15 }).catch(refused => refused);
  t.equal((error as Refused).refusal, 'invalid');
});
