// A user with settings in a home of their own, and all that lies in it.
import { lstat, mkdir, readdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { inside } from '../cli/inside.js';
import { tempDir } from '../dsl/nats.js';

const NOBODY = { ready: { url: 'http://127.0.0.1:9', token_file: '/none' } } as never;

/** Somebody with settings, by path from home. */
export async function user(t: Test, files: Readonly<Record<string, string>> = {}, env = {}) {
  const home = await realpath(await tempDir(t));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), text);
  }
  const shell = await inside(t, NOBODY, 'ada', { home, env: { HOME: home, ...env } });
  const read = (path: string) => readFile(join(home, path), 'utf8');
  return { ...shell, read, json: async (path: string) => JSON.parse(await read(path)) };
}

/** Everything below a directory: what each file says and may, and which directories there are. */
export async function treeOf(directory: string): Promise<Record<string, string>> {
  const names = await readdir(directory, { recursive: true });
  const looks = names.sort().map(async name => {
    const path = join(directory, name);
    const { mode } = await lstat(path);
    const text = (await stat(path)).isFile() ? await readFile(path, 'utf8') : '';
    return [name, `${mode.toString(8)} ${text}`] as const;
  });
  const all = await Promise.all(looks);
  return Object.fromEntries(all.filter(([name]) => !name.startsWith('.local')));
}
