// The WebSocket client of the bench reads what a real server sends, and answers its pings.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { type WebSocket, WebSocketServer } from 'ws';
import { FrameReader } from '../../bench/load/frame-reader.js';

t.test('frames of every size of head are read whole, and pings are answered', async t => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connected = once(server, 'connection');
  const pieces: Buffer[] = [];
  const options = { ws: `ws://127.0.0.1:${port}`, token: 'any', subprotocol: 'any' };
  const reader = await FrameReader.dial(options, piece => pieces.push(piece));
  t.teardown(() => reader.close());
  const [socket] = (await connected) as [WebSocket];

  const heard = once(socket, 'message');
  reader.send(Buffer.alloc(300, 7));
  const [said] = (await heard) as [Buffer];
  t.same(said, Buffer.alloc(300, 7), 'what it sends arrives');

  const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000];
  for (const size of sizes) socket.send(Buffer.alloc(size, size % 251));
  const ponged = once(socket, 'pong');
  socket.ping();
  await ponged;
  const expected = Buffer.concat(sizes.map(size => Buffer.alloc(size, size % 251)));
  t.ok(Buffer.concat(pieces).equals(expected));
  t.equal(reader.frames, sizes.length);
});
