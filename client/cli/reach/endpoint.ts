// Which broker to speak to: the one named, else the one whose endpoint file lies in the data.
import { readFile } from 'node:fs/promises';
import { Failure } from '../exit.js';
import { dataDirectory, endpointFile, type UserPaths } from './paths.js';

/** What a running broker writes into its data directory. */
export interface Endpoint {
  url: string;
  ws: string;
  pid: number;
  token_file: string;
  mesh: string;
}

export interface SiteOptions {
  url?: string;
  tokenFile?: string;
  mesh: string;
  data?: string;
}

export interface Site {
  /** Without a slash at its end. */
  url: string;
  tokenFile?: string;
  /** Known when the broker is this user's own. */
  mesh?: string;
  dataDir: string;
}

/** The endpoint file of a data directory, or undefined when no broker has left one. */
export async function readEndpoint(dataDir: string): Promise<Endpoint | undefined> {
  const text = await readFile(endpointFile(dataDir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const { url, ws, pid, token_file, mesh } = JSON.parse(text);
    const whole = [url, ws, token_file, mesh].every(field => typeof field === 'string');
    return whole && Number.isSafeInteger(pid) ? { url, ws, pid, token_file, mesh } : undefined;
  } catch {
    return undefined;
  }
}

/** The broker this shell means. Throws a Failure when none is named and none runs here. */
export async function findSite(
  options: SiteOptions,
  env: NodeJS.ProcessEnv,
  paths: UserPaths,
): Promise<Site> {
  const dataDir = options.data ?? dataDirectory(paths, options.mesh);
  const own = await readEndpoint(dataDir);
  const named = options.url ?? env.SIGNALBOX_URL;
  const url = named === undefined ? own?.url : checkedUrl(named);
  if (url === undefined) {
    throw new Failure(
      'unreachable',
      `no broker runs for the mesh ${options.mesh} on this machine`,
      {
        hint: 'start one with: signalbox up   or name one with --url URL --token-file FILE',
      },
    );
  }
  const isOwn = own !== undefined && bare(own.url) === bare(url);
  const tokenFile =
    options.tokenFile ?? env.SIGNALBOX_TOKEN_FILE ?? (isOwn ? own.token_file : undefined);
  return {
    url: bare(url),
    dataDir,
    ...(tokenFile !== undefined && { tokenFile }),
    ...(isOwn && { mesh: own.mesh }),
  };
}

function bare(url: string): string {
  return url.replace(/\/+$/, '');
}

function checkedUrl(url: string): string {
  const http = url.replace(/^ws(s?):/, 'http$1:').replace(/\/ws\/?$/, '');
  if (URL.canParse(http) && /^https?:/.test(http)) return http;
  throw new Failure('usage', `${url} is no URL of a broker`, {
    hint: 'it looks like http://127.0.0.1:7117',
  });
}

/** A credential kept in a file; files are how secrets stay out of arguments and logs. */
export async function readSecret(path: string, what: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Failure('unauthorised', `cannot read the ${what} file: ${error.message}`);
  });
  const secret = text.trim();
  if (secret === '') throw new Failure('unauthorised', `the ${what} file ${path} is empty`);
  return secret;
}
