// A broker that a test scripts: it answers, keeps silent, cuts and closes as it is told.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { type WebSocket, WebSocketServer } from 'ws';
import { decode, encode } from '../../schemas/codec.js';
import type { Encoding } from '../../schemas/frame.js';
import { idTime } from '../../schemas/uuid.js';

type Fields = Record<string, unknown>;
export interface Heard {
  /** Which connection it came on, counted from 1. */
  on: number;
  id: number;
  method: string;
  params: Fields;
}

/** What to do about a request: answer it, refuse it, or nothing. */
interface Refused {
  refusal: string;
  retry?: boolean;
  retry_after_s?: number;
  time?: number;
}

export type Reply = { result: Fields } | Refused | undefined;
export type Script = (heard: Heard, broker: FakeBroker) => Reply | 'usual';

/** By how much this broker's clock is off, to see whose time the ids are on. */
const OFF_MS = -3_600_000;

const usual: Record<string, (heard: Heard) => Fields> = {
  'peer.whoami': () => ({ cursor: 'log.0.0', time: Date.now() + OFF_MS }),
  'session.start': ({ on }) => ({
    resume: `resume-${on}`,
    time: Date.now() + OFF_MS,
    cursor: 'log.0.0',
  }),
  'peer.join': ({ params }) => joined(params),
  'peer.attach': ({ params }) => joined(params),
};

function joined({ peer, name }: Fields): Fields {
  return { peer, name: name ?? 'web', generation: 0, cursor: 'log.0.0', time: Date.now() + OFF_MS };
}

export class FakeBroker {
  readonly heard: Heard[] = [];
  connections = 0;
  /** The subprotocol and credential of each upgrade. */
  readonly upgrades: { protocol: string | undefined; authorization: string | undefined }[] = [];
  script: Script = () => 'usual';
  private readonly http: Server;
  private readonly sockets = new WebSocketServer({ noServer: true });
  private socket: WebSocket | undefined;
  private encoding: Encoding = 'json';
  private watchers: (() => void)[] = [];

  constructor(status?: number) {
    this.http = createServer();
    this.http.on('upgrade', (request, socket, head) => {
      const { 'sec-websocket-protocol': protocol, authorization } = request.headers;
      this.upgrades.push({ protocol, authorization });
      if (status) socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`);
      else this.sockets.handleUpgrade(request, socket, head, taken => this.take(taken));
    });
  }

  async listen(port = 0): Promise<this> {
    this.http.listen(port, '127.0.0.1');
    await once(this.http, 'listening');
    return this;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Says something unasked on the newest connection. */
  notify(method: string, params: Fields): void {
    this.send({ jsonrpc: '2.0', method, params });
  }

  answer(id: number, result: Fields): void {
    this.send({ jsonrpc: '2.0', id, result });
  }

  /** Cuts the newest connection without a word, or closes it with a code. */
  cut(code?: number): void {
    if (code) this.socket?.close(code);
    else this.socket?.terminate();
  }

  raw(text: string): void {
    this.socket?.send(text);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.http.closeAllConnections();
    if (this.http.listening) await new Promise(done => this.http.close(done));
  }

  /** Resolves when `count` requests of the method were heard, with all of them. */
  async hears(method: string, count = 1): Promise<Heard[]> {
    for (;;) {
      const found = this.heard.filter(each => each.method === method);
      if (found.length >= count) return found;
      await new Promise<void>(look => this.watchers.push(look));
    }
  }

  private take(socket: WebSocket): void {
    const on = ++this.connections;
    this.socket = socket;
    this.encoding = socket.protocol.endsWith('json') ? 'json' : 'msgpack';
    socket.on('message', (data: Buffer) => {
      const { id, method, params } = decode(this.encoding, data) as Omit<Heard, 'on'>;
      this.hear({ on, id, method, params });
    });
    socket.on('error', () => {});
  }

  private hear(heard: Heard): void {
    this.heard.push(heard);
    const scripted = this.script(heard, this);
    const reply = scripted === 'usual' ? this.usual(heard) : scripted;
    if (reply) this.reply(heard.id, reply);
    for (const look of this.watchers.splice(0)) look();
  }

  private usual(heard: Heard): Reply {
    return { result: usual[heard.method]?.(heard) ?? {} };
  }

  private reply(id: number, reply: Exclude<Reply, undefined>): void {
    if ('result' in reply) {
      this.answer(id, reply.result);
      return;
    }
    const data = { ...reply, retry: reply.retry ?? false };
    this.send({ jsonrpc: '2.0', id, error: { code: -32_000, message: reply.refusal, data } });
  }

  private send(message: object): void {
    this.socket?.send(encode(this.encoding, message));
  }
}

/** True when the command id was minted on the broker's time. */
export function isOnBrokerTime({ params }: Heard): boolean {
  return Math.abs(idTime(String(params.id)) - (Date.now() + OFF_MS)) < 60_000;
}

/** Starts a fake broker that is closed when the test ends; `status` refuses every upgrade. */
export async function fakeBroker(t: Test, script?: Script, status?: number): Promise<FakeBroker> {
  const broker = await new FakeBroker(status).listen();
  if (script) broker.script = script;
  t.teardown(() => broker.close());
  return broker;
}
