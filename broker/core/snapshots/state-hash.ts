// The state hash: two folds are equal in every row when their hashes are.
import { createHash } from 'node:crypto';
import type { Fold } from '../fold.js';
import { tableFrames } from '../rows/frames.js';

/**
 * SHA-256 over all rows in hex, keys in order, whether the fold was replayed or restored. Takes as
 * long as writing a snapshot. Only brokers of one `foldVersion` can be held against each other.
 */
export function stateHash({ sequence, table }: Fold): string {
  const hash = createHash('sha256').update(`${sequence}`);
  for (const { name, data } of tableFrames(table, inOrder)) hash.update(name).update(data);
  return hash.digest('hex');
}

/** JSON with the keys of objects in order, and without those that are undefined. */
function inOrder(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(inOrder).join(',')}]`;
  const row = value as Record<string, unknown>;
  const keys = Object.keys(row).filter(key => row[key] !== undefined);
  return `{${keys
    .sort()
    .map(key => `${JSON.stringify(key)}:${inOrder(row[key])}`)
    .join(',')}}`;
}
