// What the process finds around it, however little: no folder, no home, no name, files of Windows.
import { userInfo } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import type { Surroundings, World } from '../cli.js';
import { plainText } from './decode.js';
import { zoneOf } from './zone.js';

/**
 * The world outside, made fit to be used: from a folder that is gone the process moves to the
 * root, and a zone that `TZ` says in a way the runtime does not know is put in plain words.
 */
export function surroundings(): World {
  const { execPath, argv, stdin, stdout, stderr } = process;
  const { env, directory } = standing();
  const { zone, doubt } = zoneOf(env.TZ);
  // Dates, the broker and its children take the zone from here.
  if (env.TZ !== zone) process.env.TZ = env.TZ = zone;
  return {
    env,
    ...(doubt && { doubt }),
    ...userOf(env),
    directory,
    ...{ program: [execPath, argv[1] ?? ''], stdin, stdout, stderr },
  };
}

/** As much of it as a hook needs: its streams, zone and user each take long to find. */
export function standing(): Surroundings {
  const directory = directoryOf(process.env);
  const env = plainEnv(process.env, directory);
  const home = homeIn(env) ?? userOf(env).home;
  return { env, userName: '', ...(home && { home }), directory };
}

/**
 * What concerns us, as it was meant: a file of settings with line ends of Windows leaves them at
 * the ends of values, an empty value is none, and a file lies where the shell stands.
 */
function plainEnv(env: NodeJS.ProcessEnv, directory: string): NodeJS.ProcessEnv {
  const plain: NodeJS.ProcessEnv = { ...env };
  for (const [name, value = ''] of Object.entries(env)) {
    if (!/^(?:SIGNALBOX|XDG)_/.test(name)) continue;
    const said = plainText(value);
    plain[name] = name.endsWith('_FILE') ? resolve(directory, said) : said;
    if (said === '') delete plain[name];
  }
  return plain;
}

/** Where files named without a folder are looked for. */
function directoryOf({ PWD }: NodeJS.ProcessEnv): string {
  try {
    return process.cwd();
  } catch {
    // It was deleted under the shell; nothing that is started may be left standing there.
    process.chdir('/');
    return PWD !== undefined && isAbsolute(PWD) ? PWD : '/';
  }
}

/** A user id without an entry, as containers have, is no reason to fail. */
function userOf(env: NodeJS.ProcessEnv): { userName: string; home?: string } {
  const named = homeIn(env);
  try {
    const { username, homedir } = userInfo();
    const home = named ?? homedir;
    return { userName: username, ...(isAbsolute(home) && { home }) };
  } catch {
    return { userName: '', ...(named && { home: named }) };
  }
}

function homeIn({ HOME }: NodeJS.ProcessEnv): string | undefined {
  return HOME !== undefined && isAbsolute(HOME) ? HOME : undefined;
}
