// The encoded rows (memoisation): a row is encoded once, however many watchers and frames take it.
import { encode } from '../../../schemas/codec.js';
import type { Encoding } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import type { Row } from '../../core/views/selection.js';
import type { Encoded } from '../shared/listed.js';

/** A row under its key; null when it is no longer in the view. */
export type Entry = readonly [key: string, row: Row | null];

/**
 * A row stands as it was told and has one key, so its bytes go by the row itself, and with it. What
 * has gone is counted too until `limits.view_bytes` are full: then all is forgotten at once.
 * https://en.wikipedia.org/wiki/Memoization
 */
export class EncodedRows {
  #known: Record<Encoding, WeakMap<Row, Encoded>> = nothingKnown();
  #bytes = 0;

  /** How many bytes are held at most. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entry as an array of two. */
  of(encoding: Encoding, entry: Entry): Encoded {
    const [, row] = entry;
    if (row === null) return encode(encoding, entry as unknown as object);
    const known = this.#known[encoding].get(row);
    if (known !== undefined) return known;
    const encoded = encode(encoding, entry as unknown as object);
    if (this.#bytes + encoded.length > limits.view_bytes) this.forget();
    this.#bytes += encoded.length;
    // A copy, since the packer gives a part of a page that it would keep whole.
    const kept = typeof encoded === 'string' ? encoded : new Uint8Array(encoded);
    this.#known[encoding].set(row, kept);
    return kept;
  }

  /** Nobody watches any more, or there is too much. */
  forget(): void {
    this.#known = nothingKnown();
    this.#bytes = 0;
  }
}

function nothingKnown(): Record<Encoding, WeakMap<Row, Encoded>> {
  return { json: new WeakMap(), msgpack: new WeakMap() };
}
