// The log in files, from the command line: exported, verified, backed up, and restored elsewhere.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { start } from '../../broker/main.js';
import { limits } from '../../schemas/limits.js';
import { houseOf, openBroker, startConfig } from '../dsl/live-broker.js';
import { tempDir } from '../dsl/nats.js';
import { until } from '../dsl/until.js';
import { inside } from './inside.js';
import { finished, PROGRAM } from './shell.js';

const dataDir = await tempDir(t);
const house = await openBroker(t, { durability: 'os', dataDir });
const ada = await inside(t, house, 'ada');
const bob = await inside(t, house, 'bob');
await ada.ok(['join']);
await bob.ok(['join']);
await ada.ok(['ask', 'bob', 'may I merge grüße 🚂?', '--json']);
await ada.ok(['job', 'create', 'migrate the ledger']);
// Longer together than a pipe holds twice.
for (let n = 0; n < 3; n++) await ada.ok(['notify', 'bob', `word ${n} ${'x'.repeat(60_000)}`]);
const key = (await ada.ok(['log', 'key'])).trim();
const at = (name: string) => join(ada.home, name);
const linesOf = async (name: string) => (await readFile(at(name), 'utf8')).trimEnd().split('\n');

interface Verified {
  ok: boolean;
  grade: string;
  to: number;
  bad_line?: number;
  first_bad?: number;
}

t.test('an export verifies, and the key from elsewhere makes it a proof', async t => {
  t.match(key, /^[0-9a-f]{64}$/);
  t.match(await ada.json(['log', 'key']), { key });
  t.match(
    await ada.ok(['log', 'export', '-o', 'log.jsonl']),
    /^exported \d+ commits to log\.jsonl/,
  );
  const text = await readFile(at('log.jsonl'), 'utf8');
  t.match(text, 'may I merge grüße 🚂?');
  t.match(await ada.ok(['log', 'verify', 'log.jsonl']), /verifies: .*\nself-consistent only/);
  t.match(await ada.ok(['log', 'verify', 'log.jsonl', '--key', key]), /signed by the key you gave/);
  const told: Verified = await ada.json(['log', 'verify', 'log.jsonl', '--key', key]);
  t.match(told, { ok: true, grade: 'signed', to: (await linesOf('log.jsonl')).length - 2 });
  const other = await ada.run(['log', 'verify', 'log.jsonl', '--key', 'a'.repeat(64)]);
  t.match(other, { code: 1, stderr: /nothing in it is signed by a key that was given/ });
  t.match(await ada.run(['log', 'verify', 'log.jsonl', '--key', 'abc']), { code: 2 });
  t.match(await ada.ok(['log', 'verify']), /^verified \d+ events in \d+ commits/);
  // A file that is there is nobody's to write over.
  t.match(await ada.run(['log', 'export', '-o', 'log.jsonl']), {
    code: 1,
    stderr: /it exists/,
  });
  t.equal(await readFile(at('log.jsonl'), 'utf8'), text);
});

t.test('a file is written whole or not at all, and what was killed is cleared away', async t => {
  const dead = spawnSync('true').pid;
  await writeFile(at(`out.jsonl.${dead}.part`), 'half');
  await writeFile(at(`out.jsonl.${process.ppid}.part`), 'of one that lives');
  const { code, stderr } = await ada.run(['log', 'export', '-o', 'out.jsonl']);
  t.match([code, stderr], [0, `removed out.jsonl.${dead}.part, which a run left that was killed`]);
  const kept = await readdir(ada.home);
  t.strictSame(kept.filter(name => name.startsWith('out.jsonl')).sort(), [
    'out.jsonl',
    `out.jsonl.${process.ppid}.part`,
  ]);
  const full = ['-c', 'ulimit -f 20; exec "$@"', 'sh', process.execPath, PROGRAM];
  const env = { ...process.env, SIGNALBOX_URL: house.ready.url };
  for (const [verb, why] of [
    [['log', 'backup', 'big'], /cannot write .*big: /],
    [['log', 'export', '-o', 'big'], /cannot write .*big: /],
    [
      ['log', 'restore', 'whole', '--data-dir', 'big'],
      /cannot write all of it: .*; nothing was kept/,
    ],
  ] as const) {
    if (verb[1] === 'restore') await ada.ok(['log', 'backup', 'whole']);
    const child = spawn('sh', [...full, ...verb, '--token-file', house.ready.token_file], {
      cwd: ada.home,
      env,
    });
    const run = await finished(child);
    t.match(run, { code: 1, stderr: why }, verb.join(' '));
    t.notOk(
      (await readdir(ada.home)).some(name => /^big.*part$/.test(name)),
      'nothing is left',
    );
    const made = await readdir(at('big')).catch(() => ['lock']);
    t.strictSame(made, ['lock'], 'no half of one is there');
  }
});

