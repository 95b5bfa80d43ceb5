// A token file for a while: made for one run, readable by its user alone, removed after it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';

export interface TokenFile {
  token: string;
  file: string;
  remove(): Promise<void>;
}

/** A fresh token in a file (0600) in a directory of its own (0700), among what is temporary. */
export async function makeTokenFile(): Promise<TokenFile> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-'));
  const token = randomBytes(limits.replay_token_bytes).toString('base64url');
  const file = join(directory, 'operator.token');
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return { token, file, remove: () => rm(directory, { recursive: true, force: true }) };
}
