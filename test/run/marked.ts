// Finds the processes that belong to a directory of a test, and ends them.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Marked {
  pid: number;
  /** The arguments, joined by blanks. */
  command: string;
}

/** It names the directory it looks after, and ends by itself. */
export const GUARDIAN = fileURLToPath(new URL('guardian.js', import.meta.url));

const LOOK_MS = 50;
const LAST_LOOK_MS = 20_000;

/**
 * Every living process that names the directory in its environment or arguments, or works in it.
 * Whatever a test starts does one of these, however it was started and whoever its parent is now.
 */
export function markedBy(dir: string): Marked[] {
  const pids = pidsOnProc();
  const found = pids === undefined ? markedForPs(dir) : pids.map(pid => onProc(pid, dir));
  return found
    .filter(each => each !== undefined)
    .filter(({ pid, command }) => pid !== process.pid && !command.includes(GUARDIAN));
}

/** Waits for them to end by themselves; those that are left when the time is up. */
export async function leftAfter(dir: string, graceMs: number): Promise<Marked[]> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const left = markedBy(dir);
    if (left.length === 0 || waited >= graceMs) return left;
    await pause(LOOK_MS);
  }
}

/** Kills them until none is left, those included that they start meanwhile. */
export async function endMarked(dir: string): Promise<void> {
  for (let waited = 0; waited < LAST_LOOK_MS; waited += LOOK_MS) {
    const left = markedBy(dir);
    if (left.length === 0) return;
    for (const { pid } of left) endNow(pid);
    await pause(LOOK_MS);
  }
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone since we looked.
  }
}

function pidsOnProc(): number[] | undefined {
  try {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return undefined;
  }
}

function onProc(pid: number, dir: string): Marked | undefined {
  const said = read(`/proc/${pid}/cmdline`);
  const names = namesOf(dir);
  const isMarked =
    names(said) || names(read(`/proc/${pid}/environ`)) || names(place(`/proc/${pid}/cwd`));
  return isMarked ? { pid, command: said.split('\0').join(' ').trimEnd() } : undefined;
}

/** Where there is no /proc, only arguments can be seen. */
function markedForPs(dir: string): Marked[] {
  const said = execFileSync('ps', ['-axww', '-o', 'pid=', '-o', 'command='], { encoding: 'utf8' });
  const names = namesOf(dir);
  return said
    .split('\n')
    .map(line => /^\s*(\d+)\s+(.*)$/.exec(line))
    .flatMap(found => (found ? [{ pid: Number(found[1]), command: found[2] ?? '' }] : []))
    .filter(({ command }) => names(command));
}

/** True for a text that holds this very directory, and not one whose name only begins like it. */
function namesOf(dir: string): (text: string) => boolean {
  return text => {
    for (let at = text.indexOf(dir); at >= 0; at = text.indexOf(dir, at + 1)) {
      if (!/[\w-]/.test(text.charAt(at + dir.length))) return true;
    }
    return false;
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function place(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
