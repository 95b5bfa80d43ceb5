// The one file of the bench that knows the ws package: frames out and in, as a guest and as a host.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { type Encoding, SUBPROTOCOLS } from '../schemas/frame.js';
import { limits } from '../schemas/limits.js';

export interface Socket {
  send(frame: Uint8Array): void;
  close(): void;
}

type OnFrame = (frame: Buffer) => void;

/** Connects; throws when it is not let in. */
export async function dial(
  url: string,
  token: string,
  onFrame: OnFrame,
  encoding: Encoding = 'msgpack',
): Promise<Socket> {
  const ws = new WebSocket(url, [SUBPROTOCOLS[encoding]], {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  ws.on('message', data => onFrame(data as Buffer));
  await once(ws, 'open');
  // JSON leaves as text, whatever it is handed over as.
  const isText = encoding === 'json';
  return { send: frame => ws.send(frame, { binary: !isText }), close: () => ws.close() };
}

export interface Listener {
  ws: string;
  close(): Promise<void>;
}

/** A bare server on loopback. */
export async function listen(accept: (socket: Socket) => OnFrame): Promise<Listener> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    maxPayload: limits.frame_bytes,
  });
  server.on('connection', ws => {
    const onFrame = accept(asSocket(ws));
    ws.on('message', data => onFrame(data as Buffer));
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ws: `ws://127.0.0.1:${port}`,
    async close() {
      for (const ws of server.clients) ws.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

function asSocket(ws: WebSocket): Socket {
  return { send: frame => ws.send(frame), close: () => ws.close() };
}
