// A parcel: rows to be told in chunks, each encoded once however many readers take it.
import { encode, pack, packArray } from '../../../schemas/codec.js';
import type { Encoding } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import type { Row } from '../../core/views/selection.js';

/** A row under its key; null when it is no longer in the view. */
export type Entry = readonly [key: string, row: Row | null];

type Encoded = Uint8Array | string;

/** A part of a parcel, as an encoded array. */
export interface ParcelChunk {
  body: Encoded;
  /** How many entries it holds. */
  count: number;
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
  readonly #cuts: { [E in Encoding]?: Cut } = {};

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
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
      const part = encode(encoding, entry as unknown as object);
      if (parts.length > 0 && size + part.length > limits.view_frame_bytes) break;
      parts.push(part);
      size += part.length;
    }
    cut.next += parts.length;
    const body = encoding === 'json' ? `[${parts.join(',')}]` : packArray(parts as Uint8Array[]);
    return { body, count: parts.length, isLast: cut.next === this.entries.length };
  }
}

/**
 * A notification whose last parameter, called `list`, is an encoded array. The others are plain.
 */
export function frameAround(
  encoding: Encoding,
  method: string,
  params: object,
  list: string,
  body: Encoded,
): Encoded {
  if (encoding === 'json') {
    const head = encode('json', { jsonrpc: '2.0', method, params: { ...params, [list]: [] } });
    // The empty array stands last, so the body takes its place.
    return `${(head as string).slice(0, -4)}${body}}}`;
  }
  const empty = pack({ jsonrpc: '2.0', method, params: { ...params, [list]: [] } });
  return Buffer.concat([empty.subarray(0, -1), body as Uint8Array]);
}
