// A scratch buffer for frames: source bytes in front, what is made of them behind, moved not cut.
import { limits } from '../../../schemas/limits.js';

const SOURCE_BYTES = limits.nats_payload_bytes;
const START_BYTES = limits.frame_bytes;

/**
 * Written from front to back, then cut into a frame of its own. There is one, and nothing waits
 * while it is written.
 */
export class ByteSink {
  buffer = Buffer.allocUnsafe(SOURCE_BYTES + START_BYTES);
  view = viewOf(this.buffer);
  /** Where the next byte goes. */
  at: number = SOURCE_BYTES;
  #source: Uint8Array | undefined;

  /** Forgets what was written. */
  begin(): void {
    this.at = SOURCE_BYTES;
    this.#source = undefined;
    // One huge frame must not be held for good.
    if (this.buffer.length > SOURCE_BYTES + 4 * START_BYTES) this.#resize(START_BYTES);
  }

  /** Makes the bytes readable at the buffer's front: at 0, whatever they were part of. */
  load(source: Uint8Array): void {
    if (source === this.#source) return;
    if (source.length > SOURCE_BYTES) throw new RangeError(`${source.length} bytes are no commit`);
    this.buffer.set(source, 0);
    this.#source = source;
  }

  /** Room for so many more bytes. */
  reserve(bytes: number): void {
    const needed = this.at + bytes - SOURCE_BYTES;
    if (this.at + bytes > this.buffer.length) this.#resize(2 * needed);
  }

  /** Writes bytes of the source; there must be room. */
  copy(from: number, to: number): void {
    this.buffer.copyWithin(this.at, from, to);
    this.at += to - from;
  }

  /** Writes these bytes; there must be room. */
  put(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** What was written since `begin`, in a buffer of its own. */
  end(): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.at - SOURCE_BYTES);
    bytes.set(this.buffer.subarray(SOURCE_BYTES, this.at));
    return bytes;
  }

  #resize(bytes: number): void {
    const larger = Buffer.allocUnsafe(SOURCE_BYTES + bytes);
    larger.set(this.buffer.subarray(0, Math.min(this.at, larger.length)));
    this.buffer = larger;
    this.view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