t.test('a part goes to stdout, as CloudEvents too, and without its words', async t => {
  const cloud = await ada.ok(['log', 'export', '--format', 'cloudevents', '--from', '2']);
  const events = cloud
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  t.ok(events.every(({ specversion, source }) => specversion === '1.0' && source));
  t.ok(events.some(({ type }) => type === 'signalbox.ask.opened'));
  await writeFile(at('cloud.jsonl'), cloud);
  t.match(await ada.ok(['log', 'verify', 'cloud.jsonl', '--key', key]), /signed by the key/);
  const shown = await ada.ok(['log', 'export', '--redact', 'text']);
  t.notMatch(shown, /merge|grüße|word 1|bWF5/);
  await writeFile(at('shown.jsonl'), shown);
  t.match(await ada.ok(['log', 'verify', 'shown.jsonl', '--key', key]), /\nredacted: text\nsigned/);
  t.match(await ada.run(['log', 'restore', 'shown.jsonl', '--data-dir', 'of-shown']), {
    code: 1,
    stderr: /has not the bytes of the commits/,
  });
});

t.test('a flipped byte ends with 1, and its line and position are named', async t => {
  const lines = await linesOf('log.jsonl');
  const n = lines.findIndex(line => line.includes('may I merge'));
  const { commit } = JSON.parse(lines[n]!) as { commit: number };
  const bad = { bad_line: n + 1, first_bad: commit * limits.commit_positions };
  await writeFile(at('bad.jsonl'), `${lines.join('\n').replace('may I', 'mby I')}\n`);
  for (const more of [[], ['--key', key]]) {
    const { code, stdout, stderr } = await ada.run(['log', 'verify', 'bad.jsonl', ...more]);
    t.equal(code, 1);
    t.match(stdout, `at line ${bad.bad_line} (position ${bad.first_bad})`);
    t.match(stderr, /bad\.jsonl does not verify: the line was changed/);
  }
  const { code, stdout } = await ada.run(['log', 'verify', 'bad.jsonl', '--json']);
  t.match([code, JSON.parse(stdout)], [1, { ok: false, ...bad }]);
  const away = await ada.run(['log', 'verify', 'nowhere.jsonl']);
  t.match(away, { code: 1, stderr: /cannot read .*nowhere\.jsonl/ });
});

/** Kills a restore with the first half of its log written: it reads from a pipe that ends there. */
async function killedHalfway(backup: Buffer, into: string): Promise<void> {
  const pipe = at('pipe');
  execFileSync('mkfifo', [pipe]);
  const args = [PROGRAM, 'log', 'restore', pipe, '--data-dir', into];
  const child = spawn(process.execPath, args, { cwd: ada.home, stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  // It is read once to be verified, and once to be written.
  await writeFile(pipe, backup);
  const isWriting = async () =>
    (await readdir(into).catch((): string[] => [])).includes('store.restoring');
  await until(isWriting, { what: 'it to write' });
  const half = await open(pipe, 'w');
  await half.writeFile(backup.subarray(0, -100));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await half.close();
}

t.test('a backup restores to the same log, also after a restore that was killed', async t => {
  t.match(await ada.ok(['log', 'backup', 'mesh.backup']), /^backed up \d+ commits .*verified/);
  const { rows: before } = (await ada.json(['log', 'read', '--all'])) as { rows: unknown[] };
  const { position } = before.at(-1) as { position: number };
  const restore = ['log', 'restore', 'mesh.backup', '--data-dir', 'again'];
  const again = at('again');

  await killedHalfway(await readFile(at('mesh.backup')), again);
  const left = await readdir(again);
  t.ok(left.includes('restoring') && !left.includes('store'), left.join(' '));
  t.match(await ada.ok(restore), /^restored \d+ commits .*\nstart it: signalbox up --data /);
  t.notOk((await readdir(again)).includes('restoring'));
  t.match(await ada.run(restore), { code: 6, stderr: /is not empty/ });
  t.match(await ada.run([...restore.slice(0, -1), dataDir]), { code: 6, stderr: /is not empty/ });

  const second = await start(startConfig(again, { durability: 'os' }));
  t.teardown(() => second.close());
  const there = await inside(t, houseOf(second.ready), 'ada');
  const { rows: after } = (await there.json(['log', 'read', '--all'])) as { rows: unknown[] };
  t.strictSame(after.slice(0, before.length), before);
  for (const view of ['peers', 'jobs', 'asks', 'inbox']) {
    const seen = ['at', `${position}`, view, '--all'];
    t.strictSame(await there.json(seen), await ada.json(seen), view);
  }
  t.match(await there.ok(['log', 'verify']), /^verified/);
  t.not((await there.ok(['log', 'key'])).trim(), key, 'it signs by a key of its own');
});

t.test('the key is told of a broker that does not run, too', async t => {
  await house.broker.close();
  const env = { SIGNALBOX_URL: undefined, SIGNALBOX_TOKEN_FILE: undefined };
  const alone = await inside(t, house, 'eve', { env });
  t.equal((await alone.ok(['log', 'key', '--data', dataDir])).trim(), key);
  t.match(await alone.run(['log', 'key', '--data', alone.home]), { code: 7 });
});
