// The hash chain of the log: one digest that stands for all commits up to a place.
import { createHash } from 'node:crypto';

/**
 * SHA-256 over the digest so far and the bytes exactly as received: equal digests mean equal
 * histories. https://en.wikipedia.org/wiki/Hash_chain
 */
export function rollDigest(digest: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(digest).update(bytes).digest();
}
