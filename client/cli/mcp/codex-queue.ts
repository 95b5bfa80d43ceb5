// The queue of Codex: its own command puts a prompt before an idle session, whose hooks then drain.
import { execFile } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { WAKE_TEXT } from '../../runtimes/adapter.js';

const run = promisify(execFile);

/** The Codex whose queue takes a prompt. */
export interface CodexQueue {
  /** Resolves once the prompt lies in the queue of the session. */
  put(session: string): Promise<void>;
}

/**
 * The program that runs under this number, else the one on the path; undefined where neither has a
 * queue. `env` is that of its commands.
 */
export async function findQueue(
  pid: number,
  env: NodeJS.ProcessEnv,
): Promise<CodexQueue | undefined> {
  const options = { env, timeout: limits.wake_command_ms, killSignal: 'SIGKILL' } as const;
  for (const program of [await programOf(pid), 'codex']) {
    if (program === undefined) continue;
    const has = await run(program, ['queue', '--help'], options).catch(() => undefined);
    if (!has?.stdout.includes('--thread')) continue;
    return {
      put: async session => {
        await run(program, ['queue', '--thread', session, '--message', WAKE_TEXT], options);
      },
    };
  }
  return undefined;
}

async function programOf(pid: number): Promise<string | undefined> {
  const path =
    process.platform === 'linux'
      ? await readlink(`/proc/${pid}/exe`).catch(() => undefined)
      : await run('ps', ['-o', 'comm=', '-p', String(pid)]).then(
          ({ stdout }) => stdout.trim(),
          () => undefined,
        );
  return path !== undefined && /^codex/.test(basename(path)) ? path : undefined;
}
