// The coding agents that are installed here, and their versions: read, where that can be, not run.
import { realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import type { RuntimeName } from '../../setup/targets.js';
import { readSmall } from './read-small.js';
import { tryProgram } from './self-test.js';

/** What a runtime is called: its program, and its own name for itself. */
export const programs: Readonly<Record<RuntimeName, { program: string; name: string }>> = {
  'claude-code': { program: 'claude', name: 'Claude Code' },
  codex: { program: 'codex', name: 'Codex' },
  gemini: { program: 'gemini', name: 'Gemini CLI' },
  opencode: { program: 'opencode', name: 'OpenCode' },
};

/** A program that was found. */
export interface Installed {
  path: string;
  /** Absent where it does not say. */
  version?: string;
}

/** The first program of that name on the PATH, with its version. */
export async function findProgram(
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<Installed | undefined> {
  const path = await programPath(name, env);
  if (path === undefined) return undefined;
  const version = (await packageVersion(path)) ?? (await saidVersion(path, env));
  return { path, ...(version && { version }) };
}

/** The file of the first program of that name on the PATH. */
export async function programPath(
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  for (const place of (env.PATH ?? '').split(delimiter).filter(isAbsolute)) {
    const path = join(place, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && (found.mode & 0o111) !== 0) return path;
  }
  return undefined;
}

/** As its package has it: to start an agent for its version takes seconds and writes files. */
async function packageVersion(path: string): Promise<string | undefined> {
  const real = await realpath(path).catch(() => path);
  for (let at = dirname(real), steps = 0; steps < PACKAGE_STEPS; at = dirname(at), steps += 1) {
    const text = await readSmall(join(at, 'package.json'));
    const version = text === undefined ? undefined : versionIn(text);
    if (version !== undefined) return version;
  }
  return undefined;
}

const PACKAGE_STEPS = 4;

function versionIn(text: string): string | undefined {
  try {
    const { version, bin } = JSON.parse(text);
    return bin !== undefined && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

async function saidVersion(path: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout } = await tryProgram({
    words: [path, '--version'],
    env,
    directory: '/',
    input: '',
    wait_ms: limits.doctor_program_ms,
  });
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0];
}
