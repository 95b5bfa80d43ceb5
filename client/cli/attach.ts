// What goes along with a text: files and addresses by reference, small texts themselves.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';

interface FileFacts {
  name: string;
  /** Bytes. */
  size: number;
  type: string;
  /** Of all its bytes, in hex: what was meant stays known when the file changes. */
  sha256: string;
}

/** A file by its absolute path, a small text itself, or an address. */
export type ReadAttachment =
  | (FileFacts & { path: string })
  | (FileFacts & { text: string })
  | { name: string; url: string };

const TYPES: ReadonlyMap<string, string> = new Map([
  ['md', 'text/markdown'],
  ['txt', 'text/plain'],
  ['log', 'text/plain'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['css', 'text/css'],
  ['diff', 'text/x-diff'],
  ['patch', 'text/x-diff'],
  ['json', 'application/json'],
  ['jsonl', 'application/jsonl'],
  ['yaml', 'application/yaml'],
  ['yml', 'application/yaml'],
  ['toml', 'application/toml'],
  ['xml', 'application/xml'],
  ['ts', 'text/x-typescript'],
  ['tsx', 'text/x-typescript'],
  ['js', 'text/javascript'],
  ['mjs', 'text/javascript'],
  ['cjs', 'text/javascript'],
  ['jsx', 'text/javascript'],
  ['py', 'text/x-python'],
  ['go', 'text/x-go'],
  ['rs', 'text/x-rust'],
  ['rb', 'text/x-ruby'],
  ['java', 'text/x-java'],
  ['c', 'text/x-c'],
  ['h', 'text/x-c'],
  ['cpp', 'text/x-c++'],
  ['sh', 'text/x-shellscript'],
  ['sql', 'application/sql'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['svg', 'image/svg+xml'],
  ['pdf', 'application/pdf'],
  ['zip', 'application/zip'],
  ['gz', 'application/gzip'],
]);

/**
 * The attachments that `given` names, in its order: `https://` addresses, and files relative to
 * `cwd`. With `inline`, a file of UTF-8 text of at most `limits.attachment_text_bytes` is sent
 * itself. Throws a Failure for too many, and for what is no file that can be read.
 */
export async function readAttachments(
  given: readonly string[],
  cwd: string,
  { inline = false }: { inline?: boolean } = {},
): Promise<ReadAttachment[]> {
  if (given.length > limits.attachments_items) {
    const message = `${given.length} attachments are over the limit of ${limits.attachments_items}`;
    throw new Failure('usage', message, { hint: 'attach an archive, or send several messages' });
  }
  const attachments: ReadAttachment[] = [];
  for (const item of given) {
    const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(item);
    attachments.push(isAddress ? readAddress(item) : await readFile(resolve(cwd, item), inline));
  }
  return attachments;
}

function readAddress(item: string): ReadAttachment {
  const url = URL.canParse(item) ? new URL(item) : undefined;
  if (url?.protocol !== 'https:') {
    throw new Failure('usage', `cannot attach ${item}: it is no https:// address`, {
      hint: 'give an https:// address or the path of a file',
    });
  }
  if (url.username || url.password) {
    throw new Failure('usage', `cannot attach an address of ${url.host} with a password in it`, {
      hint: 'what is sent stays in the log; give the address without it',
    });
  }
  const last = url.pathname.split('/').findLast(step => step !== '') ?? url.host;
  return { name: readable(last).slice(0, limits.label_chars), url: url.href };
}

function readable(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

async function readFile(path: string, inline: boolean): Promise<ReadAttachment> {
  try {
    await needFile(path);
    const { size, sha256, head } = await readBytes(path);
    const name = basename(path);
    const type = TYPES.get(extname(name).slice(1).toLowerCase()) ?? 'application/octet-stream';
    const text = inline && head !== undefined ? textOf(head) : undefined;
    const facts = { name, size, type, sha256 };
    return text === undefined ? { ...facts, path } : { ...facts, text };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('failed', `cannot attach ${path}: ${why(error)}`);
  }
}

async function needFile(path: string): Promise<void> {
  const found = await stat(path);
  if (found.isFile()) return;
  // A pipe or device is not opened at all: that alone could wait for ever.
  const what = found.isDirectory() ? 'a directory' : 'no regular file';
  throw new Failure('failed', `cannot attach ${path}: it is ${what}`, {
    hint: 'attach its files one by one, or one archive of them',
  });
}

/** The size and digest of one reading, and all its bytes when they are few. */
async function readBytes(path: string) {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    size += chunk.length;
    hash.update(chunk);
    if (size <= limits.attachment_text_bytes) kept.push(chunk);
  }
  const isSmall = size <= limits.attachment_text_bytes;
  return { size, sha256: hash.digest('hex'), head: isSmall ? Buffer.concat(kept) : undefined };
}

/** The text that `bytes` are, byte for byte, or undefined when they are none. */
function textOf(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
