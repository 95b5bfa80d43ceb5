// The state of a fold as one hash: two that are equal are equal in every row.
import { createHash } from 'node:crypto';
import { Fold } from '../../broker/core/fold.js';
import type { Delivery } from '../../broker/core/words.js';

/** Readable, for a difference to be found; rows with undefined keys equal rows without them. */
export function stateOf(fold: Fold): string {
  const bytesAsHex = (_: string, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
  return JSON.stringify(fold.toSnapshot(), bytesAsHex);
}

export function stateHash(fold: Fold): string {
  return createHash('sha256').update(stateOf(fold)).digest('hex');
}

export function folded(log: readonly Delivery[], fold = new Fold()): Fold {
  for (const delivery of log) fold.commit(delivery);
  return fold;
}
