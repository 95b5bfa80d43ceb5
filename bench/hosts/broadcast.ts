// The floors of P3 and P6: what the publisher sends goes to every reader, one send per event.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HostProgram } from '../programs.js';
import { serve } from '../serve.js';
import { type Listener, listen, type Socket } from '../wire.js';

/** https://www.rfc-editor.org/rfc/rfc6455#section-1.3 */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const BINARY = 0x82;

const closers: (() => void)[] = [];
const readers = new Set<Socket>();
const bare = new Set<Duplex>();

const program: HostProgram = {
  async open({ writer }) {
    const publisher = await listening(() => frame => {
      for (const reader of readers) reader.send(frame);
      if (bare.size === 0) return;
      const bytes = Buffer.concat([headOf(frame.length), frame]);
      for (const socket of bare) socket.write(bytes);
    });
    const guests = writer === 'socket' ? await bareGuests() : (await listening(enter)).ws;
    const nats = { version: 'none', pid: process.pid };
    return { ws: guests, publish: publisher.ws, token: '', nats, durability: 'none' };
  },
};

async function listening(accept: Parameters<typeof listen>[0]): Promise<Listener> {
  const listener = await listen(accept);
  closers.push(() => listener.close());
  return listener;
}

function enter(socket: Socket): () => void {
  readers.add(socket);
  return () => {};
}

/** Sockets that are written to with nothing between: no server could do less for a frame. */
async function bareGuests(): Promise<string> {
  const server = createServer();
  server.on('upgrade', (req, socket: Duplex) => {
    const key = createHash('sha1').update(`${req.headers['sec-websocket-key']}${GUID}`);
    const head = [
      'HTTP/1.1 101 Switching Protocols',
      'Connection: Upgrade',
      'Upgrade: websocket',
      `Sec-WebSocket-Protocol: ${req.headers['sec-websocket-protocol']}`,
      `Sec-WebSocket-Accept: ${key.digest('base64')}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    bare.add(socket);
    socket.on('error', () => bare.delete(socket));
    socket.on('close', () => bare.delete(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function headOf(length: number): Buffer {
  return length < 126
    ? Buffer.from([BINARY, length])
    : Buffer.from([BINARY, 126, length >>> 8, length & 0xff]);
}

serve(program, async () => {
  for (const close of closers) close();
});
