// The commit that somebody names: its digits as they are, anything else as git knows it here.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../../terminal/exit.js';
import { oneLine } from '../../terminal/safe.js';
import type { Cli } from '../cli.js';

const DIGITS = /^[0-9a-f]{7,64}$/i;
const NAME_CHARS = 80;
const SAID_CHARS = 160;

/** HEAD, a branch, a tag and the like are looked up where this shell stands. */
export async function commit({ world }: Cli, given?: string): Promise<string | undefined> {
  if (given === undefined || DIGITS.test(given)) return given;
  const name = given.toUpperCase() === 'HEAD' ? 'HEAD' : given;
  const words = ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`];
  // Told in one language, as we read what it says.
  const how = { cwd: world.directory, env: { ...world.env, LC_ALL: 'C' } };
  try {
    const { stdout } = await promisify(execFile)('git', words, how);
    return stdout.trim();
  } catch (error) {
    throw unknown(name, world.directory, error as Error & { code?: unknown; stderr?: string });
  }
}

function unknown(
  name: string,
  directory: string,
  { code, stderr = '' }: { code?: unknown; stderr?: string },
): Failure {
  const what = oneLine(name, NAME_CHARS);
  const hint = 'name the commit by its digits (7 to 64), or go to the work tree';
  if (typeof code !== 'number') {
    return new Failure('usage', `git cannot be run in ${directory} to look up ${what}`, { hint });
  }
  if (/not a git repository/i.test(stderr)) {
    const message = `there is no ${what}: ${directory} is in no git work tree`;
    return new Failure('usage', message, { hint });
  }
  const said = oneLine(stderr.replace(/^fatal: /, '').split('\n')[0] ?? '', SAID_CHARS);
  return new Failure('usage', `${what} is no commit in ${directory} (git: ${said})`, { hint });
}
