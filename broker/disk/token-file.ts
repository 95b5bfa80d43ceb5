// A token file for a while: made for one run, readable by its user alone, removed after it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';

export interface TokenFile {
  token: string;
  file: string;
  remove(): Promise<void>;
}

const NAME = 'operator.token';
const LEFT = /^signalbox-replay-(\d{1,10})-[A-Za-z0-9]{6}$/;

/**
 * A fresh token in a file (0600) in a directory of its own (0700), among what is temporary. Those
 * of processes that were killed are removed.
 */
export async function makeTokenFile(): Promise<TokenFile> {
  const temporary = tmpdir();
  await removeLeft(temporary);
  const directory = await mkdtemp(join(temporary, `signalbox-replay-${process.pid}-`));
  const token = randomBytes(limits.replay_token_bytes).toString('base64url');
  const file = join(directory, NAME);
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return { token, file, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Never more than the one file: anybody may make directories there. */
async function removeLeft(temporary: string): Promise<void> {
  for (const name of await readdir(temporary).catch(() => [])) {
    const pid = LEFT.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const directory = join(temporary, name);
    await rm(join(directory, NAME), { force: true }).catch(() => {});
    await rmdir(directory).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
