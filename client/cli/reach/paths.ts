// Where this user's files lie: the XDG directories, and what Signalbox keeps in each.
import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';

export interface UserPaths {
  /** One directory for each mesh that runs here. */
  data: string;
  /** Who joined from here, one directory for each log. */
  state: string;
  /** What can be fetched again. */
  cache: string;
}

export function userPaths(env: NodeJS.ProcessEnv, home: string): UserPaths {
  const room = (name: string, ...fallback: string[]) => {
    const given = env[name];
    // The specification tells programs to pass over relative directories.
    const base = given !== undefined && isAbsolute(given) ? given : join(home, ...fallback);
    return join(base, 'signalbox');
  };
  return {
    data: room('XDG_DATA_HOME', '.local', 'share'),
    state: room('XDG_STATE_HOME', '.local', 'state'),
    cache: room('XDG_CACHE_HOME', '.cache'),
  };
}

export function dataDirectory(paths: UserPaths, mesh: string): string {
  return join(paths.data, mesh);
}

export function endpointFile(dataDir: string): string {
  return join(dataDir, 'endpoint.json');
}

/** Where the identities and other notes of one log lie. */
export function logDirectory(state: string, log: string): string {
  // A broker elsewhere said it, and may have said anything.
  return join(state, /^log_[0-9a-f-]{8,64}$/.test(log) ? log : `log_${hashOf(log)}`);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
