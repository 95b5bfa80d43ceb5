// A shell for tests of the command line: runs the compiled program with homes of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { tempDir } from '../dsl/nats.js';

export const PROGRAM = fileURLToPath(new URL('../../client/cli/main.js', import.meta.url));

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Shell {
  env: NodeJS.ProcessEnv;
  dataDir: string;
  /** Runs one verb to its end; `input` goes to its stdin. */
  run(args: readonly string[], input?: string): Promise<Run>;
  /** Starts one verb and leaves it running; it is ended with the test. */
  start(...args: string[]): ChildProcess;
}

/** A user with nothing but a home: no broker named, none of the caller's environment. */
export async function newShell(t: Test, more: NodeJS.ProcessEnv = {}): Promise<Shell> {
  const home = await tempDir(t);
  const {
    PATH,
    SIGNALBOX_NATS_SERVER,
    XDG_CACHE_HOME = join(process.env.HOME ?? '', '.cache'),
  } = process.env;
  return shellIn(t, home, {
    PATH,
    HOME: home,
    XDG_CACHE_HOME,
    ...(SIGNALBOX_NATS_SERVER && { SIGNALBOX_NATS_SERVER }),
    ...more,
  });
}

/** Another shell of the same user, with more in its environment. */
export function sameUser(t: Test, { env }: Shell, more: NodeJS.ProcessEnv): Shell {
  return shellIn(t, env.HOME ?? '', { ...env, ...more });
}

function shellIn(t: Test, home: string, env: NodeJS.ProcessEnv): Shell {
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env, cwd: home });
    t.teardown(() => end(child));
    return child;
  };
  return {
    env,
    dataDir: join(home, '.local', 'share', 'signalbox', 'default'),
    start,
    run: async (args, input) => {
      const child = start(...args);
      child.stdin?.end(input);
      return finished(child);
    },
  };
}

/** Runs a line of the POSIX shell, at home, in which "$@" is the verb with its arguments. */
export function scripted(
  { env }: Shell,
  line: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const words = ['-c', line, 'sh', process.execPath, PROGRAM, ...args];
  const child = spawn('sh', words, { env: { ...env, ...more }, cwd: env.HOME });
  child.stdin.end();
  return finished(child);
}

/** What a process said, once it has ended. */
export async function finished(child: ChildProcess): Promise<Run> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', text => (said.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', text => (said.stderr += text));
  const [code] = await once(child, 'close');
  return { code, ...said };
}

/** The first line of a stream that fits. Throws when the stream ends without one. */
export async function lineFrom(
  child: ChildProcess,
  stream: 'stdout' | 'stderr',
  fits: RegExp,
): Promise<string> {
  const source = child[stream];
  if (!source) throw new Error(`the process has no ${stream}`);
  const seen: string[] = [];
  for await (const line of createInterface({ input: source })) {
    if (fits.test(line)) return line;
    seen.push(line);
  }
  throw new Error(`no line like ${fits} in:\n${seen.join('\n')}`);
}

/** Starts the broker of a shell on a free port, and resolves with its ready line. */
export async function upIn(shell: Shell, ...more: string[]) {
  const child = shell.start('up', '--port', '0', '--json', ...more);
  const complaints: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', text => complaints.push(text));
  const line = await lineFrom(child, 'stdout', /^\{/).catch((error: Error) => {
    throw new Error(`${error.message}\n${complaints.join('')}`);
  });
  return { child, ready: JSON.parse(line) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
