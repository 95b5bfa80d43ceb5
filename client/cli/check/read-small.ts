// Small text files of others, read if they are there: never a pipe, never more than settings are.
import { readFile, stat } from 'node:fs/promises';
import { clientLimits as limits } from '../../../schemas/limits-client.js';
import { jsonOf, readJson } from '../../setup/edit/json-tree.js';

/** The text; undefined for no file, one that cannot be read, and one that is too large. */
export async function readSmall(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || found.size > limits.setup_file_bytes) return undefined;
  return readFile(path, 'utf8').catch(() => undefined);
}

/** The object in JSON, with comments or without; undefined for what is none. */
export async function readObject(path: string): Promise<Record<string, unknown> | undefined> {
  return objectIn(await readSmall(path));
}

/** The same of a text. */
export function objectIn(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const { root } = readJson(text ?? '');
    const value: unknown = root && jsonOf(root);
    return value instanceof Object && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
