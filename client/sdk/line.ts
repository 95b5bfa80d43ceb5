// One socket at a time: opens it, writes and reads its frames, and says which socket spoke.
import { CodecError } from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import type { Lost } from './life.js';
import { type Dial, type Heard, read, type Socket, write } from './wire.js';

/** What the line tells of the socket with this number. */
export interface LineListener {
  opened(socket: number): void;
  heard(socket: number, message: Heard): void;
  lost(socket: number, why: Lost): void;
}

const CLOSED_BY_US = 1003;

/** The one socket of now. */
export class Line {
  readonly #dial: Dial;
  readonly #encoding: Encoding;
  readonly #listener: LineListener;
  #socket: Socket | undefined;

  constructor(dial: Dial, encoding: Encoding, listener: LineListener) {
    this.#dial = dial;
    this.#encoding = encoding;
    this.#listener = listener;
  }

  dial(number: number, url: string): void {
    const socket = this.#dial(url, this.#encoding, {
      opened: () => this.#listener.opened(number),
      lost: why => this.#listener.lost(number, why),
      heard: frame => {
        try {
          for (const message of read(this.#encoding, frame)) this.#listener.heard(number, message);
        } catch (error) {
          if (!(error instanceof CodecError)) throw error;
          // Nobody can tell which call this was about: begin anew, where each is repeated.
          const message = `the broker sent what is no answer: ${error.message}`;
          this.#listener.lost(number, { how: 'closed', code: CLOSED_BY_US, message });
          socket.close();
        }
      },
    });
    this.#socket = socket;
  }

  /** Throws RefusalError, without sending, when no broker would take the frame. */
  send(id: number, method: string, params: object): void {
    this.#socket?.send(write(this.#encoding, id, method, params));
  }

  hangUp(): void {
    this.#socket?.close();
  }
}
