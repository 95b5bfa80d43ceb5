// Where this user's files lie: the XDG directories, and what Signalbox keeps in each.
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { Failure } from '../../terminal/exit.js';

/** The directories of this user. */
export interface UserPaths {
  /** One directory for each mesh that runs here. */
  data: string;
  /** Who joined from here, one directory for each log. */
  state: string;
  /** What can be fetched again. */
  cache: string;
  /** The config file, and the brokers elsewhere. */
  config: string;
}

/** Each is found only when it is asked for: most verbs do without one or another. */
export function userPaths(env: NodeJS.ProcessEnv, home: string | undefined): UserPaths {
  const room = (name: string, ...fallback: string[]) => {
    const given = env[name];
    // The specification tells programs to pass over relative directories.
    if (given !== undefined && isAbsolute(given)) return join(given, 'signalbox');
    if (home !== undefined) return join(home, ...fallback, 'signalbox');
    throw new Failure('failed', 'this user has no home directory to keep anything in', {
      hint: `set HOME, or ${name}, to a directory of your own`,
    });
  };
  return {
    get data() {
      return room('XDG_DATA_HOME', '.local', 'share');
    },
    get state() {
      return room('XDG_STATE_HOME', '.local', 'state');
    },
    get cache() {
      return room('XDG_CACHE_HOME', '.cache');
    },
    get config() {
      return room('XDG_CONFIG_HOME', '.config');
    },
  };
}

/** Where the data of a mesh lies. A Failure for a user without a home. */
export function dataDirectory(paths: UserPaths, mesh: string): string {
  return join(paths.data, mesh);
}

/** Where a broker leaves its endpoint. */
export function endpointFile(dataDir: string): string {
  return join(dataDir, 'endpoint.json');
}

/** Where the identities and other notes of one log lie. */
export function logDirectory(state: string, log: string): string {
  // A broker elsewhere said it, and may have said anything.
  return join(state, /^log_[0-9a-f-]{8,64}$/.test(log) ? log : `log_${hashOf(log)}`);
}

/** The directories of all logs, or of the one that is meant, where that is known. */
export async function roomsIn(state: string, log: string | undefined): Promise<string[]> {
  if (log !== undefined) return [logDirectory(state, log)];
  const names = await readdir(state).catch(() => []);
  return names.filter(name => name.startsWith('log_')).map(name => join(state, name));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
