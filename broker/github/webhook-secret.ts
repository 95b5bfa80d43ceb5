// The secret that GitHub signs its deliveries with: from the environment, or from its own file.
import { randomBytes } from 'node:crypto';
import { chmod, lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { writeDurably } from '../disk/data-dir.js';

export interface WebhookSecret {
  secret: string;
  /** Where it is written; absent when the environment names it. */
  file?: string;
}

const VARIABLE = 'SIGNALBOX_GITHUB_WEBHOOK_SECRET';

/**
 * What somebody chose is used as it is, or refused (`secret_unusable`) with the file left alone:
 * to replace it would turn away every delivery without a word. Only a missing file is made.
 */
export async function webhookSecret(
  env: Readonly<NodeJS.ProcessEnv> | undefined,
  dataDir: string,
): Promise<WebhookSecret> {
  const chosen = env?.[VARIABLE];
  // Left empty it is as if it were not set, as in files of settings with a line for each.
  if (chosen) return { secret: secretIn(chosen, VARIABLE) };
  const file = join(dataDir, 'github-webhook.secret');
  const bytes = await bytesOf(file);
  if (bytes !== undefined) return { secret: secretIn(textOf(bytes, file), file), file };
  const secret = randomBytes(32).toString('base64url');
  await writeDurably(file, `${secret}\n`);
  return { secret, file };
}

async function bytesOf(file: string): Promise<Uint8Array | undefined> {
  try {
    const facts = await stat(file);
    // A pipe or a device would never end.
    if (!facts.isFile()) throw unusable(file, 'is no plain file');
    if (facts.size > limits.webhook_secret_bytes) throw unusable(file, 'is too long');
    const bytes = await readFile(file);
    // One that is mounted read-only keeps the mode it has.
    await chmod(file, 0o600).catch(() => {});
    return bytes;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'secret_unusable') throw error;
    if (code !== 'ENOENT') throw unusable(file, `cannot be read (${code ?? message})`);
    if (await isThere(file)) throw unusable(file, 'is a broken link');
    return undefined;
  }
}

function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    // The decoder also takes away the byte order mark that some editors write.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unusable(file, 'is no UTF-8 text');
  }
}

/** The one line of `text`, without its end; what could be meant in two ways is not guessed. */
function secretIn(text: string, where: string): string {
  const line = text.replace(/^\uFEFF/, '').replace(/[\r\n]+$/, '');
  if (line.trim() === '') throw unusable(where, 'is empty');
  if (/[\r\n]/.test(line)) throw unusable(where, 'has several lines');
  if (/\p{Cc}/u.test(line)) throw unusable(where, 'has control characters');
  if (line !== line.trim()) throw unusable(where, 'begins or ends with a blank');
  return line;
}

function unusable(where: string, why: string): Error {
  const advice =
    where === VARIABLE
      ? 'Set it to what the webhook on GitHub has, or unset it.'
      : 'Put what the webhook on GitHub has into it as one line, or remove it to have one made.';
  const message = `The secret of the GitHub webhook cannot be used: ${where} ${why}. ${advice}`;
  return Object.assign(new Error(message), { code: 'secret_unusable' });
}
