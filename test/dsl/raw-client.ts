// A client written only from PROTOCOL.md, with raw `ws` and no line of Signalbox's own code.
import { randomBytes } from 'node:crypto';
import { decode, encode } from '@msgpack/msgpack';
import type { Test } from 'tap';
import { type ClientOptions, WebSocket } from 'ws';

export type Encoding = 'json' | 'msgpack';
export const encodings: readonly Encoding[] = ['json', 'msgpack'];
export type Fields = Record<string, unknown>;

/** Msgpack by a foreign library, so that two implementations must agree; plain values only. */
const PLAIN = { ignoreUndefined: true, maxBinLength: 0, maxExtLength: 0 };

/** The error object of an answer. */
export class Refused extends Error {
  readonly code: number;
  readonly data: Fields & { refusal: string; retry: boolean };

  constructor(error: { code: number; message: string; data: Refused['data'] }) {
    super(error.message);
    this.code = error.code;
    this.data = error.data;
  }

  get refusal(): string {
    return this.data.refusal;
  }
}

/** The socket closed before the answer came: nobody knows yet whether it took effect. */
export class HungUp extends Error {}

/** The upgrade was answered by plain HTTP. */
export class TurnedAway extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

/** A uuid v7: 48 bits of time in ms, then the version, the variant and chance. */
export function uuid(time: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(time, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, i) => hex.slice(cuts[i], end))
    .join('-');
}

export interface Address {
  /** `ws://…/ws` */
  ws: string;
  /** What stands after `Bearer`. */
  credential?: string;
  encoding?: Encoding;
  headers?: Record<string, string>;
  options?: ClientOptions;
}

interface Frame extends Fields {
  id?: number;
  method?: string;
  params?: Fields;
  result?: unknown;
  error?: ConstructorParameters<typeof Refused>[0];
}

type Listener = (method: string, params: Fields) => void;

export class Guest {
  readonly ws: WebSocket;
  readonly encoding: Encoding;
  /** Every notification, in order. */
  readonly heard: { method: string; params: Fields }[] = [];
  /** Answers to frames that bore no id of a call. */
  readonly strays: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  isOpen = true;
  private count = 0;
  private readonly calls = new Map<number, (frame: Frame | undefined) => void>();
  private readonly listeners = new Set<Listener>();
  private readonly onStray = new Set<() => void>();

  constructor(ws: WebSocket, encoding: Encoding) {
    this.ws = ws;
    this.encoding = encoding;
    ws.on('message', (data, isBinary) => this.receive(data as Buffer, isBinary));
    this.closed = new Promise(resolve => {
      ws.on('close', (code, reason) => {
        this.isOpen = false;
        for (const settle of this.calls.values()) settle(undefined);
        resolve({ code, reason: String(reason) });
      });
    });
    ws.on('error', () => {});
  }

  /** The answer's result. Rejects with Refused, or HungUp when the socket closes first. */
  call<R = Fields>(method: string, params?: Fields): Promise<R> {
    const id = ++this.count;
    const answered = new Promise<R>((resolve, reject) => {
      this.calls.set(id, frame => {
        this.calls.delete(id);
        if (frame === undefined) reject(new HungUp(`${method} was not answered`));
        else if (frame.error) reject(new Refused(frame.error));
        else resolve(frame.result as R);
      });
    });
    if (this.isOpen) this.send({ jsonrpc: '2.0', id, method, params });
    else this.calls.get(id)?.(undefined);
    return answered;
  }

  /** A call with a fresh command id. */
  command<R = Fields>(method: string, params: Fields = {}): Promise<R> {
    return this.call(method, { id: uuid(), ...params });
  }

  send(frame: unknown): void {
    this.ws.send(this.encoding === 'json' ? JSON.stringify(frame) : encode(frame, PLAIN));
  }

  /** Calls the listener for every notification from now on. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The first notification that fits, heard already or yet to come. */
  async hear(method: string, fits: (params: Fields) => boolean = () => true): Promise<Fields> {
    const isIt = (note: { method: string; params: Fields }) =>
      note.method === method && fits(note.params);
    const known = this.heard.find(isIt);
    if (known) return known.params;
    return new Promise((resolve, reject) => {
      const stop = this.listen((said, params) => {
        if (!isIt({ method: said, params })) return;
        stop();
        resolve(params);
      });
      this.closed.then(() => reject(new HungUp(`no ${method} was heard`)));
    });
  }

  /** The next answer that belongs to no call. */
  async stray(): Promise<Frame> {
    while (this.strays.length === 0) {
      await new Promise<void>(resolve => {
        const once = () => {
          this.onStray.delete(once);
          resolve();
        };
        this.onStray.add(once);
      });
    }
    return this.strays.shift()!;
  }

  hangUp(): void {
    this.ws.terminate();
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (isBinary !== (this.encoding === 'msgpack')) throw new Error('a frame of the wrong type');
    const said = isBinary ? decode(data, PLAIN) : JSON.parse(String(data));
    for (const frame of (Array.isArray(said) ? said : [said]) as Frame[]) this.take(frame);
  }

  private take(frame: Frame): void {
    if (frame.method !== undefined) {
      const { method, params = {} } = frame;
      this.heard.push({ method, params });
      for (const listener of this.listeners) listener(method, params);
      return;
    }
    const settle = this.calls.get(frame.id ?? 0);
    if (settle) settle(frame);
    else {
      this.strays.push(frame);
      for (const wake of this.onStray) wake();
    }
  }
}

/** Connects; rejects with TurnedAway when the upgrade is refused. */
export function visit(t: Test | undefined, address: Address): Promise<Guest> {
  const { ws: url, credential, encoding = 'json', headers = {}, options } = address;
  const ws = new WebSocket(url, [`signalbox.v1.${encoding}`], {
    headers: { ...(credential && { authorization: `Bearer ${credential}` }), ...headers },
    ...options,
  });
  const guest = new Guest(ws, encoding);
  t?.teardown(() => ws.terminate());
  return new Promise((resolve, reject) => {
    ws.on('open', () => resolve(guest));
    ws.on('error', reject);
    ws.on('unexpected-response', (_req, res) => {
      res.resume();
      reject(new TurnedAway(res.statusCode ?? 0));
    });
  });
}

/** The name of the refusal a call ends in; throws when it is none. */
export async function refusalOf(answer: Promise<unknown>): Promise<string> {
  return (await refusedBy(answer)).refusal;
}

export async function refusedBy(answer: Promise<unknown>): Promise<Refused> {
  const said = await answer.catch((error: unknown) => error);
  if (said instanceof Refused) return said;
  throw new Error(`expected a refusal, got ${JSON.stringify(said) ?? said}`);
}
