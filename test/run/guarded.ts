// Directories whose processes end with the process that asked for them, however that ends.
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GUARDIAN } from './marked.js';

/** What tells a test that somebody looks after the directory its processes belong to. */
export const GUARDED = 'SIGNALBOX_TEST_DIR';

/** A new directory. Once this process is gone, so are the directory and all that belongs to it. */
export function guardedDir(): string {
  // Short: the names of Unix sockets in it may have no more than a hundred characters.
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'sb-')));
  // A group of its own: a Ctrl-C at the terminal is for the tests, whose end it waits for.
  const child = spawn(process.execPath, [GUARDIAN, dir], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  child.stdin.on('error', () => {});
  (child.stdin as unknown as { unref(): void }).unref();
  return dir;
}

/** The environment of a process that belongs to the directory. */
export function belongingTo(dir: string): { TMPDIR: string; [GUARDED]: string } {
  return { TMPDIR: dir, [GUARDED]: dir };
}
