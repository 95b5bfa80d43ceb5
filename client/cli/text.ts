// The text of a message: from words, a file, stdin or several of these, bounded before sending.
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { Failure } from '../terminal/exit.js';
import { why } from '../terminal/why.js';
import { decodeText } from './reach/decode.js';

/** Where a text comes from, as it was typed. */
export interface TextSource {
  /** A last word `-` stands for stdin. */
  words: readonly string[];
  file?: string;
}

/** The standard input of the process. */
export interface Stdin extends AsyncIterable<Buffer | string> {
  readonly isTTY?: boolean;
}

/** Where the words `-` and `--file` take their text from. */
export interface Sources {
  readonly stdin: Stdin;
  /** Where files named without a folder are looked for. */
  readonly directory: string;
  readonly stderr?: { write(text: string): unknown };
}

const KIB = 1_024;

/**
 * The text: the words first, the file and stdin below them, a blank line between. Undefined when
 * no source was named. Throws a Failure when it is empty or over the limit.
 */
export async function readText(source: TextSource, from: Sources): Promise<string | undefined> {
  const piped = source.words.at(-1) === '-';
  const words = (piped ? source.words.slice(0, -1) : source.words).join(' ');
  if (words === '' && !piped && source.file === undefined) {
    if (source.words.length > 0) throw empty('the text');
    return undefined;
  }
  const parts = [words];
  if (source.file !== undefined) parts.push(await readFile(source.file, from));
  if (piped) parts.push(await readStdin(from));
  const text = parts.filter(part => part.trim() !== '').join('\n\n');
  if (text === '') throw empty(piped ? 'stdin' : (source.file ?? 'the text'));
  if (Buffer.byteLength(text) > limits.text_bytes) throw tooLarge('the text');
  return text;
}

/** As `readText`, but a text there must be. */
export async function needText(source: TextSource, from: Sources): Promise<string> {
  const text = await readText(source, from);
  if (text !== undefined) return text;
  throw new Failure('usage', 'there is no text', {
    hint: 'give it as words, as --file FILE, or as - to read it from stdin',
  });
}

function readFile(path: string, { directory }: Sources): Promise<string> {
  return readFrom(() => createReadStream(resolve(directory, path)), path);
}

function readStdin({ stdin, stderr }: Sources): Promise<string> {
  if (stdin.isTTY) stderr?.write('type the text; end it with Ctrl-D on a line of its own\n');
  return readFrom(() => stdin, 'stdin');
}

async function readFrom(open: () => Stdin, name: string): Promise<string> {
  try {
    return await readBounded(open(), name);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('failed', `cannot read ${name}: ${why(error)}`);
  }
}

async function readBounded(chunks: AsyncIterable<Buffer | string>, name: string): Promise<string> {
  const read: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    bytes += buffer.length;
    // UTF-16 takes up to twice the bytes of the same text in UTF-8.
    if (bytes > 2 * limits.text_bytes) throw tooLarge(name);
    read.push(buffer);
  }
  return decodeText(Buffer.concat(read), name).replace(/\n+$/, '');
}

function tooLarge(name: string): Failure {
  const message = `${name} is over the limit of ${limits.text_bytes / KIB} KiB`;
  return new Failure('failed', message, {
    refusal: 'too_large',
    hint: 'send less, or put it in a file the other can read and send its path',
  });
}

function empty(name: string): Failure {
  return new Failure('usage', `nothing to send: ${name} is empty`);
}
