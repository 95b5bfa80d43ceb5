// The cache of agent programs: pinned versions from npm, each whole or not there.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../programs/program.js';

const WHOLE = '.complete';

/** Beside the nats-server that was fetched: what is cached outlives a run. */
function cached({ name, version }: Program): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(cache, 'signalbox', 'runtimes', `${name}-${version}`);
}

/** The words that start a program; undefined where it is not in the cache. */
export function findProgram(program: Program): readonly string[] | undefined {
  const dir = cached(program);
  const command = program.command(dir);
  const isThere = existsSync(join(dir, WHOLE)) && command.every(word => existsSync(word));
  return isThere ? command : undefined;
}

/** Installs a program unless it is there. Throws with what npm said. */
export function installProgram(program: Program): readonly string[] {
  const found = findProgram(program);
  if (found !== undefined) return found;
  const dir = cached(program);
  const draft = `${dir}.part-${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    writeFileSync(join(draft, 'package.json'), '{"private":true}\n');
    const what = `${program.npm}@${program.version}`;
    // The packages of each platform hold the program itself: no script needs to run.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const npm = spawnSync('npm', ['install', ...flags, what], { cwd: draft, encoding: 'utf8' });
    if (npm.status !== 0) throw new Error(`npm has no ${what}: ${npm.stderr.trim()}`);
    writeFileSync(join(draft, WHOLE), '');
    rmSync(dir, { recursive: true, force: true });
    renameSync(draft, dir);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  const command = findProgram(program);
  if (command !== undefined) return command;
  throw new Error(`${program.npm} has no program for ${process.platform}-${process.arch}`);
}
