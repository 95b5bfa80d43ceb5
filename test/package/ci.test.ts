// The script for machines that test a clone ends with a true count, whatever npm does.
import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { finished } from '../cli/shell.js';
import { tempDir } from '../dsl/nats.js';

const script = fileURLToPath(new URL('../../../.ci/run', import.meta.url));

/** Runs the script with an npm that does these two things. */
async function ciWith(t: Test, does: { install?: string; test?: string }, home?: string) {
  const dir = await tempDir(t);
  const { install = '', test = '' } = does;
  const npm = `#!/bin/sh\ncase $1 in\ninstall) ${install || ':'};;\ntest) ${test || ':'};;\nesac\n`;
  await writeFile(join(dir, 'npm'), npm);
  await chmod(join(dir, 'npm'), 0o755);
  const env = {
    ...process.env,
    PATH: `${dir}:${process.env.PATH}`,
    CHROMIUM: '/bin/true',
    HOME: home ?? dir,
  };
  const { code, stdout } = await finished(
    spawn(script, { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  const lines = stdout.trimEnd().split('\n');
  return { code, last: lines.at(-1), counts: lines.filter(line => /passed/.test(line)).length };
}

const cases: Readonly<Record<string, [{ install?: string; test?: string }, string, number]>> = {
  'all hold': [{ test: 'echo 7 passed, 0 failed' }, '7 passed, 0 failed', 0],
  'one fails': [{ test: 'echo 6 passed, 1 failed; exit 1' }, '6 passed, 1 failed', 1],
  'npm forgets that one failed': [{ test: 'echo 6 passed, 1 failed' }, '6 passed, 1 failed', 1],
  'all hold, but npm fails': [{ test: 'echo 7 passed, 0 failed; exit 3' }, '7 passed, 1 failed', 3],
  'the installation fails': [{ install: 'exit 4' }, '0 passed, 1 failed', 4],
  'the build fails': [{ test: 'echo error TS1005; exit 2' }, '0 passed, 1 failed', 2],
  'the runner is killed': [{ test: 'kill -9 $$' }, '0 passed, 1 failed', 137],
  'the runner says nothing': [{}, '0 passed, 1 failed', 1],
};

for (const [when, [does, last, code]] of Object.entries(cases)) {
  t.test(`when ${when} it ends with "${last}" and status ${code}`, async t => {
    t.strictSame(await ciWith(t, does), { code, last, counts: 1 });
  });
}

t.test('npm has a home to write to, also where HOME cannot be written', async t => {
  const does = { test: 'touch "$HOME/x" && echo 1 passed, 0 failed' };
  t.match(await ciWith(t, does, '/proc'), { code: 0, last: '1 passed, 0 failed' });
});
