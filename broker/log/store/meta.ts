// Stream metadata in the store (meta.inf): checked, and written anew when damaged.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../disk/data-dir.js';
import { storedSettings, streamName } from '../stream-settings.js';
import { Highway } from './highway.js';
import { streamDir } from './places.js';

function hashOf(mesh: string): Highway {
  return new Highway(createHash('sha256').update(streamName(mesh)).digest());
}

/** True when a server will find the stream by its name, and believe what is written of it. */
export async function isMetaWhole(store: string, mesh: string): Promise<boolean> {
  const dir = streamDir(store, mesh);
  const read = (name: string) => readFile(join(dir, name)).catch(() => Buffer.alloc(0));
  const [meta, sum] = await Promise.all([read('meta.inf'), read('meta.sum')]);
  if (hashOf(mesh).sum(meta) !== sum.toString('latin1')) return false;
  try {
    return JSON.parse(meta.toString()).name === streamName(mesh);
  } catch {
    return false;
  }
}

/** Writes it anew; all of it follows from the mesh. What was there is kept under another name. */
export async function writeMeta(store: string, mesh: string, now: string): Promise<void> {
  const dir = streamDir(store, mesh);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const name of ['meta.inf', 'meta.sum']) {
    const aside = join(dir, `${name}.damaged-${now.replaceAll(':', '')}`);
    await rename(join(dir, name), aside).catch(() => {});
  }
  const meta = JSON.stringify(storedSettings(mesh, now));
  await writeDurably(join(dir, 'meta.inf'), meta);
  await writeDurably(join(dir, 'meta.sum'), hashOf(mesh).sum(Buffer.from(meta)));
}
