// WebSockets: an upgraded request becomes an open socket; the only broker file that knows ws.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { closeCodes, type Encoding, SUBPROTOCOLS } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import { type Rejection, reject } from '../shared/rejection.js';
import type { Pipe } from './write-buffer.js';

/** One open WebSocket, as little of it as a connection needs. */
export interface OpenSocket extends Pipe {
  readonly encoding: Encoding;
  ping(): void;
  pause(): void;
  resume(): void;
  /** Says goodbye behind what was sent. */
  close(code: number, reason: string): void;
  terminate(): void;
}

export interface SocketListener {
  frame(data: Buffer, isBinary: boolean): void;
  ponged(): void;
  /** The kernel has taken everything that was sent. */
  drained(): void;
  closed(code: number): void;
}

export interface Upgrader {
  /** Why the upgrade cannot be: its subprotocols are all unknown. */
  objection(req: IncomingMessage): Rejection | undefined;
  upgrade(
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    accept: (socket: OpenSocket) => SocketListener,
  ): void;
}

const known = new Map<string, Encoding>(
  (Object.keys(SUBPROTOCOLS) as Encoding[]).map(encoding => [SUBPROTOCOLS[encoding], encoding]),
);

/**
 * A socket that does not answer our goodbye is cut off after `closeMs`. What a listener throws ends
 * its own socket, and `onFault` is told.
 */
export function createUpgrader(closeMs: number, onFault: (error: unknown) => void): Upgrader {
  // The types of ws do not know closeTimeout yet.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.frame_bytes,
    maxFragments: limits.frame_fragments,
    closeTimeout: closeMs,
    handleProtocols: offered => [...offered].find(name => known.has(name)) ?? false,
  };
  const server = new WebSocketServer(options);
  return {
    objection(req) {
      const offered = req.headers['sec-websocket-protocol'];
      if (offered === undefined) return undefined;
      if (offered.split(',').some(name => known.has(name.trim()))) return undefined;
      return reject(400, 'invalid', `Offer the subprotocol ${[...known.keys()].join(' or ')}.`);
    },
    upgrade(req, socket, head, accept) {
      server.handleUpgrade(req, socket, head, ws => listen(ws, socket, accept, onFault));
    },
  };
}

function listen(
  ws: WebSocket,
  socket: Duplex,
  accept: (socket: OpenSocket) => SocketListener,
  onFault: (error: unknown) => void,
): void {
  const guard = (run: () => void) => {
    try {
      run();
    } catch (error) {
      onFault(error);
      ws.close(closeCodes.internal, 'the broker failed; connect again');
    }
  };
  const encoding = known.get(ws.protocol) ?? 'json';
  // A text may come as its bytes, which ws would take for binary.
  const framing = { binary: encoding === 'msgpack' };
  const listener = accept({
    encoding,
    send(frame) {
      const whole = framed(frame, encoding);
      if (whole === undefined) ws.send(frame, framing);
      else if (ws.readyState === ws.OPEN) socket.write(whole);
    },
    buffered: () => socket.writableLength,
    ping: () => ws.ping(),
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
  });
  ws.on('message', (data, isBinary) => guard(() => listener.frame(data as Buffer, isBinary)));
  ws.on('pong', () => guard(() => listener.ponged()));
  socket.on('drain', () => guard(() => listener.drained()));
  // ws itself answers a broken frame with the right close code; its 'close' follows.
  ws.on('error', () => {});
  ws.on('close', code => guard(() => listener.closed(code)));
}

const BINARY = 0x82;
const TEXT = 0x81;
/** A frame that was sent just now, and the bytes of a socket that say it. */
let last: Uint8Array | string | undefined;
let lastBytes: Buffer | undefined;

/**
 * What a socket is written for a frame: its head and itself as one buffer, which costs less than
 * two, made once for what goes to one after the other. Undefined for what is long and goes to one
 * alone: ws does not copy it. https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
function framed(frame: Uint8Array | string, encoding: Encoding): Buffer | undefined {
  const isRepeat = frame === last;
  if (isRepeat && lastBytes !== undefined) return lastBytes;
  last = frame;
  lastBytes = undefined;
  if (isRepeat || frame.length <= limits.copied_frame_bytes) lastBytes = withHead(frame, encoding);
  return lastBytes;
}

function withHead(frame: Uint8Array | string, encoding: Encoding): Buffer {
  const isText = typeof frame === 'string';
  const length = isText ? Buffer.byteLength(frame) : frame.length;
  const at = length < 126 ? 2 : length <= 0xffff ? 4 : 10;
  const whole = Buffer.allocUnsafe(at + length);
  whole[0] = encoding === 'json' ? TEXT : BINARY;
  whole[1] = at === 2 ? length : at === 4 ? 126 : 127;
  if (at === 4) whole.writeUInt16BE(length, 2);
  if (at === 10) whole.writeBigUInt64BE(BigInt(length), 2);
  if (isText) whole.write(frame, at);
  else whole.set(frame, at);
  return whole;
}
