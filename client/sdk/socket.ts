// The socket of Node: the one client file that knows ws, and puts the credential in its header.
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { SUBPROTOCOLS } from '../../schemas/frame.js';
import { limits } from '../../schemas/limits.js';
import { addressHelp, credentialHelp, refused } from './errors.js';
import type { Lost } from './life.js';
import type { Dial } from './wire.js';

/** Dials with a Bearer credential. A server that has gone silent counts as lost. */
export function nodeDial(credential: string): Dial {
  return (url, encoding, ears) => {
    const socket = new WebSocket(url, SUBPROTOCOLS[encoding], {
      headers: { authorization: `Bearer ${credential}` },
      perMessageDeflate: false,
      maxPayload: limits.answer_bytes,
      handshakeTimeout: limits.dial_ms,
    });
    const lose = once(ears.lost);
    const watch = watchSilence(socket);
    socket.on('open', () => ears.opened());
    socket.on('message', (data: Buffer) => ears.heard(data));
    socket.on('unexpected-response', (request, response) => {
      lose(refusedUpgrade(response));
      request.destroy();
    });
    socket.on('error', error => lose({ how: 'unreachable', message: reasonOf(error) }));
    socket.on('close', (code, reason) => {
      clearInterval(watch);
      lose({ how: 'closed', code, message: `closed with ${code} ${reason}`.trim() });
    });
    return {
      send: frame => socket.send(frame),
      close: () => {
        socket.close();
        // A broker that is stuck does not answer the closing either.
        setTimeout(() => socket.terminate(), limits.hang_up_ms).unref();
      },
    };
  };
}

function once(tell: (why: Lost) => void): (why: Lost) => void {
  let isTold = false;
  return why => {
    if (isTold) return;
    isTold = true;
    tell(why);
  };
}

/** The broker pings; a connection on which nothing is heard between two looks is dead. */
function watchSilence(socket: WebSocket): NodeJS.Timeout {
  let wasHeard = true;
  const heard = () => {
    wasHeard = true;
  };
  socket.on('ping', heard).on('message', heard).on('open', heard);
  return setInterval(() => {
    if (!wasHeard) socket.terminate();
    wasHeard = false;
  }, limits.server_silence_ms).unref();
}

function refusedUpgrade(response: IncomingMessage): Lost {
  switch (response.statusCode) {
    case 401:
      return { how: 'refused', refused: refused('unauthorized', credentialHelp) };
    case 403:
      return { how: 'refused', refused: refused('forbidden', addressHelp) };
    default:
      return { how: 'unreachable', message: `HTTP ${response.statusCode} instead of a socket` };
  }
}

function reasonOf(error: Error & { code?: string }): string {
  return error.message || error.code || error.name;
}
