// Text from bytes of any machine: UTF-8, or UTF-16 that says so; line ends and marks made plain.
import { Failure } from '../../terminal/exit.js';

/** The text of `bytes`; `name` is where they came from. A Failure when they are no text. */
export function decodeText(bytes: Uint8Array, name: string): string {
  const text = decoded(bytes);
  if (text === undefined) throw noText(name, 'it is neither UTF-8 nor marked as UTF-16');
  if (text.includes('\0')) throw noText(name, 'it holds NUL bytes, as binary files do');
  return plainText(text);
}

/** Without the byte order marks and carriage returns that line ends of Windows leave. */
export function plainText(text: string): string {
  // A mark in the middle is what joining two such files leaves.
  const marks = /(?<=^|\n)\ufeff+/g;
  return text.replace(/\r\n/g, '\n').replace(/\r+$/, '').replace(marks, '');
}

/** What a small file of ours or of an editor says; undefined when it is no text. */
export function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}

function noText(name: string, why: string): Failure {
  return new Failure('usage', `${name} is no text: ${why}`, {
    hint: 'save it as UTF-8, or send it along as it is with --attach FILE where a verb takes that',
  });
}
