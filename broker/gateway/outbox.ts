// What waits to be written to one socket: all of one turn leaves as one frame, at its own pace.
import { encode, joinFrame } from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import type { Turns } from './turns.js';

/** The writing end of a socket. */
export interface Pipe {
  send(frame: Uint8Array | string): void;
  /** Bytes handed over that the kernel has not taken yet. */
  buffered(): number;
}

type Encoded = Uint8Array | string;

export class Outbox {
  private readonly pipe: Pipe;
  private readonly encoding: Encoding;
  private readonly turns: Turns;
  private messages: (object | Encoded)[] = [];
  private bytes = 0;
  private resumes: (() => void)[] = [];
  private isScheduled = false;

  constructor(pipe: Pipe, encoding: Encoding, turns: Turns) {
    this.pipe = pipe;
    this.encoding = encoding;
    this.turns = turns;
  }

  /** Encoded at once while the socket takes it; behind a reader that stalls it waits as it is. */
  send(message: object): void {
    if (this.isWritable()) this.sendEncoded(encode(this.encoding, message));
    else this.put(message, limits.message_guess_bytes);
  }

  sendEncoded(message: Encoded): void {
    this.put(message, message.length);
  }

  isWritable(): boolean {
    return this.bytes + this.pipe.buffered() < limits.socket_buffer_bytes;
  }

  whenWritable(resume: () => void): void {
    this.resumes.push(resume);
    this.schedule();
  }

  /** Writes what the socket takes; the rest stays until it drains. */
  readonly flush = (): void => {
    this.isScheduled = false;
    while (this.messages.length > 0 && this.pipe.buffered() < limits.socket_buffer_bytes) {
      this.pipe.send(this.takeFrame());
    }
    if (this.messages.length > 0 || this.resumes.length === 0 || !this.isWritable()) return;
    const resumes = this.resumes;
    this.resumes = [];
    for (const resume of resumes) resume();
  };

  /** Forgets everything: the socket is gone. */
  drop(): void {
    this.messages = [];
    this.resumes = [];
    this.bytes = 0;
  }

  private put(message: object | Encoded, bytes: number): void {
    this.messages.push(message);
    this.bytes += bytes;
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.turns.atEnd(this.flush);
  }

  /** The next messages as one frame of about `limits.write_bytes` at most. */
  private takeFrame(): Encoded {
    const parts: Encoded[] = [];
    let size = 0;
    for (const message of this.messages) {
      const isEncoded = typeof message === 'string' || message instanceof Uint8Array;
      const part = isEncoded ? message : encode(this.encoding, message);
      if (size > 0 && size + part.length > limits.write_bytes) break;
      size += part.length;
      this.bytes -= isEncoded ? part.length : limits.message_guess_bytes;
      parts.push(part);
    }
    if (parts.length === this.messages.length) this.messages = [];
    else this.messages.splice(0, parts.length);
    return joinFrame(parts);
  }
}
