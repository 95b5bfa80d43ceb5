// The data directory: this broker's identity, keys and address; private to the user.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { demandPlainFiles } from './plain-files.js';

export interface DataDir {
  path: string;
  tokenFile: string;
  operatorToken: string;
  /** Signs page sessions and makes the secrets of what commands create. */
  key: Uint8Array;
  /** Random once; the same through all boots on this directory. */
  gateway: string;
}

/** Makes the directory, and closes it to others. Throws when this user cannot have or use it. */
export async function makeDataDir(path: string): Promise<void> {
  await makeDirectory(resolve(path));
  await chmod(path, 0o700);
  await demandPlainFiles(path);
}

/** Step by step from the first that is there: mkdir's own recursion never ends below /proc. */
async function makeDirectory(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (found === undefined) {
    if (dirname(path) !== path) await makeDirectory(dirname(path));
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      // Another was faster.
      if (error.code !== 'EEXIST') throw error;
    });
  } else if (!found.isDirectory()) {
    throw Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR', path });
  }
}

/** Reads its secrets; each is made on first use, 0600. */
export async function openDataDir(path: string): Promise<DataDir> {
  const tokenFile = join(path, 'operator.token');
  return {
    path,
    tokenFile,
    operatorToken: await operatorToken(tokenFile),
    key: Buffer.from(await keptSecret(join(path, 'broker.key')), 'base64url'),
    gateway: `gateway_${await keptSecret(join(path, 'gateway.id'), 12)}`,
  };
}

/** One that somebody chose is used, or refused: to replace it would lock out who was given it. */
async function operatorToken(file: string): Promise<string> {
  const kept = (await readIfThere(file))?.trim() ?? '';
  if (kept !== '' && kept.length < limits.operator_token_min_chars) {
    const few = `fewer than ${limits.operator_token_min_chars} characters`;
    const advice = 'Put a longer one there, or remove the file to have one made.';
    const message = `The operator token in ${file} has ${few}. ${advice}`;
    throw Object.assign(new Error(message), { code: 'token_unusable' });
  }
  return keptSecret(file);
}

/** Reads the secret of a file, made on first use. One that is damaged is never replaced unasked. */
async function keptSecret(file: string, bytes = 32): Promise<string> {
  const kept = (await readIfThere(file))?.trim();
  if (kept !== undefined) {
    if (kept.length < bytes || !/^[!-~]+$/.test(kept)) throw damagedSecret(file);
    await chmod(file, 0o600);
    return kept;
  }
  const secret = randomBytes(bytes).toString('base64url');
  await writeDurably(file, `${secret}\n`);
  return secret;
}

function damagedSecret(file: string): Error {
  const message = `${file} is damaged. Restore it, or remove it to have a new one made.`;
  return Object.assign(new Error(message), { code: 'secret_damaged' });
}

/** Its text; undefined when there is no such file. Throws what the system says, with the path. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    // Reading, unlike opening, does not say what was read.
    const named = message.includes(file) ? message : `${message} '${file}'`;
    throw Object.assign(error as Error, { message: named, path: file });
  }
}

/**
 * Replaces a file as a whole (0600) by an atomic rename of a draft that is on disk already.
 * https://man7.org/linux/man-pages/man2/rename.2.html
 */
export async function writeDurably(file: string, text: string): Promise<void> {
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/**
 * Makes the names in a directory durable, which an fsync of its files does not.
 * https://man7.org/linux/man-pages/man2/fsync.2.html
 */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Tells other programs of this user where the broker is; withdrawn when it stops. */
export async function publishEndpoint(path: string, endpoint: object) {
  const file = join(path, 'endpoint.json');
  await writeDurably(file, `${JSON.stringify(endpoint)}\n`);
  return () => rm(file, { force: true });
}
