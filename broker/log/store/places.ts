// Paths of the store: where a nats-server keeps the log, and which mesh's log lies there.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { meshOf, streamName } from '../stream-settings.js';

/** One block file of the log, by its number. */
export interface Block {
  number: number;
  file: string;
}

/** Where the embedded server keeps all its streams. */
export const storeOf = (dataDir: string) => join(dataDir, 'store');

const streamsOf = (store: string) => join(store, 'jetstream', '$G', 'streams');

/** The directory of one mesh's stream. */
export const streamDir = (store: string, mesh: string) => join(streamsOf(store), streamName(mesh));

/** The meshes that have a log in the store; none when there is no store. */
export async function meshesIn(store: string): Promise<string[]> {
  const names = await namesIn(streamsOf(store));
  return names.map(meshOf).filter(mesh => mesh !== undefined);
}

/** The block files of a log, in the order of their numbers. */
export async function blocksIn(store: string, mesh: string): Promise<Block[]> {
  const dir = join(streamDir(store, mesh), 'msgs');
  const numbers = (await namesIn(dir)).flatMap(name => /^(\d+)\.blk$/.exec(name)?.[1] ?? []);
  return numbers
    .map(Number)
    .sort((a, b) => a - b)
    .map(number => ({ number, file: join(dir, `${number}.blk`) }));
}

/** The files beside the blocks: all of them nats-server makes again from the blocks. */
export async function indexesIn(store: string, mesh: string): Promise<string[]> {
  const dir = join(streamDir(store, mesh), 'msgs');
  const names = await namesIn(dir);
  return names.filter(name => !name.endsWith('.blk')).map(name => join(dir, name));
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
