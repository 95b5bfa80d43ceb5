// A gateway over a fake broker, and guests that come to it as raw bytes, as sockets or by POST.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';
import { type ClientOptions, WebSocket } from 'ws';
import type { InboxDelivery } from '../../broker/gateway/inbox/inbox-delivery.js';
import { LeaseWaits } from '../../broker/gateway/leases/lease-waits.js';
import type { Fanout } from '../../broker/gateway/observe/fanout.js';
import { createGateway, type Gateway, type GatewayConfig } from '../../broker/gateway/server.js';
import { decode } from '../../schemas/codec.js';
import { FakeDoor } from '../gateway/fake-door.js';

export const OPERATOR_TOKEN = 'operator-token-of-this-test-0123456789';
export const UUID = '01890000-0000-7000-8000-000000000001';

export interface House {
  door: FakeDoor;
  gateway: Gateway;
  /** What was handed to the fan-out and to the inbox delivery, in order. */
  delivered: unknown[][];
  logged: string[];
}

export async function house(t: Test, more: Partial<GatewayConfig> = {}): Promise<House> {
  const door = new FakeDoor();
  const delivered: unknown[][] = [];
  const logged: string[] = [];
  const note = (facts: object, message: string) =>
    void logged.push(JSON.stringify([facts, message]));
  const gateway = await createGateway({
    door,
    fanout: fakeFanout(delivered),
    inbox: fakeInbox(delivered),
    leases: new LeaseWaits(door),
    host: '127.0.0.1',
    port: 0,
    allowedHosts: ['box.example'],
    operatorToken: OPERATOR_TOKEN,
    sessionKey: 'a session key',
    log: { info: note, warn: note, error: note },
    openrpc: () => ({ openrpc: '1.3.2' }),
    ...more,
  });
  t.teardown(() => gateway.close());
  return { door, gateway, delivered, logged };
}

function fakeFanout(delivered: unknown[][]): Fanout {
  return {
    async observe(outlet, params) {
      delivered.push(['observe', outlet, params]);
      return { subscription: 'sub_1' };
    },
    async read(author, params) {
      delivered.push(['read page', author, params]);
      return { records: [], after: 'a', to: 'b', end: true };
    },
    async histogram(author, params) {
      delivered.push(['histogram', author, params]);
      return { at: 'a', buckets: [] };
    },
    unobserve: (_outlet, subscription) => subscription === 'sub_1',
    close() {},
    stats: () => ({ subscriptions: 0, behind: 0, behindCommits: 0, ringCommits: 0 }),
  };
}

function fakeInbox(delivered: unknown[][]): InboxDelivery {
  return {
    subscribed: (outlet, generation) => void delivered.push(['subscribed', outlet, generation]),
    async read(author, params) {
      delivered.push(['read', author, params]);
      return { result: { items: [], remaining: 0, generation: 0 } };
    },
    async waitForAsk(author, params) {
      delivered.push(['wait', author, params]);
      return { result: { ask: params.ask, state: 'open' } };
    },
    close() {},
  };
}

export const bearer = (secret: string = OPERATOR_TOKEN) => ({ Authorization: `Bearer ${secret}` });

/** What tests look into; the rest they match. A batch is an array of these. */
export interface Frame {
  result: Record<string, unknown>;
  error: unknown;
}

/** A socket that keeps every frame it got, and can wait for the next. */
export class Guest {
  readonly ws: WebSocket;
  readonly frames: unknown[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private read = 0;
  private wake = () => {};

  constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data, isBinary) => {
      this.frames.push(decode(isBinary ? 'msgpack' : 'json', data as Buffer));
      this.wake();
    });
    this.closed = new Promise(resolve => {
      ws.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    ws.on('error', () => {});
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  async next(): Promise<Frame> {
    while (this.read >= this.frames.length) {
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
    return this.frames[this.read++] as Frame;
  }

  call(id: number, method: string, params?: object): Promise<Frame> {
    this.send({ jsonrpc: '2.0', id, method, params });
    return this.next();
  }
}

/** Connects; rejects with the status when the upgrade is refused. */
export function visit(
  t: Test,
  { gateway }: { gateway: Gateway },
  headers: Record<string, string> = bearer(),
  protocols: string[] = [],
  options: ClientOptions = {},
): Promise<Guest> {
  const url = `ws://127.0.0.1:${gateway.port}/ws`;
  const ws = new WebSocket(url, protocols, { headers, ...options });
  const guest = new Guest(ws);
  t.teardown(() => ws.terminate());
  return new Promise((resolve, reject) => {
    ws.on('open', () => resolve(guest));
    ws.on('unexpected-response', (_req, res) => {
      reject(new Error(`status ${res.statusCode}`));
      res.resume();
    });
  });
}

/** Sends bytes as they are and resolves with all that came back, once the other side closed. */
export async function raw(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = await dial(port);
  const said = hear(socket);
  for (const part of parts) socket.write(part);
  return said;
}

export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

export async function hear(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', chunk => chunks.push(chunk));
  socket.on('error', () => {});
  await new Promise(resolve => socket.on('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

export function post(
  { gateway }: { gateway: Gateway },
  body: unknown,
  headers: Record<string, string> = bearer(),
): Promise<Response> {
  return fetch(`${gateway.url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
