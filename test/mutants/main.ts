// Plants each mutant in a copy of the build and says which check caught it: `npm run mutants`.
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Invariant, Mutant } from './invariant.js';
import { invariants } from './list.js';
import { planted } from './plant.js';

/** Long enough for any of the checks, on a busy machine too. */
const PATIENCE_MS = 240_000;
/** A check that waits for what a mutant never does has failed after these seconds. */
const env = { ...process.env, TAP_TIMEOUT: '60' };
const WORKERS = 2;
/** A worker for fewer would take longer to make its copy than it saves. */
const TASKS = 4;

const root = fileURLToPath(new URL('../../../', import.meta.url));
const numbers = process.argv.slice(2).map(Number);
const wanted = invariants.filter(({ number }) => numbers.length === 0 || numbers.includes(number));

type Task = Invariant & { mutant?: Mutant };

/** Each check once as it is, which must hold, and once with each of its mutants. */
const tasks: Task[] = wanted.flatMap(one => [
  one,
  ...one.mutants.map(mutant => ({ ...one, mutant })),
]);
let failures = 0;

/** What runs is copied: no types, no maps. */
const filter = (path: string) => !/\.(d\.ts|map)$/.test(path);

/** A tree like this one whose build may be changed. */
function copied(): string {
  const dir = fs.mkdtempSync(join(tmpdir(), 'mutants-'));
  for (const name of fs.readdirSync(root)) {
    if (name === 'build') fs.cpSync(join(root, name), join(dir, name), { recursive: true, filter });
    else fs.symlinkSync(join(root, name), join(dir, name));
  }
  return dir;
}

/** Runs the check: it holds, it is the one that fails, or something else is the matter. */
function verdictOf(dir: string, { file, title }: Invariant['check']): Promise<string> {
  const script = join(dir, 'build/test', `${file}.test.js`);
  const how = { timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: 2 ** 28, env } as const;
  return new Promise(resolve => {
    execFile(process.execPath, [script], how, (error, said) => {
      const isCaught = said
        .split('\n')
        .some(line => /^ *not ok \d+ - /.test(line) && line.includes(title));
      if (isCaught) resolve('caught');
      else resolve(error ? `unclear (${error.signal ?? error.code})` : 'holds');
    });
  });
}

async function work(dir: string, { number, check, mutant }: Task): Promise<void> {
  const path = mutant && join(dir, 'build', mutant.file);
  const code = path && fs.readFileSync(path, 'utf8');
  if (mutant) fs.writeFileSync(path!, planted(code!, mutant));
  const verdict = await verdictOf(dir, check);
  if (mutant) fs.writeFileSync(path!, code!);
  const isRight = verdict === (mutant ? 'caught' : 'holds');
  if (!isRight) failures++;
  const what = mutant ? `${mutant.bug}: ${isRight ? 'caught' : `SURVIVES, ${verdict}`}` : verdict;
  process.stdout.write(
    `${number} ${mutant ? what : `as it is: ${what}`} (${check.file}, "${check.title}")\n`,
  );
}

async function worker(): Promise<void> {
  const dir = copied();
  try {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) await work(dir, task);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

const count = tasks.filter(({ mutant }) => mutant).length;
const workers = Math.min(WORKERS, Math.ceil(tasks.length / TASKS));
await Promise.all(Array.from({ length: workers }, worker));
process.stdout.write(`${count} mutants, ${failures} failures\n`);
process.exitCode = failures > 0 || count === 0 ? 1 : 0;
