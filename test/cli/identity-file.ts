// Where a shell of a test keeps an identity, in whichever log's directory that is.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The file of the identity kept under `key` by whoever lives in `home`. */
export async function identityFile(home: string, key: string): Promise<string> {
  const state = join(home, '.local', 'state', 'signalbox');
  for (const log of await readdir(state)) {
    const files = await readdir(join(state, log));
    if (files.includes(`${key}.json`)) return join(state, log, `${key}.json`);
  }
  throw new Error(`no identity of ${key} in ${state}`);
}
