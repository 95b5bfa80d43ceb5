// A long history on disk, made once and copied for everyone who starts from it.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from '../child.js';
import type { SeedProgram } from '../programs.js';
import type { Bench } from '../stand.js';

export interface HistoryOptions {
  events: number;
  commit_events: number;
  text_bytes: number;
}

export interface History extends HistoryOptions {
  commits: number;
  /** What its commits take in the log. */
  bytes: number;
  /** A new directory with a copy of it. */
  copy(name: string): Promise<string>;
}

/** Numbered events, all of them applied; every copy is the same to the byte. */
export async function makeHistory(
  { dir, natsBinary, durability }: Bench,
  options: HistoryOptions,
): Promise<History> {
  const own = join(dir, 'history');
  await mkdir(own, { recursive: true, mode: 0o700 });
  const seed = new Child<SeedProgram>('hosts/seed.js');
  const made = await seed.ask('fill', { dir: own, natsBinary, durability, ...options });
  await seed.end();
  return {
    ...options,
    ...made,
    async copy(name) {
      const path = join(dir, name);
      await cp(own, path, { recursive: true });
      return path;
    },
  };
}
