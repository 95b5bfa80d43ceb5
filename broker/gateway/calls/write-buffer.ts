// A write buffer with backpressure for one socket: all of one turn leaves as one frame.
import { joinFrame } from '../../../schemas/codec.js';
import type { Encoding } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';

/** The writing end of a socket. */
export interface Pipe {
  readonly encoding: Encoding;
  /** Text may come as its bytes. */
  send(frame: Uint8Array | string): void;
  /** Bytes handed over that the kernel has not taken yet. */
  buffered(): number;
}

type Encoded = Uint8Array | string;
/** Undefined when nothing of the message can be said. */
type Encode = (message: object) => Encoded | undefined;

/** What is not to share its frame with others. */
class Lone {
  readonly encoded: Encoded;

  constructor(encoded: Encoded) {
    this.encoded = encoded;
  }
}

/**
 * Messages on their way to one socket, in order. It is writable while fewer than
 * `limits.socket_buffer_bytes` wait; what is put into it beyond that waits, and is not dropped.
 */
export class WriteBuffer {
  readonly #pipe: Pipe;
  readonly #encode: Encode;
  readonly #turns: Turns;
  #messages: (object | Encoded | Lone)[] = [];
  #bytes = 0;
  #resumes: (() => void)[] = [];
  #isScheduled = false;

  constructor(pipe: Pipe, encode: Encode, turns: Turns) {
    this.#pipe = pipe;
    this.#encode = encode;
    this.#turns = turns;
  }

  /** Encoded at once while the socket takes it; behind a reader that stalls it waits as it is. */
  send(message: object): void {
    if (!this.isWritable()) {
      this.#put(message, limits.message_guess_bytes);
      return;
    }
    const encoded = this.#encode(message);
    if (encoded !== undefined) this.sendEncoded(encoded);
  }

  sendEncoded(message: Encoded): void {
    this.#put(message, message.length);
  }

  /** As a frame of its own, in its turn. */
  sendAlone(message: object): void {
    const encoded = this.#encode(message);
    if (encoded !== undefined) this.#put(new Lone(encoded), encoded.length);
  }

  isWritable(): boolean {
    return this.#bytes + this.#pipe.buffered() < limits.socket_buffer_bytes;
  }

  whenWritable(resume: () => void): void {
    this.#resumes.push(resume);
    this.#schedule();
  }

  /** Writes what the socket takes; the rest stays until it drains. */
  readonly flush = (): void => {
    this.#isScheduled = false;
    while (this.#messages.length > 0 && this.#pipe.buffered() < limits.socket_buffer_bytes) {
      const frame = this.#takeFrame();
      if (frame !== undefined) this.#pipe.send(frame);
    }
    if (this.#messages.length > 0 || this.#resumes.length === 0 || !this.isWritable()) return;
    const resumes = this.#resumes;
    this.#resumes = [];
    for (const resume of resumes) resume();
  };

  /** Forgets everything: the socket is gone. */
  drop(): void {
    this.#messages = [];
    this.#resumes = [];
    this.#bytes = 0;
  }

  #put(message: object | Encoded | Lone, bytes: number): void {
    this.#messages.push(message);
    this.#bytes += bytes;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#turns.atEnd(this.flush);
  }

  /** The next messages as one frame of about `limits.write_bytes` at most. */
  #takeFrame(): Encoded | undefined {
    const parts: Encoded[] = [];
    let taken = 0;
    let size = 0;
    for (const message of this.#messages) {
      if (message instanceof Lone) {
        if (taken > 0) break;
        this.#messages.shift();
        this.#bytes -= message.encoded.length;
        return message.encoded;
      }
      const isEncoded = typeof message === 'string' || message instanceof Uint8Array;
      const part = isEncoded ? message : this.#encode(message);
      const length = part?.length ?? 0;
      if (size > 0 && size + length > limits.write_bytes) break;
      taken++;
      size += length;
      this.#bytes -= isEncoded ? length : limits.message_guess_bytes;
      if (part !== undefined) parts.push(part);
    }
    if (taken === this.#messages.length) this.#messages = [];
    else this.#messages.splice(0, taken);
    return parts.length > 0 ? joined(this.#pipe.encoding, parts) : undefined;
  }
}

const [open, comma, close] = ['[', ',', ']'].map(char => Buffer.from(char)) as [
  Buffer,
  Buffer,
  Buffer,
];

/** A lone message as it is, several as a batch; texts of which some are bytes become bytes. */
function joined(encoding: Encoding, parts: readonly Encoded[]): Encoded {
  if (encoding === 'msgpack' || parts.length === 1 || parts.every(isText)) return joinFrame(parts);
  const all = parts.flatMap((part, i) => [i === 0 ? open : comma, Buffer.from(part as string)]);
  return Buffer.concat([...all, close]);
}

function isText(part: Encoded): boolean {
  return typeof part === 'string';
}

/** The turns of the event loop, shared by all sockets. */
export interface Turns {
  /** Which turn this is: promises that settle begin no new one. */
  number(): number;
  /** Runs the task once the input of this turn has been dealt with. */
  atEnd(task: () => void): void;
}

/** What a task throws is told to `onFault`, and keeps no other from running. */
export function createTurns(onFault: (error: unknown) => void): Turns {
  let tasks: (() => void)[] = [];
  let number = 0;
  let isEnding = false;
  const run = (): void => {
    isEnding = false;
    number++;
    const now = tasks;
    tasks = [];
    for (const task of now) {
      try {
        task();
      } catch (error) {
        onFault(error);
      }
    }
  };
  const end = (): void => {
    if (!isEnding) setImmediate(run);
    isEnding = true;
  };
  return {
    number() {
      end();
      return number;
    },
    atEnd(task) {
      tasks.push(task);
      end();
    },
  };
}
