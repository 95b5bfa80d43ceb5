// The very same frame to one socket after the other arrives as any other frame does.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { WebSocket } from 'ws';
import { createUpgrader, type OpenSocket } from '../../broker/gateway/calls/websocket.js';
import { type Encoding, SUBPROTOCOLS } from '../../schemas/frame.js';

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 200_000];
const silent = { frame() {}, ponged() {}, drained() {}, closed() {} };

for (const encoding of Object.keys(SUBPROTOCOLS) as Encoding[]) {
  t.test(`${encoding}: shared frames, lone ones and texts keep their kind and order`, async t => {
    const upgrader = createUpgrader(1_000, error => t.fail(String(error)));
    const opened: OpenSocket[] = [];
    const server = createServer();
    server.on('upgrade', (req, socket, head) => {
      upgrader.upgrade(req, socket, head, open => {
        opened.push(open);
        return silent;
      });
    });
    server.listen(0, '127.0.0.1');
    t.teardown(() => server.close());
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const guests = await Promise.all([1, 2, 3].map(() => dial(url, encoding)));
    t.teardown(() => {
      for (const { ws } of guests) ws.terminate();
    });
    const shared = SIZES.map(size => Buffer.alloc(size, 'a'));
    for (const frame of shared) for (const socket of opened) socket.send(frame);
    for (const socket of opened) socket.send('alone');
    const expected = [...SIZES.map(size => 'a'.repeat(size)), 'alone'];
    for (const { came, done } of guests) {
      await done(expected.length);
      t.ok(came.every(({ text }, i) => text === expected[i]));
      t.ok(came.every(({ isBinary }) => isBinary === (encoding === 'msgpack')));
    }

    const [gone, there] = opened as [OpenSocket, OpenSocket];
    gone.close(1000, 'bye');
    const last = Buffer.from('last');
    for (const socket of [there, gone, there]) socket.send(last);
    await Promise.any(guests.map(({ ws }) => once(ws, 'close')));
    const lasts = () => guests.map(({ came }) => came.filter(({ text }) => text === 'last').length);
    await Promise.any(guests.map(({ done }) => done(expected.length + 2)));
    t.same(lasts().sort(), [0, 0, 2], 'whoever was bidden goodbye is told nothing more');
  });
}

interface Came {
  text: string;
  isBinary: boolean;
}

async function dial(url: string, encoding: Encoding) {
  const ws = new WebSocket(url, [SUBPROTOCOLS[encoding]]);
  const came: Came[] = [];
  let look = () => {};
  ws.on('message', (data, isBinary) => {
    came.push({ text: String(data), isBinary });
    look();
  });
  await once(ws, 'open');
  const done = (count: number) =>
    new Promise<void>(resolve => {
      look = () => came.length >= count && resolve();
      look();
    });
  return { ws, came, done };
}
