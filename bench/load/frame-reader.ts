// A WebSocket client by hand that costs next to nothing: what it reads is handed on in pieces.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const HEAD_BYTES = 14;
const PING = 0x9;
const PONG = 0x8a;
const BINARY = 0x82;
const TEXT = 0x81;
const FINAL = 0x80;
const MASKED = 0x80;

export interface DialOptions {
  ws: string;
  token: string;
  subprotocol: string;
}

/**
 * Reads frames as https://www.rfc-editor.org/rfc/rfc6455 has them, without putting them together:
 * thousands of them live in one generator, and a whole client each would be what is measured.
 */
export class FrameReader {
  /** Data frames that have begun. */
  frames = 0;
  bytes = 0;
  readonly #socket: Socket;
  readonly #onPiece: (piece: Buffer) => void;
  #head: Buffer = Buffer.alloc(0);
  /** Of the frame under way. */
  #left = 0;
  #isPing = false;

  private constructor(socket: Socket, onPiece: (piece: Buffer) => void) {
    this.#socket = socket;
    this.#onPiece = onPiece;
    socket.on('data', chunk => this.#take(chunk));
    // A host that closes first may do so by a reset.
    socket.on('error', () => {});
  }

  /** Throws when it is not let in. */
  static async dial(
    { ws, token, subprotocol }: DialOptions,
    onPiece: (piece: Buffer) => void,
  ): Promise<FrameReader> {
    const upgrade = request(ws.replace(/^ws/, 'http'), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        authorization: `Bearer ${token}`,
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        'sec-websocket-protocol': subprotocol,
      },
    });
    upgrade.end();
    const refused = once(upgrade, 'response').then(([response]) => {
      throw new Error(`the host answered ${(response as IncomingMessage).statusCode}`);
    });
    const opened = await Promise.race([once(upgrade, 'upgrade'), refused]);
    const [, socket, rest] = opened as [IncomingMessage, Duplex, Buffer];
    const reader = new FrameReader(socket as Socket, onPiece);
    if (rest.length > 0) reader.#take(rest);
    return reader;
  }

  /** Short frames only; a mask of noughts changes nothing. */
  send(frame: Uint8Array | string): void {
    const payload = Buffer.from(frame as string);
    this.#write(typeof frame === 'string' ? TEXT : BINARY, payload);
  }

  /** Reads nothing more, and so holds up whoever writes. */
  stall(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  #write(first: number, payload: Buffer): void {
    const { length } = payload;
    const size = length < 126 ? [MASKED | length] : [MASKED | 126, length >>> 8, length & 0xff];
    this.#socket.write(Buffer.concat([Buffer.from([first, ...size, 0, 0, 0, 0]), payload]));
  }

  #take(chunk: Buffer): void {
    this.bytes += chunk.length;
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0) at = this.#readHead(chunk, at);
      const end = Math.min(chunk.length, at + this.#left);
      if (end === at) continue;
      const piece = chunk.subarray(at, end);
      this.#left -= piece.length;
      at = end;
      if (!this.#isPing) this.#onPiece(piece);
    }
  }

  /** Returns the place after the head, or after what there is of it. */
  #readHead(chunk: Buffer, at: number): number {
    const known = this.#head.length;
    const head =
      known === 0 ? chunk.subarray(at, at + HEAD_BYTES) : Buffer.concat([this.#head, chunk]);
    const size = headSize(head);
    if (head.length < size) {
      this.#head = Buffer.from(head);
      return chunk.length;
    }
    this.#head = Buffer.alloc(0);
    this.#left = payloadSize(head);
    this.#isPing = (head[0]! & 0x0f) === PING;
    if (this.#isPing) this.#write(PONG, Buffer.alloc(0));
    else if ((head[0]! & 0x0f) !== 0 || (head[0]! & FINAL) === 0) this.frames++;
    return at + size - known;
  }
}

function headSize(head: Buffer): number {
  if (head.length < 2) return 2;
  const short = head[1]! & 0x7f;
  return short < 126 ? 2 : short === 126 ? 4 : 10;
}

function payloadSize(head: Buffer): number {
  const short = head[1]! & 0x7f;
  if (short < 126) return short;
  return short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
}
