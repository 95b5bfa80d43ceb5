// This program as it is called from where the shell stands, in words that a shell can be given.
import { realpathSync } from 'node:fs';
import { delimiter, join, relative, resolve, sep } from 'node:path';

/** How this program was started. */
export interface Called {
  env: NodeJS.ProcessEnv;
  /** Where the shell stands. */
  directory: string;
  /** The program of this process and its first argument: node, and the file it runs. */
  program: readonly [node: string, file: string];
}

/** A word as a shell takes it, whatever is in it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** How to call this program from there: by its name where that is found, else by its file. */
export function selfCommand({ env, directory, program: [node, file] }: Called): string {
  const isOurs = (path: string) => isSame(path, file);
  const places = (env.PATH ?? '').split(delimiter).filter(place => place !== '' && !isLent(place));
  if (places.some(place => isOurs(join(place, 'signalbox')))) return 'signalbox';
  const shell = shellDirectory(env, directory);
  const isByNpx = env.npm_command === 'exec' || isOurs(join(shell, NPX, 'signalbox'));
  if (isByNpx) return 'npx signalbox';
  const isNode = places.some(place => isSame(join(place, 'node'), node));
  const near = relative(shell, resolve(directory, file));
  const isBelow = near !== '' && !near.startsWith('..') && !near.startsWith(sep);
  return `${isNode ? 'node' : quoted(node)} ${quoted(isBelow ? near : resolve(directory, file))}`;
}

const NPX = join('node_modules', '.bin');

/** npm lends its scripts a longer PATH than the shell that called it has. */
function isLent(place: string): boolean {
  return place.endsWith(NPX) || place.endsWith('node-gyp-bin');
}

/** npm runs its scripts in the package's own directory. */
function shellDirectory(env: NodeJS.ProcessEnv, directory: string): string {
  return (env.npm_lifecycle_event && env.INIT_CWD) || directory;
}

function isSame(path: string, file: string): boolean {
  try {
    return realpathSync(path) === realpathSync(file);
  } catch {
    return false;
  }
}
