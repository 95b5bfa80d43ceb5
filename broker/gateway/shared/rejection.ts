// HTTP errors: a status and a refusal, in one shape for requests and upgrades.
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits } from '../../../schemas/limits.js';
import { type Refusal, type RefusalName, refuse, rpcError } from '../../../schemas/refusal.js';

export interface Rejection {
  status: number;
  refusal: Refusal;
  /** What HTTP wants to be told beside the status, such as `Allow`. */
  headers?: Readonly<Record<string, string>>;
}

/** A rejection whose `message` says what to do. */
export function reject(
  status: number,
  name: RefusalName,
  message: string,
  headers: Rejection['headers'] = {},
): Rejection {
  return { status, refusal: refuse(name, message), headers };
}

/** True for a rejection among what a check may return. */
export function isRejection(value: object): value is Rejection {
  return 'status' in value && 'refusal' in value;
}

/** Headers that every answer carries: nothing is cached, nothing is guessed. */
export const plainHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;

/** Answers a request that was turned away, and ends its connection. */
export function answerRejection(res: ServerResponse, rejection: Rejection): void {
  const body = bodyOf(rejection);
  res.writeHead(rejection.status, { ...headersOf(rejection), 'Content-Length': body.length });
  res.end(body);
}

/** The same on a bare socket: an upgrade that was refused, or a head that is no HTTP. */
export function writeRejection(socket: Duplex, rejection: Rejection): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = bodyOf(rejection);
  const headers = { ...headersOf(rejection), 'Content-Length': body.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${rejection.status} ${STATUS_CODES[rejection.status] ?? ''}\r\n`;
  socket.once('finish', () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(`${head}${lines.join('')}\r\n`), body]));
}

function bodyOf({ refusal }: Rejection): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: null, error: rpcError(refusal) }));
}

function headersOf({ status, headers: own }: Rejection): Record<string, string> {
  const headers = {
    ...plainHeaders,
    'Content-Type': 'application/json',
    // What is left of a rejected request is not worth reading.
    Connection: 'close',
    ...own,
  };
  if (status === 401) return { ...headers, 'WWW-Authenticate': 'Bearer' };
  if (status === 503) return { ...headers, 'Retry-After': `${limits.unavailable_retry_s}` };
  return headers;
}
