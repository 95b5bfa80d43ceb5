// A long history on disk, made once and copied for everyone who starts from it.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../child.js';
import type { HistoryOptions, HostFacts, SeedProgram } from '../programs.js';
import type { Bench } from '../stand.js';

const INDEXED_MS = 1_800_000;
const LOOK_MS = 100;

export interface History extends HistoryOptions {
  /** Where it lies; whoever starts a broker there uses it up. */
  dir: string;
  commits: number;
  /** What its commits take in the log. */
  bytes: number;
  /** Who speaks in it, by id. */
  peers: readonly string[];
  /** A new directory with a copy of it. */
  copy(name: string): Promise<string>;
}

/** All its events are applied; every copy is the same to the byte. */
export async function makeHistory(
  { dir, natsBinary }: Bench,
  name: string,
  options: HistoryOptions,
): Promise<History> {
  const own = join(dir, name);
  await mkdir(own, { recursive: true, mode: 0o700 });
  const seed = new Child<SeedProgram>('hosts/seed.js');
  // How it got there is not measured.
  const made = await seed.ask('fill', { dir: own, natsBinary, durability: 'os', ...options });
  await seed.end();
  return {
    ...options,
    ...made,
    dir: own,
    async copy(name) {
      const path = join(dir, name);
      await cp(own, path, { recursive: true });
      return path;
    },
  };
}

/** Waits until the worker of a broker's timeline has folded and indexed all that is there. */
export async function indexed({ ws, token }: HostFacts): Promise<void> {
  const url = new URL('/metrics', ws.replace(/^ws/, 'http'));
  const until = performance.now() + INDEXED_MS;
  while (performance.now() < until) {
    await sleep(LOOK_MS);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (/^signalbox_index_lag_commits 0$/m.test(await answer.text())) return;
  }
  throw new Error('the index did not reach the head of the log');
}
