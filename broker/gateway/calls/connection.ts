// One WebSocket connection: frames in become calls, answers and notifications leave at its pace.
import { CodecError } from '../../../schemas/codec.js';
import { closeCodes, type Encoding } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import { type RefusalName, refuse } from '../../../schemas/refusal.js';
import type { Author } from '../../core/words.js';
import type { Listed } from '../shared/listed.js';
import type { Outlet } from '../shared/outlet.js';
import { encodeMessage, failure, type Reply } from './call-id.js';
import { Caller, type CallerParts, type Channel } from './caller.js';
import { readIncoming } from './incoming.js';
import type { OpenSocket, SocketListener } from './websocket.js';
import { WriteBuffer } from './write-buffer.js';

/** Pings that may go unanswered before a socket counts as gone. */
const PINGS_MISSED = 2;

export interface ConnectionParts extends CallerParts {
  /** A page has to show its code within this time. */
  firstFrameMs: number;
  /** Its author is known, or has begun to speak for a peer. */
  identified(connection: Connection, author: Author): void;
  closed(connection: Connection, code: number): void;
}

/** What stands behind one socket, as its caller, its socket and those who deliver to it see it. */
export class Connection implements Outlet, Channel, SocketListener {
  readonly #socket: OpenSocket;
  readonly #parts: ConnectionParts;
  readonly #buffer: WriteBuffer;
  readonly #caller: Caller;
  #deadline: NodeJS.Timeout | undefined;
  readonly #releases = new Set<() => void>();
  #unheardPings = 0;
  #isPaused = false;
  #isClosing = false;
  #isClosed = false;

  /** `author` is undefined for a page, which must begin with session.start. */
  constructor(socket: OpenSocket, author: Author | undefined, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    const encode = (message: object) => encodeMessage(socket.encoding, message, parts.log);
    this.#buffer = new WriteBuffer(socket, encode, parts.turns);
    this.#caller = new Caller(this, author, parts);
    if (author) parts.identified(this, author);
    else this.#deadline = setTimeout(() => this.dismiss('no first frame'), parts.firstFrameMs);
  }

  // As those who deliver see it.

  get encoding(): Encoding {
    return this.#socket.encoding;
  }

  /** Only read once the caller is known: nobody delivers to a page without a session. */
  get author(): Author {
    return this.#caller.author!;
  }

  send(message: object): void {
    if (!this.#isClosing) this.#buffer.send(message);
  }

  sendEncoded(message: Uint8Array | string): void {
    if (!this.#isClosing) this.#buffer.sendEncoded(message);
  }

  writable(): boolean {
    return this.#buffer.isWritable();
  }

  whenWritable(resume: () => void): void {
    if (!this.#isClosing) this.#buffer.whenWritable(resume);
  }

  fail(): void {
    this.close(closeCodes.internal, 'the broker failed; connect again');
  }

  whenClosed(release: () => void): () => void {
    if (this.#isClosed) release();
    else this.#releases.add(release);
    return () => this.#releases.delete(release);
  }

  // As its caller sees it.

  get outlet(): Outlet {
    return this;
  }

  reply(response: Reply | Listed | undefined, isAlone: boolean): void {
    if (response === undefined || this.#isClosing) return;
    if (isAlone) this.#buffer.sendAlone(response);
    else this.#buffer.send(response);
  }

  isOpen(): boolean {
    return this.#buffer.isWritable();
  }

  whenOpen(resume: () => void): void {
    this.whenWritable(resume);
  }

  eased(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  identified(author: Author): void {
    clearTimeout(this.#deadline);
    // A join may end after the socket did: whoever is gone is not entered again.
    if (this.#isClosed) return;
    this.#parts.identified(this, author);
  }

  dismiss(reason: string): void {
    this.close(closeCodes.policy, reason);
  }

  // As its socket sees it.

  frame(data: Buffer, isBinary: boolean): void {
    if (this.#isClosing) return;
    this.#unheardPings = 0;
    if (isBinary !== (this.encoding === 'msgpack')) {
      this.close(closeCodes.wrong_type, `${this.#socket.encoding} frames only`);
      return;
    }
    // Whoever has shown nothing yet does not get a whole frame's work out of us.
    if (this.#caller.author === undefined && data.length > limits.first_frame_bytes) {
      this.close(closeCodes.too_large, `session.start fits ${limits.first_frame_bytes} bytes`);
      return;
    }
    const items = this.#read(data);
    if (items) this.#caller.receive(items, data.length);
    if (!this.#caller.isBacklogged || this.#isPaused || this.#isClosing) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  ponged(): void {
    this.#unheardPings = 0;
  }

  drained(): void {
    if (!this.#isClosed) this.#buffer.flush();
  }

  closed(code: number): void {
    this.#isClosing = true;
    this.#isClosed = true;
    clearTimeout(this.#deadline);
    this.#buffer.drop();
    this.#caller.close();
    for (const release of this.#releases) release();
    this.#releases.clear();
    this.#parts.closed(this, code);
  }

  // As the gateway sees it.

  /** Asks for a sign of life; ends a socket that owes two. */
  beat(): void {
    // Behind unread bytes no ping arrives, and while we do not read no pong does.
    if (this.#isClosing || this.#isPaused || this.#socket.buffered() > 0) return;
    if (this.#unheardPings === PINGS_MISSED) {
      this.#socket.terminate();
      return;
    }
    this.#unheardPings++;
    this.#socket.ping();
  }

  /** Lets out what was answered, then says goodbye. */
  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#buffer.flush();
    this.#caller.close();
    this.#socket.close(code, reason);
    // Reading on is what lets the goodbye of the other side in.
    this.eased();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** The calls of one frame; a frame that cannot be read is answered, and the socket stays. */
  #read(data: Buffer): readonly unknown[] | undefined {
    try {
      const { items } = readIncoming(this.encoding, data);
      if (items.length <= limits.frame_calls) return items;
      // A MiB holds half a million ones, each of which would have an answer of its own.
      this.#refuseFrame('invalid_request', `Send at most ${limits.frame_calls} calls a frame.`);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.#refuseFrame('parse_error', `Send a valid frame: ${error.message}.`);
    }
    return undefined;
  }

  #refuseFrame(name: RefusalName, message: string): void {
    this.reply(failure(null, refuse(name, message)), true);
  }
}
