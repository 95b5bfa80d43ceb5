// The damages of a sweep: what a disk, a power cut or a hand may do to one file of a directory.
import { copyFile, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chance } from '../dsl/chance.js';
import { type Base, filesIn } from './base.js';

export interface Damage {
  name: string;
  /** Done to a copy of the base. */
  to(dir: string): Promise<void>;
}

/** The flips and cuts of each file: `depth` places drawn by chance beside the telling ones. */
export async function damagesOf(base: Base, chance: Chance, depth: number): Promise<Damage[]> {
  const files = await filesIn(base.dir);
  const damages: Damage[] = [];
  for (const file of files) {
    const { size } = await stat(join(base.dir, file));
    const drawn = Array.from({ length: depth }, () => Math.floor(chance() * size));
    const places = file.endsWith('.blk') ? await fieldsOf(join(base.dir, file)) : [];
    for (const at of new Set([0, size - 1, size >> 1, ...places, ...drawn])) {
      if (at < 0 || at >= size) continue;
      damages.push(flip(file, at, Math.floor(chance() * 8)));
    }
    for (const at of new Set([1, size >> 1, size - 1, size - 9, ...drawn])) {
      if (at > 0 && at < size) damages.push(cut(file, at));
    }
    damages.push(...wholeFile(file, size), ...(await fromOlder(base, file)));
  }
  for (const [i, a] of files.entries()) {
    const b = files[i + 1];
    if (b !== undefined) damages.push(swap(a, b));
  }
  const blocks = files.filter(file => file.endsWith('.blk'));
  if (blocks.length > 1) damages.push(swap(blocks[0]!, blocks.at(-1)!));
  for (const path of DIRECTORIES) damages.push(removeAll(path));
  return damages;
}

const STREAM = 'store/jetstream/$G/streams/SIGNALBOX_default';
const DIRECTORIES = ['store', 'store/jetstream/$G', STREAM, `${STREAM}/msgs`, 'lock'];

/** One place in each field of the first, a middle and the last record of a block. */
async function fieldsOf(file: string): Promise<number[]> {
  const bytes = await readFile(file);
  const starts: number[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at) & 0x7fff_ffff) starts.push(at);
  const told = [starts[0]!, starts[starts.length >> 1]!, starts.at(-1)!];
  // length, its flag, sequence, time, subject length, subject, header length, header, data, sum
  const fields = [0, 3, 4, 12, 20, 25, 43, 50, 110];
  return told.flatMap(at => [...fields.map(field => at + field), at - 1]);
}

function flip(file: string, at: number, bit: number): Damage {
  return onBytes(`flip ${file} at ${at}`, file, bytes => {
    bytes[at] = bytes[at]! ^ (1 << bit);
    return bytes;
  });
}

function cut(file: string, at: number): Damage {
  return { name: `cut ${file} to ${at}`, to: dir => truncate(join(dir, file), at) };
}

function swap(a: string, b: string): Damage {
  return {
    name: `swap ${a} and ${b}`,
    async to(dir) {
      await rename(join(dir, a), join(dir, 'swapped'));
      await rename(join(dir, b), join(dir, a));
      await rename(join(dir, 'swapped'), join(dir, b));
    },
  };
}

function wholeFile(file: string, size: number): Damage[] {
  const half = size >> 1;
  return [
    cut(file, 0),
    { name: `remove ${file}`, to: dir => rm(join(dir, file)) },
    onBytes(`zero the end of ${file}`, file, bytes => bytes.fill(0, half)),
    onBytes(`append to ${file}`, file, bytes => Buffer.concat([bytes, bytes.subarray(0, 40)])),
    {
      name: `a directory for ${file}`,
      async to(dir) {
        await rm(join(dir, file));
        await mkdir(join(dir, file));
      },
    },
  ];
}

async function fromOlder({ older }: Base, file: string): Promise<Damage[]> {
  const old = join(older, file);
  if (!(await stat(old).catch(() => undefined))) return [];
  return [{ name: `an older ${file}`, to: dir => copyFile(old, join(dir, file)) }];
}

function removeAll(path: string): Damage {
  return { name: `remove all of ${path}`, to: dir => rm(join(dir, path), { recursive: true }) };
}

function onBytes(name: string, file: string, change: (bytes: Buffer) => Buffer): Damage {
  return {
    name,
    async to(dir) {
      await writeFile(join(dir, file), change(await readFile(join(dir, file))));
    },
  };
}
