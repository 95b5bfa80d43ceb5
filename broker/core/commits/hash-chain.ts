// The hash chain of the log: one digest that stands for all commits up to a place.
import { createHash, hash } from 'node:crypto';

const DIGEST = 32;
/** A digest and the commit after it lie here, one behind the other, for as long as a call takes. */
const joined = Buffer.alloc(65_536);

/**
 * SHA-256 over the digest so far and the bytes exactly as received: equal digests mean equal
 * histories. https://en.wikipedia.org/wiki/Hash_chain
 */
export function rollDigest(digest: Uint8Array, bytes: Uint8Array): Uint8Array {
  const length = DIGEST + bytes.length;
  if (digest.length !== DIGEST || length > joined.length) {
    return createHash('sha256').update(digest).update(bytes).digest();
  }
  joined.set(digest, 0);
  joined.set(bytes, DIGEST);
  // Without an object whose end the garbage collector has to wait for.
  return hash('sha256', joined.subarray(0, length), 'buffer');
}

/**
 * The digest after one commit of a stretch, reckoned when somebody asks: most readers ask at few
 * places. Until then it holds the bytes of its commit, and of those before it.
 */
export class LazyDigest {
  /** Bytes that wait to be hashed, these and earlier ones. */
  waiting: number;
  #digest: Uint8Array | undefined;
  #before: LazyDigest | undefined;
  #bytes: Uint8Array | undefined;

  private constructor(digest?: Uint8Array, before?: LazyDigest, bytes?: Uint8Array) {
    this.#digest = digest;
    this.#before = before;
    this.#bytes = bytes;
    this.waiting = (before?.waiting ?? 0) + (bytes?.length ?? 0);
  }

  static known(digest: Uint8Array): LazyDigest {
    return new LazyDigest(digest);
  }

  /** The digest after the commit that follows. */
  next(bytes: Uint8Array): LazyDigest {
    return new LazyDigest(undefined, this, bytes);
  }

  get value(): Uint8Array {
    const rest: LazyDigest[] = [];
    let link: LazyDigest = this;
    for (; link.#digest === undefined; link = link.#before!) rest.push(link);
    let digest = link.#digest;
    for (const next of rest.reverse()) {
      digest = rollDigest(digest, next.#bytes!);
      next.#settle(digest);
    }
    return digest;
  }

  #settle(digest: Uint8Array): void {
    this.#digest = digest;
    this.#before = undefined;
    this.#bytes = undefined;
    this.waiting = 0;
  }
}
