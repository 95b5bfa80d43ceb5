// The previous build: the last commit before the level of today, compiled in a folder of its own.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Ready } from '../../broker/main.js';
import { type House, houseOf } from '../dsl/live-broker.js';

const run = promisify(execFile);
const repository = process.cwd();

/** Builds the last commit that knew a lower level than `level`, in `dir`; its short hash. */
export async function buildBefore(level: number, dir: string): Promise<string> {
  const search = ['log', '--format=%H', `-SLEVEL = ${level}`, '--', 'broker'];
  const { stdout } = await run('git', search, { cwd: repository });
  const began = stdout.trim().split('\n').at(-1) ?? '';
  if (began === '') throw new Error(`No commit begins level ${level}: fetch the whole history.`);
  await mkdir(dir, { recursive: true });
  const tar = join(dir, 'source.tar');
  await run('git', ['archive', '-o', tar, `${began}^`], { cwd: repository });
  await run('tar', ['-xf', tar, '-C', dir]);
  await run('npm', ['install', '--ignore-scripts'], { cwd: dir });
  await run('npm', ['run', 'build'], { cwd: dir });
  return began.slice(0, 7);
}

export interface CliBroker extends House {
  stop(): Promise<void>;
  /** How it ended, and what it said on stderr. */
  ended: Promise<{ code: number | null; said: string }>;
}

/** `signalbox up` of a build on a nats-server that is there; rejects when it ends instead. */
export async function up(build: string, natsUrl: string, dataDir: string): Promise<CliBroker> {
  const main = join(build, 'build', 'client', 'cli', 'main.js');
  const words = ['up', '--json', '--port', '0', '--nats', natsUrl, '--data', dataDir];
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  const failed = ended.then(({ said }) => Promise.reject(new Error(said)));
  failed.catch(() => {});
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), failed]);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { ...houseOf(JSON.parse(line) as Ready), stop, ended };
}
