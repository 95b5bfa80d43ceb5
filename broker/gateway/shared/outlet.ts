// The outlet of a connection, for those who deliver to it: what it may see, and a place to write.
import type { Encoding } from '../../../schemas/frame.js';
import type { Author } from '../../core/words.js';

/** How a stretch of the log is written: as a message, or as server-sent events. */
export type Framing = Encoding | 'events';

/** Where the log is told: all that its fan-out asks of a connection or a stream. */
export interface LogOutlet {
  readonly encoding: Framing;
  /** Whose rights count; changes once, when a bare token begins to speak for a peer. */
  readonly author: Author;
  /** Queues a message already encoded in this outlet's encoding (its bytes may be shared). */
  sendEncoded(message: Uint8Array | string): void;
  /** False while more than `limits.socket_buffer_bytes` wait in the socket. */
  writable(): boolean;
  /** Called once when the socket has room again; never after it closed. */
  whenWritable(resume: () => void): void;
  /** Ends the connection: what it was to be told cannot be told. */
  fail(): void;
  /** Called once when the connection is gone; returns what takes it back. */
  whenClosed(release: () => void): () => void;
}

export interface Outlet extends LogOutlet {
  readonly encoding: Encoding;
  /** Queues a message; all of one turn of the loop leave as one write. */
  send(message: object): void;
}
