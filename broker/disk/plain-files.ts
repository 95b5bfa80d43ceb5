// A check of file types: a pipe or a device in the data directory is refused, as it never ends.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Throws with the code `data_unusable`. What cannot be looked at is left to whoever needs it. */
export async function demandPlainFiles(dataDir: string): Promise<void> {
  await demandIn(dataDir, false);
  await demandIn(join(dataDir, 'lock'), false);
  await demandIn(join(dataDir, 'store'), true);
}

async function demandIn(dir: string, isDeep: boolean): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(dir, entry.name);
    const found = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (found === undefined || found.isFile()) continue;
    if (!found.isDirectory()) throw odd(path);
    if (isDeep && entry.isDirectory()) await demandIn(path, true);
  }
}

function odd(path: string): Error {
  const message = `${path} is neither a file nor a directory. Remove it, or restore the file.`;
  return Object.assign(new Error(message), { code: 'data_unusable' });
}
