// Test files as texts, and the runner on a folder of them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { tempDir } from '../dsl/nats.js';

const runner = fileURLToPath(new URL('main.js', import.meta.url));

export interface Verdict {
  code: number | null;
  said: string;
  lastLine: string;
}

/** Ends what is still there when the test ends; resolves with what became of it. */
export function startRunner(t: Test, folder: string, ...more: string[]) {
  const child = spawn(process.execPath, [runner, '--tests', folder, ...more]);
  t.teardown(() => child.kill('SIGKILL'));
  return { child, verdict: verdictOf(child) };
}

async function verdictOf(child: ChildProcess): Promise<Verdict> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', text => (said += text));
  const [code] = await once(child, 'close');
  return { code, said, lastLine: said.trimEnd().split('\n').at(-1) ?? '' };
}

/** Runs a folder of files that hold these texts. */
export async function runFiles(
  t: Test,
  files: Readonly<Record<string, string>>,
  ...more: string[]
): Promise<Verdict> {
  return startRunner(t, await plant(t, files), '--grace', '1', ...more).verdict;
}

export async function plant(t: Test, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await tempDir(t);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, `${name}.test.js`), text);
  }
  return folder;
}

/** A file that says so in TAP. */
export const saying = (...lines: string[]) => `console.log(${JSON.stringify(lines.join('\n'))});\n`;

/** A file that starts a process nobody would miss, which writes its pid and lives for ever. */
export const starting = (pidFile: string, options = '') => `
  import { spawn } from 'node:child_process';
  const life = "require('fs').writeFileSync(process.argv[1], String(process.pid));" +
    'setInterval(() => {}, 1000)';
  const child = spawn(process.execPath, ['-e', life, ${JSON.stringify(pidFile)}], {
    stdio: 'ignore', detached: true, ${options}
  });
  child.unref();
  const { existsSync } = await import('node:fs');
  while (!existsSync(${JSON.stringify(pidFile)})) await new Promise(setImmediate);
`;
