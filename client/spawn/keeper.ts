// Keeps a session that has no terminal: its words in a log that stays small, and how it ended.
import { spawn as spawnChild } from 'node:child_process';
import { appendFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { noteOf } from './proof.js';
import { type SpawnRecord, takeStart } from './record.js';

/** Where a session without a terminal writes. */
export function logOf(folder: string): string {
  return join(folder, 'log');
}

/**
 * Runs the program to its end, in this process's group, so that one signal reaches both. Another
 * keeper of the same spawn does nothing.
 */
export async function keepSession(
  folder: string,
  { program, path }: SpawnRecord,
  words: readonly string[],
): Promise<void> {
  if (!takeStart(folder)) return;
  writeFileSync(join(folder, 'pid'), noteOf(process.pid), { mode: 0o600 });
  // Whoever ends the group means the session: how that ended is still to be told.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  const child = spawnChild(program, words, { cwd: path, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = new SmallLog(logOf(folder));
  child.stdout.on('data', bytes => log.write(bytes));
  child.stderr.on('data', bytes => log.write(bytes));
  const end = await new Promise<string>(resolve => {
    child.on('error', error => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit ${code}`));
  });
  writeFileSync(join(folder, 'end'), end, { mode: 0o600 });
}

/** A log of two files at most: what is older than the second is forgotten. */
class SmallLog {
  readonly #file: string;
  #bytes: number;

  constructor(file: string) {
    this.#file = file;
    this.#bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  write(bytes: Buffer): void {
    try {
      if (this.#bytes + bytes.length > limits.spawn_log_bytes) this.#turn();
      appendFileSync(this.#file, bytes, { mode: 0o600 });
      this.#bytes += bytes.length;
    } catch {
      // A full disk ends no session.
    }
  }

  #turn(): void {
    rmSync(`${this.#file}.1`, { force: true });
    renameSync(this.#file, `${this.#file}.1`);
    this.#bytes = 0;
  }
}
