// A message with an encoded list at its end (splicing): what many are told is not encoded for each.
import type { Encoding } from '../../../schemas/frame.js';

/** In the encoding of who it is for. */
export type Encoded = Uint8Array | string;

/** A message whose last value, however deep, is an empty array; `list` belongs in its place. */
export class Listed {
  readonly message: object;
  readonly list: Encoded;

  constructor(message: object, list: Encoded) {
    this.message = message;
    this.list = list;
  }

  /** The whole of it; `encode` is told to encode the message without its list. */
  encoded(encoding: Encoding, encode: (encoding: Encoding, message: object) => Encoded): Encoded {
    const around = encode(encoding, this.message);
    if (typeof around !== 'string') {
      return Buffer.concat([around.subarray(0, -1), this.list as Uint8Array]);
    }
    const end = around.lastIndexOf('[]');
    return `${around.slice(0, end)}${this.list}${around.slice(end + 2)}`;
  }
}
