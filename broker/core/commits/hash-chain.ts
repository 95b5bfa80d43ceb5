// The hash chain of the log: one digest that stands for all commits up to a place.
import { createHash } from 'node:crypto';

/**
 * SHA-256 over the digest so far and the bytes exactly as received: equal digests mean equal
 * histories. https://en.wikipedia.org/wiki/Hash_chain
 */
export function rollDigest(digest: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(digest).update(bytes).digest();
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
