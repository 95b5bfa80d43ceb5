// A program that speaks for a board: found on the PATH, run without a shell, bounded in all ways.
import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, relative } from 'node:path';
import { clientLimits as limits } from '../../schemas/limits-client.js';
import { Failure } from '../terminal/exit.js';

/** How a program ended. */
export interface Ran {
  /** Null where it was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the program of a board. Rejects with a Failure when there is none, or it does not end. */
export type RunProgram = (args: readonly string[], input?: string) => Promise<Ran>;

export interface ProgramPlace {
  env: NodeJS.ProcessEnv;
  /** Where it is run. */
  directory: string;
  /** The project: a program that lies in it may have come from anybody, and is passed over. */
  top: string;
}

/** Where a program lies; undefined where there is none outside of the project. */
export function programPath(name: string, { env, top }: ProgramPlace): string | undefined {
  const isWithin = (path: string) => {
    const way = relative(realOf(top), path);
    return way === '' || (!way.startsWith('..') && !isAbsolute(way));
  };
  return (env.PATH ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map(folder => join(folder, name))
    .find(file => isProgram(file) && !isWithin(realOf(file)) && !isWithin(file));
}

/** The program of that name as boards run it. */
export function programOf(name: string, place: ProgramPlace, hint: string): RunProgram {
  return async (args, input) => {
    const file = programPath(name, place);
    if (file === undefined) {
      throw new Failure('failed', `${name} is not installed, or only within the project`, { hint });
    }
    return run(file, args, place, input);
  };
}

function run(
  file: string,
  args: readonly string[],
  { env, directory }: ProgramPlace,
  input = '',
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: directory, env, detached: true });
    const end = (error: Failure) => {
      clearTimeout(timer);
      // What it has started ends with it.
      if (child.pid !== undefined) killGroup(child.pid);
      reject(error);
    };
    const seconds = limits.board_call_ms / 1_000;
    const late = new Failure('waited', `${file} did not answer within ${seconds} s`);
    const timer = setTimeout(() => end(late), limits.board_call_ms);
    const out = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let length = 0;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= limits.board_answer_bytes) out[name].push(chunk);
        else end(new Failure('failed', `${file} answered more than can be read`));
      });
    }
    child.on('error', ({ message }) =>
      end(new Failure('failed', `cannot run ${file}: ${message}`)),
    );
    child.on('close', code => {
      clearTimeout(timer);
      const [stdout = '', stderr = ''] = [out.stdout, out.stderr].map(all =>
        Buffer.concat(all).toString('utf8'),
      );
      resolve({ code, stdout, stderr });
    });
    // Who does not read to the end has its reason.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
