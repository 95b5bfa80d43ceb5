// Which broker to speak to: the one named, else the one whose endpoint file lies in the data.
// Synchronous, as promises of files take longer to load than these few files to read.
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { Brokers } from '../../sdk/brokers.js';
import { Failure } from '../../terminal/exit.js';
import { quoted } from '../../terminal/paste.js';
import { why } from '../../terminal/why.js';
import { type BrokerContext, demandContext, LOCAL } from '../config/contexts.js';
import { decoded } from './decode.js';
import { dataDirectory, endpointFile, type UserPaths } from './paths.js';

/** What a running broker writes into its data directory. */
export interface Endpoint {
  url: string;
  ws: string;
  pid: number;
  token_file: string;
  mesh: string;
  log: string;
}

/** The options by which a broker is named. */
export interface SiteOptions {
  /** A broker elsewhere, or `local`: what the environment names counts for nothing then. */
  context?: string;
  /** True where the file of a project named that context. */
  isOfProject?: true;
  url?: string;
  tokenFile?: string;
  mesh: string;
  data?: string;
}

/** The broker that is meant. */
export interface Site {
  /** The one to speak to, without a slash at its end: of several the one that answered last. */
  readonly url: string;
  /** All that were named, for calls that may go to any of them. */
  brokers: Brokers;
  tokenFile?: string;
  /** The token itself, where no file holds it. */
  token?: string;
  /** Known when the broker is this user's own. */
  mesh?: string;
  log?: string;
  /** Absent for a user without a home who names a broker. */
  dataDir?: string;
}

/** The endpoint file of a data directory, or undefined when no broker has left one. */
export async function readEndpoint(dataDir: string): Promise<Endpoint | undefined> {
  const file = endpointFile(dataDir);
  // A pipe would be waited for without end.
  if (!attempt(() => statSync(file))?.isFile()) return undefined;
  const bytes = attempt(() => readFileSync(file));
  const endpoint = endpointIn((bytes && decoded(bytes)) ?? '');
  if (endpoint === undefined || !isAbsolute(endpoint.token_file)) return endpoint;
  return isElsewhere(dirname(endpoint.token_file), dataDir) ? undefined : endpoint;
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function endpointIn(text: string): Endpoint | undefined {
  try {
    const { url, ws, pid, token_file, mesh, log } = JSON.parse(text);
    const whole = [url, ws, token_file, mesh, log].every(field => typeof field === 'string');
    const known = { url, ws, pid, token_file, mesh, log };
    return whole && Number.isSafeInteger(pid) ? known : undefined;
  } catch {
    return undefined;
  }
}

/** True in a copy of a data directory whose broker has the original where it was. */
function isElsewhere(original: string, dataDir: string): boolean {
  const look = (path: string) => attempt(() => statSync(path, { bigint: true }));
  const [there, here] = [look(original), look(dataDir)];
  const serves = look(endpointFile(original)) !== undefined;
  if (there === undefined || here === undefined || !serves) return false;
  return there.dev !== here.dev || there.ino !== here.ino;
}

/** The broker this shell means. Throws a Failure when none is named and none runs here. */
export async function findSite(
  options: SiteOptions,
  env: NodeJS.ProcessEnv,
  paths: UserPaths,
): Promise<Site> {
  // A directory that was named is meant, whatever the environment says.
  const isMeant =
    options.context !== undefined || (options.data !== undefined && options.url === undefined);
  const { SIGNALBOX_URL, SIGNALBOX_TOKEN_FILE } = isMeant ? ({} as NodeJS.ProcessEnv) : env;
  const elsewhere = contextOf(options, paths);
  const named = options.url ?? elsewhere?.url ?? SIGNALBOX_URL;
  const dataDir = options.data ?? ownData(paths, options.mesh, named !== undefined);
  const own = dataDir === undefined ? undefined : await readEndpoint(dataDir);
  const urls = named === undefined ? [own?.url ?? []].flat() : checkedUrls(named);
  if (urls.length === 0) {
    const where = options.data === undefined ? `for the mesh ${options.mesh}` : `in ${dataDir}`;
    throw new Failure('unreachable', `no broker runs ${where} on this machine`, {
      hint: `start one with: ${upFor(options)}   or name one with --url URL --token-file FILE`,
    });
  }
  const brokers = new Brokers(urls.map(bare));
  const isOwn = own !== undefined && brokers.urls.includes(bare(own.url));
  const given = options.tokenFile ?? elsewhere?.token_file ?? SIGNALBOX_TOKEN_FILE;
  const tokenFile = given ?? (isOwn ? own.token_file : undefined);
  return {
    get url() {
      return brokers.url;
    },
    brokers,
    ...(dataDir !== undefined && { dataDir }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(isOwn && { mesh: own.mesh, log: own.log }),
  };
}

function contextOf(options: SiteOptions, paths: UserPaths): BrokerContext | undefined {
  const { context, isOfProject, tokenFile } = options;
  if (context === undefined || context === LOCAL) return undefined;
  const found = demandContext(paths.config, context);
  if (!isOfProject || tokenFile === undefined) return found;
  // Whoever wrote the project would choose who is shown the token.
  throw new Failure('usage', `a project does not say where --token-file goes, here ${context}`, {
    hint: `say it yourself: --context ${context}, --context local or --url URL`,
  });
}

/** Starts the broker that was meant, not another. */
export function upFor({ data, mesh }: Pick<SiteOptions, 'data' | 'mesh'>): string {
  const words = mesh === 'default' ? '' : ` --mesh ${mesh} --port 0`;
  return `signalbox up${words}${data === undefined ? '' : ` --data ${quoted(data)}`}`;
}

function ownData(paths: UserPaths, mesh: string, isOptional: boolean): string | undefined {
  try {
    return dataDirectory(paths, mesh);
  } catch (error) {
    if (isOptional) return undefined;
    throw error;
  }
}

function bare(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Each address of a broker among those between commas. Throws a Failure. */
export function checkedUrls(text: string): string[] {
  return text.split(',').map(url => checkedUrl(url.trim()));
}

function checkedUrl(url: string): string {
  const http = url.replace(/^ws(s?):/, 'http$1:').replace(/\/ws\/?$/, '');
  if (URL.canParse(http) && /^https?:/.test(http)) return http;
  throw new Failure('usage', `${url} is no URL of a broker`, {
    hint: 'it looks like http://127.0.0.1:7117; several of one mesh with commas',
  });
}

/** A credential kept in a file; files are how secrets stay out of arguments and logs. */
export async function readSecret(path: string, what: string): Promise<string> {
  const bytes = readOr(path, error => {
    throw new Failure('unauthorised', `cannot read the ${what} file ${path}: ${why(error)}`, {
      hint: 'see what is wrong: signalbox doctor',
    });
  });
  const secret = decoded(bytes)?.trim();
  if (secret === '') throw new Failure('unauthorised', `the ${what} file ${path} is empty`);
  if (secret !== undefined && /^[\x21-\x7e]+$/.test(secret)) return secret;
  throw new Failure('unauthorised', `the file ${path} holds no ${what}`, {
    hint: `a ${what} is one line of plain letters; signalbox doctor says which file is read`,
  });
}

function readOr(path: string, fail: (error: unknown) => never): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    return fail(error);
  }
}
