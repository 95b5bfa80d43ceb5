// Runs one short command as a shell runs it, and tells its wall and processor time.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Of one run, in ms; `cpu_ms` is user and system time together. */
export interface CommandTimes {
  wall_ms: number;
  cpu_ms: number;
}

export interface CommandPlace {
  cwd: string;
  env: Record<string, string>;
}

/** The shell is a small process, so that what forking a large one takes is not measured. */
const TIMED = 'TIMEFORMAT="%3R %3U %3S"; time "$@" 2>&1';

/**
 * All streams are pipes, as in a hook; `said` is what it reads. Throws with what the command said
 * when it fails.
 */
export async function timeCommand(
  command: readonly string[],
  { cwd, env }: CommandPlace,
  said = '',
): Promise<CommandTimes> {
  const options = { cwd, env: { ...env, LC_ALL: 'C' } };
  // A shell whose input is a socket takes itself for a remote one, and reads what a user set up.
  const shell = ['--norc', '-c', TIMED, 'bash', ...command];
  const running = run('bash', shell, options);
  const { stdin } = running.child;
  // A command may end without having read, which is its own affair.
  stdin!.on('error', () => {}).end(said);
  const { stderr } = await running.catch(error => {
    throw new Error(`${command.slice(1).join(' ')}: ${error.stdout || error.message}`);
  });
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = stderr.split(' ').map(Number);
  return { wall_ms: wall * 1000, cpu_ms: (user + system) * 1000 };
}
