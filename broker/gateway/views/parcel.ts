// A parcel: rows to be told in chunks, each put together once however many readers take it.
import { packArray } from '../../../schemas/codec.js';
import type { Encoding } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import type { Encoded } from '../shared/listed.js';
import type { EncodedRows, Entry } from './encoded-rows.js';

/** A part of a parcel, as an encoded array. */
export interface ParcelChunk {
  body: Encoded;
  isLast: boolean;
}

/** The chunks that are made, and where the next one begins. */
interface Cut {
  chunks: ParcelChunk[];
  next: number;
}

/** Rows stand as they were told, so a parcel may be read at any pace. */
export class Parcel {
  readonly entries: readonly Entry[];
  readonly #encoded: EncodedRows;
  readonly #cuts: { [E in Encoding]?: Cut } = {};

  constructor(entries: readonly Entry[], encoded: EncodedRows) {
    this.entries = entries;
    this.#encoded = encoded;
  }

  /** The chunk of this number, of about `limits.view_frame_bytes`; the last one may be empty. */
  chunk(encoding: Encoding, number: number): ParcelChunk {
    const cut = this.#cuts[encoding] ?? { chunks: [], next: 0 };
    this.#cuts[encoding] = cut;
    while (cut.chunks.length <= number) cut.chunks.push(this.#cutNext(encoding, cut));
    return cut.chunks[number]!;
  }

  #cutNext(encoding: Encoding, cut: Cut): ParcelChunk {
    const parts: Encoded[] = [];
    let size = 0;
    for (const entry of this.entries.slice(cut.next, cut.next + limits.list_items)) {
      const part = this.#encoded.of(encoding, entry);
      if (parts.length > 0 && size + part.length > limits.view_frame_bytes) break;
      parts.push(part);
      size += part.length;
    }
    cut.next += parts.length;
    const body = encoding === 'json' ? `[${parts.join(',')}]` : packArray(parts as Uint8Array[]);
    return { body, isLast: cut.next === this.entries.length };
  }
}
