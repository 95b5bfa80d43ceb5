// A small disk (tmpfs) for tests, full or read-only as they like.
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { tempDir } from './nats.js';

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });

/** Unmounted when the test ends; undefined where none can be mounted. */
export async function smallDisk(t: Test, options = 'size=1m'): Promise<string | undefined> {
  const disk = join(await tempDir(t), 'disk');
  await mkdir(disk);
  try {
    run('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', disk);
  } catch {
    t.comment('no small disk can be mounted here');
    return undefined;
  }
  t.teardown(() => run('umount', '-l', disk));
  return disk;
}

/** Nothing is written to it any more, whoever tries. */
export function makeReadOnly(disk: string): void {
  run('mount', '-o', 'remount,ro', disk);
}
