// Kill -9 while snapshots, past states and the index are written: the next goes on as a fresh fold.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pastDir } from '../../broker/disk/past-dir.js';
import { snapshotDir } from '../../broker/disk/snapshot-dir.js';
import { limits } from '../../schemas/limits.js';
import type { Chance } from '../dsl/chance.js';

/** What the process that is to be killed says. */
export type SaveLine =
  | { say: 'warning'; warning: string }
  /** What it goes on from is what a fresh fold comes to. */
  | { say: 'begins'; from: number; isSame: boolean }
  | { say: 'ends'; isSame: boolean; isPast: boolean; failed: string[] };

export interface SaveKills {
  /** How many were killed half way through a file, and how many went on from a snapshot. */
  halfWritten: number;
  restored: number;
  /** What was not as it must be. */
  faults: string[];
}

const script = fileURLToPath(new URL('save-host.js', import.meta.url));
const STEP = limits.mark_every_commits;
const LONGEST = 6 * STEP;

/** Runs one on a log of so many commits; killed at its end, or after so many ms. */
async function run(dataDir: string, length: number, ms?: number): Promise<SaveLine[]> {
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [script, dataDir, String(length)], { stdio: [...stdio] });
  const gone = once(child, 'close');
  const lines: SaveLine[] = [];
  createInterface(child.stdout!).on('line', text => {
    const line = JSON.parse(text) as SaveLine;
    lines.push(line);
    if (line.say === 'ends') child.kill('SIGKILL');
  });
  const timer = ms === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), ms);
  await gone;
  clearTimeout(timer);
  return lines;
}

async function hasDraft(dataDir: string): Promise<boolean> {
  const dirs = [snapshotDir(dataDir), pastDir(dataDir)];
  const names = await Promise.all(dirs.map(dir => readdir(dir).catch(() => [] as string[])));
  return names.flat().some(name => name.endsWith('.draft'));
}

function faultsOf(line: SaveLine): string[] {
  switch (line.say) {
    case 'warning':
      return [`it warned: ${line.warning}`];
    case 'begins':
      return line.isSame ? [] : [`what it went on from at ${line.from} is another state`];
    case 'ends': {
      const failed = line.failed.map(part => `its ${part} failed`);
      if (!line.isSame) failed.push('it came to another state');
      return line.isPast ? failed : [...failed, 'it tells another past'];
    }
  }
}

/** Kills `count` of them, but lets some come to their end; the log grows meanwhile. */
export async function killSaves(root: string, count: number, chance: Chance): Promise<SaveKills> {
  const kills: SaveKills = { halfWritten: 0, restored: 0, faults: [] };
  const dataDir = join(root, 'timeline');
  let length = 0;
  let lifeMs = 0;
  for (let n = 0; n <= count; n++) {
    if (length >= LONGEST || length === 0) {
      await rm(dataDir, { recursive: true, force: true });
      await mkdir(dataDir);
      length = STEP;
    }
    length += Math.floor(chance() * STEP);
    const isWhole = n === count || n % 8 === 0;
    const began = performance.now();
    const lines = await run(dataDir, length, isWhole ? undefined : chance() * lifeMs);
    if (isWhole) lifeMs = performance.now() - began;
    if (await hasDraft(dataDir)) kills.halfWritten++;
    if (lines.some(line => line.say === 'begins' && line.from > 0)) kills.restored++;
    const hasEnded = lines.some(({ say }) => say === 'ends');
    if (isWhole && !hasEnded) kills.faults.push(`start ${n} did not come to its end`);
    for (const fault of lines.flatMap(faultsOf)) kills.faults.push(`start ${n}: ${fault}`);
  }
  return kills;
}
