// The limit of file descriptors: how many sockets may be open beside what the broker itself needs.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { limits } from '../../../schemas/limits.js';
import { childEnv } from '../../system/child-env.js';

/** Sockets at once for a process that may have so many descriptors. */
export function socketsWithin(descriptors: number): number {
  const spare = descriptors - limits.reserve_files;
  // Where there is hardly anything to share out, a quarter must do.
  return Math.min(limits.connections, Math.max(spare, Math.floor(descriptors / 4)));
}

/** The descriptors this process may have; infinite where nobody can tell. */
export async function descriptorLimit(): Promise<number> {
  const said = (await fromProc()) ?? (await fromShell()) ?? '';
  return /^\d+$/.test(said) ? Number(said) : Number.POSITIVE_INFINITY;
}

async function fromProc(): Promise<string | undefined> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  return /^Max open files\s+(\S+)/m.exec(text)?.[1];
}

/** A child has our own limit, which node has raised as far as it may. */
async function fromShell(): Promise<string | undefined> {
  const env = childEnv(process.env);
  const said = await promisify(execFile)('sh', ['-c', 'ulimit -n'], { env }).catch(() => undefined);
  return said?.stdout.trim();
}
