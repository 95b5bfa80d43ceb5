// A receiver of webhooks: a real HTTP server that hears deliveries, and fails as it is told to.
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import type { LogRecord } from '../../schemas/event.js';

/** A status, with headers or without; or what goes wrong on the way. */
export type Mood =
  | number
  | [number, Record<string, string>]
  | 'reset'
  | 'cut'
  | 'silent'
  | 'endless';

export interface Heard {
  id: string;
  body: string;
  headers: IncomingMessage['headers'];
  record: LogRecord;
}

export class Receiver {
  readonly heard: Heard[] = [];
  url = '';
  #moods: Mood[] = [];
  /** Of all that comes after the moods. */
  mood: Mood = 204;
  readonly #wakers = new Set<() => void>();

  /** How the next deliveries are met, in turn. */
  will(...moods: Mood[]): void {
    this.#moods.push(...moods);
  }

  /** Resolves once every mood but the last one has met a delivery. */
  async spent(): Promise<void> {
    while (this.#moods.length > 0) await this.hears(this.heard.length + 1);
  }

  /** Resolves once so many have been heard. */
  async hears(count: number): Promise<Heard[]> {
    while (this.heard.length < count) {
      await new Promise<void>(resolve => this.#wakers.add(resolve));
    }
    return this.heard;
  }

  readonly take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { headers } = request;
    const record = JSON.parse(body) as LogRecord;
    this.heard.push({ id: String(headers['webhook-id']), body, headers, record });
    meet(this.#moods.shift() ?? this.mood, request, response);
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  };
}

function meet(mood: Mood, { socket }: IncomingMessage, response: ServerResponse): void {
  switch (mood) {
    case 'reset':
      socket.resetAndDestroy();
      break;
    case 'cut':
      response.writeHead(200, { 'content-length': '100' });
      response.write('half of it', () => socket.destroy());
      break;
    case 'silent':
      break;
    case 'endless': {
      response.writeHead(200);
      const more = () => response.write('x'.repeat(16_384), () => socket.destroyed || more());
      more();
      break;
    }
    default: {
      const [status, headers] = typeof mood === 'number' ? [mood, {}] : mood;
      response.writeHead(status, headers).end();
    }
  }
}

export async function openReceiver(t: Test): Promise<Receiver> {
  const receiver = new Receiver();
  const server = createServer((request, response) => {
    receiver.take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}

/** True when one of the signatures is of that secret, by an implementation of its own. */
export function isSignedBy({ headers, body }: Heard, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const wanted = createHmac('sha256', key).update(signed).digest('base64');
  return String(headers['webhook-signature']).split(' ').includes(`v1,${wanted}`);
}
