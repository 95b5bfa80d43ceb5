// The ids this user has lately been shown, so that their short forms can be typed back.
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { limits } from '../../../schemas/limits.js';
import { decoded } from './decode.js';

/** The newest ids in the file, newest last. */
export async function recentIds(file: string): Promise<string[]> {
  const bytes = await readFile(file).catch(() => new Uint8Array());
  return (decoded(bytes) ?? '').split(/\s+/).filter(line => line !== '');
}

/** Notes ids. A note that cannot be kept only means that the whole id must be typed. */
export async function noteIds(file: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await appendFile(file, `${ids.join('\n')}\n`, { mode: 0o600 });
    const kept = await recentIds(file);
    if (kept.length > 2 * limits.cli_recent_refs) await shorten(file, kept);
  } catch {
    return;
  }
}

async function shorten(file: string, ids: readonly string[]): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${ids.slice(-limits.cli_recent_refs).join('\n')}\n`, { mode: 0o600 });
  await rename(draft, file);
}
