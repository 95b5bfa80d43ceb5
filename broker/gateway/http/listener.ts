// The HTTP server: time-outs and bounds of a request head, and what a broken one is told.
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits } from '../../../schemas/limits.js';
import { type Rejection, reject, writeRejection } from '../shared/rejection.js';

/**
 * A server that does not listen yet. A whole request head must arrive within `headMs`; a connection
 * beyond `connections` is closed at once.
 */
export function createListener(headMs: number, connections: number): Server {
  const server = createServer({
    maxHeaderSize: limits.head_bytes,
    headersTimeout: headMs,
    requestTimeout: headMs + limits.body_ms,
    // Node looks for slow heads only this often; by default every 30 s.
    connectionsCheckingInterval: Math.ceil(headMs / 10),
    // The check of the Host field is ours, and answers 403.
    requireHostHeader: false,
  });
  // Node would drop fields past a count in silence, a second Host among them.
  server.maxHeadersCount = 0;
  server.maxConnections = connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    writeRejection(socket, rejectionOf(error.code));
  });
  return server;
}

function rejectionOf(code: string | undefined): Rejection {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return reject(431, 'too_large', `Send a head of at most ${limits.head_bytes} bytes.`);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return reject(408, 'invalid_request', 'The request did not arrive in time; send it again.');
    default:
      return reject(400, 'invalid_request', 'Send a valid HTTP/1.1 request.');
  }
}

/** Rejects with node's own error, such as EADDRINUSE. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, rejectWith) => {
    server.once('error', rejectWith);
    server.listen(port, host, () => {
      server.off('error', rejectWith);
      resolve();
    });
  });
}

/** Takes nothing new; what is being answered has `graceMs` to end. */
export function closeListener(server: Server, graceMs: number): Promise<void> {
  return new Promise(resolve => {
    const patience = setTimeout(() => server.closeAllConnections(), graceMs);
    // One that was busy as we began to close would be kept alive after its answer.
    const look = setInterval(() => server.closeIdleConnections(), graceMs / 20);
    server.close(() => {
      clearTimeout(patience);
      clearInterval(look);
      resolve();
    });
  });
}
