// The runner of the tests is true: what it counts, what it calls a failure, and what it leaves.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { processFacts } from '../../broker/system/process-facts.js';
import { tempDir } from '../dsl/nats.js';
import { processGone } from '../dsl/processes.js';
import { until } from '../dsl/until.js';
import { GUARDED } from './guarded.js';
import { inParallel } from './pace.js';
import { plant, runFiles, saying, starting, startRunner } from './planted.js';

const sound = saying('TAP version 14', 'ok 1 - yes', 'ok 2 - yes', '1..2');
const hung = `${saying('TAP version 14', 'ok 1 - yes')} setInterval(() => {}, 1000);`;

t.test('every assertion is counted once, however deep it stands', async t => {
  const nested = saying(
    '# Subtest: outer',
    '    # Subtest: inner',
    '        ok 1 - a',
    '        not ok 2 - b',
    '        1..2',
    '    not ok 1 - inner',
    '    ok 2 - c',
    '    1..2',
    'not ok 1 - outer',
    '# Subtest: asserts nothing',
    '    1..0',
    'ok 2 - asserts nothing',
    '1..2',
  );
  const { code, lastLine, said } = await runFiles(t, { nested, sound });
  t.equal(lastLine, '5 passed, 1 failed');
  t.equal(code, 1);
  t.match(said, /failed: .*nested\.test\.js: outer/, 'and the test that failed is named');
});

t.test('all that hold end with 0', async t => {
  const { code, lastLine } = await runFiles(t, { sound, other: sound });
  t.equal(lastLine, '4 passed, 0 failed');
  t.equal(code, 0);
});

const broken: Readonly<Record<string, [text: string, reason: string]>> = {
  unloadable: [`import './nowhere.js';`, 'it ended with status 1'],
  'throws-at-last': [`${sound} throw new Error('x');`, 'it ended with status 1'],
  planless: [saying('ok 1 - yes'), 'it ended before it said how many tests it has'],
  'too-few': [saying('ok 1', '1..3'), 'it ended before it said how many tests it has'],
  silent: ['', 'it tested nothing'],
  empty: [saying('1..0'), 'it tested nothing'],
  'ends-early': ['process.exit(0)', 'it tested nothing'],
  killed: [`process.kill(process.pid, 'SIGKILL')`, 'it was ended by SIGKILL'],
  'status-0': [saying('not ok 1 - no', '1..1'), 'no'],
};

t.test('a file that breaks in any way is one failure, and named', async t => {
  const files = Object.entries(broken).map(([name, [text]]) => [name, text] as const);
  const { code, said, lastLine } = await runFiles(t, { ...Object.fromEntries(files), sound });
  for (const [name, [, reason]] of Object.entries(broken)) {
    t.match(said, `failed: ${name}.test.js: ${reason}\n`);
  }
  t.equal(lastLine, `6 passed, ${files.length} failed`, 'what held before it broke counts too');
  t.equal(code, 1);
});

t.test('a file that is not run is named, and counts as nothing', async t => {
  const { code, said, lastLine } = await runFiles(t, { sound, idle: saying('1..0 # no browser') });
  t.equal(lastLine, '2 passed, 0 failed');
  t.equal(code, 0);
  t.match(said, /not run: .*idle\.test\.js: no browser/);
});

t.test('no file at all is no success', async t => {
  const { code, lastLine } = await runFiles(t, {});
  t.equal(lastLine, '0 passed, 0 failed');
  t.equal(code, 1);
});

t.test(
  'a file that says nothing for too long hangs; one that goes on saying is only slow',
  async t => {
    const slow = `
    for (let n = 1; n <= 7; n++) {
      console.log('# still there');
      await new Promise(next => setTimeout(next, 500));
    }
    ${sound}`;
    const { said, lastLine } = await runFiles(t, { hung, slow }, '--silence', '3');
    t.equal(lastLine, '3 passed, 1 failed');
    t.match(said, /hung\.test\.js: it hung: it said nothing for 3 s/);
  },
);

t.test('what a file leaves behind is a failure, named and ended', async t => {
  for (const [how, options] of [
    ['with all its environment', ''],
    ['with none, but in its directory', `env: {}, cwd: process.env.TMPDIR`],
  ] as const) {
    const pidFile = join(await tempDir(t), 'pid');
    const leaving = `${starting(pidFile, options)} ${sound}`;
    const { code, said, lastLine } = await runFiles(t, { leaving, sound });
    const pid = await readFile(pidFile, 'utf8');
    t.equal(lastLine, '4 passed, 1 failed', how);
    t.match(said, `leaving.test.js: left behind: ${pid} `);
    t.equal(code, 1);
    t.equal(await processFacts(Number(pid)), undefined, 'it is gone');
  }
});

t.test('whoever is killed, all that was started is gone, directories too', async t => {
  for (const [victim, signal] of [
    ['the runner', 'SIGKILL'],
    ['the runner', 'SIGINT'],
    ['the test', 'SIGKILL'],
  ] as const) {
    const pids = await tempDir(t);
    const [own, started] = [join(pids, 'own'), join(pids, 'started')];
    const tell = `import { writeFileSync } from 'node:fs';
      writeFileSync(${JSON.stringify(own)}, process.pid + ' ' + process.env.TMPDIR);`;
    const files = { long: `${starting(started)} ${tell} ${hung}` };
    const { child, verdict } = startRunner(t, await plant(t, files));
    await until(async () => /^\d+ ./.test(await readFile(own, 'utf8').catch(() => '')));
    const [test = '', dir = ''] = (await readFile(own, 'utf8')).split(' ');
    if (victim === 'the runner') child.kill(signal);
    else process.kill(Number(test), signal);
    const { code, lastLine } = await verdict;
    await processGone(Number(test));
    await processGone(Number(await readFile(started, 'utf8')));
    await until(() => !existsSync(dir), { what: 'the directory to go' });
    t.pass(`${victim} by ${signal}`);
    if (signal === 'SIGINT') t.equal(code, 130);
    if (signal !== 'SIGKILL' || victim === 'the test')
      t.match(lastLine, /^[01] passed, [12] failed$/);
  }
});

t.test('a test file that runs by itself leaves nothing when it is killed', async t => {
  const place = await tempDir(t);
  const pidFile = join(place, 'pid');
  const nats = new URL('../dsl/nats.js', import.meta.url).href;
  const alone = `import ${JSON.stringify(nats)}; ${starting(pidFile)} ${hung}`;
  const folder = await plant(t, { alone });
  const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: place };
  delete env[GUARDED];
  const child = spawn(process.execPath, [join(folder, 'alone.test.js')], { env, stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  await until(() => existsSync(pidFile));
  child.kill('SIGKILL');
  await processGone(Number(await readFile(pidFile, 'utf8')));
  await until(async () => (await readdir(place)).every(name => !name.startsWith('sb-')));
});

t.test('more files begin only while the processors idle, and only so many', async t => {
  for (const [how, busyOfEach, expected] of [
    ['busy', 1, 2],
    ['idle', 0, 4],
  ] as const) {
    const ends: (() => void)[] = [];
    let looks = 0;
    const next = () => (ends.length < 9 ? new Promise<void>(end => ends.push(end)) : undefined);
    await inParallel({ least: 2, most: 4 }, next, () => {
      looks += 1;
      if (looks === 6) t.equal(ends.length, expected, how);
      if (looks >= 6) for (const end of ends) end();
      const at_ms = looks * 1_000;
      return { at_ms, busy_ms: 1 + 2 * busyOfEach * at_ms, processors: 2 };
    });
    t.equal(ends.length, 9, 'and each runs to its end');
  }
});
