// What a hook is told by its command line and its stdin, before anything is made of it.
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { shortHash } from '../reach/short-hash.js';
import type { Stdin } from '../text.js';

/** The runtime, its event where stdin does not tell it, and which broker is meant. */
export function readWords(words: readonly string[]) {
  const at = words.indexOf('--context');
  const others = at === -1 ? words : words.toSpliced(at, 2);
  const [runtime = '', named] = others.filter(word => !word.startsWith('-'));
  return { runtime, named, context: at === -1 ? undefined : (words[at + 1] ?? '') };
}

/** What is more than any hook says is read and let go: a pipe that breaks would harm the host. */
export async function readAll(stdin: Stdin): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stdin) {
    bytes += part.length;
    if (bytes <= limits.hook_stdin_bytes) parts.push(Buffer.from(part));
  }
  if (bytes > limits.hook_stdin_bytes) throw new Error('stdin is too long for a hook');
  return Buffer.concat(parts).toString();
}

/** The same for a hook that was entered twice; one of them says when it was run. */
export function occasionOf(text: string): string {
  const timeless = text.replace(/"timestamp":\s*"[^"]*"/, '');
  return shortHash(timeless);
}
