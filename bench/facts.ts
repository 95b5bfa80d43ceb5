// What a result must say of the machine and the code it was measured with.
import { execFile } from 'node:child_process';
import { access, constants, open, readFile, rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { median } from './report/figures.js';

const run = promisify(execFile);
/** The kernel tells CPU times in hundredths of a second on every common platform. */
const MS_PER_TICK = 10;
const NANOS_PER_MS = 1e6;
const FSYNC_TRIES = 100;
const BLOCK_BYTES = 4_096;
const PAGE_BYTES = 4_096;

/** The commit, with a plus when the tree differs from it. */
export async function commitOf(root: string): Promise<string> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root });
    // Of the page itself no run can be free.
    const what = ['status', '--porcelain', '--', '.', ':!bench/results.md', ':!bench/charts'];
    const changes = await run('git', what, { cwd: root });
    return changes.stdout === '' ? stdout.trim() : `${stdout.trim()}+`;
  } catch {
    return 'none';
  }
}

export function machine(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim() ?? 'unknown'}, ${process.platform}`;
}

/** CPU time of any process in ms; undefined where the system does not tell. */
export async function cpuMsOf(pid: number): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The name of the program may hold blanks, so counting starts behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
  } catch {
    return undefined;
  }
}

/** CPU time of a process's main thread in ms; undefined where the system does not tell. */
export async function mainCpuMsOf(pid: number): Promise<number | undefined> {
  try {
    const [nanos] = (await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'latin1')).split(' ');
    return Number(nanos) / NANOS_PER_MS;
  } catch {
    return undefined;
  }
}

/** Resident memory of any process in bytes; undefined where the system does not tell. */
export async function rssBytesOf(pid: number): Promise<number | undefined> {
  try {
    const statm = await readFile(`/proc/${pid}/statm`, 'latin1');
    return Number(statm.split(' ')[1]) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}

/** Where a program of that name is in a search path; undefined when it is nowhere. */
export async function programIn(path = '', name: string): Promise<string | undefined> {
  for (const dir of path.split(delimiter)) {
    const file = join(dir, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (dir !== '' && isThere) return file;
  }
  return undefined;
}

/** The median time of a small write that is put on disk in this directory, in ms. */
export async function fsyncMs(dir: string): Promise<number> {
  const path = join(dir, 'fsync');
  const file = await open(path, 'w');
  const block = Buffer.alloc(BLOCK_BYTES);
  const times: number[] = [];
  for (let i = 0; i < FSYNC_TRIES; i++) {
    const since = performance.now();
    await file.write(block);
    await file.datasync();
    times.push(performance.now() - since);
  }
  await file.close();
  await rm(path);
  return median(times);
}
