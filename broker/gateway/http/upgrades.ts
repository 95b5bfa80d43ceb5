// WebSocket upgrades: a request admitted and identified, or turned away in plain HTTP.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits } from '../../../schemas/limits.js';
import type { Author } from '../../core/words.js';
import { causeOf } from '../../system/fault.js';
import type { Connections } from '../calls/connections.js';
import { createUpgrader, type OpenSocket, type SocketListener } from '../calls/websocket.js';
import type { Access } from '../shared/access.js';
import type { Counters } from '../shared/counters.js';
import type { Logger } from '../shared/logger.js';
import { isRejection, type Rejection, reject, writeRejection } from '../shared/rejection.js';

export interface UpgradeParts {
  admit: (req: IncomingMessage) => Rejection | undefined;
  access: Access;
  counters: Counters;
  connections: Connections;
  log: Logger;
  closeMs: number;
}

type Accept = (opened: OpenSocket, author: Author | undefined) => SocketListener;

/** Handles the server's `upgrade` events; `accept` is given each socket that came through. */
export function createUpgrades(parts: UpgradeParts, accept: Accept) {
  const onFault = (error: unknown) =>
    parts.log.error({ cause: causeOf(error) }, 'a socket failed inside the broker');
  const upgrader = createUpgrader(parts.closeMs, onFault);
  const judge = (req: IncomingMessage) =>
    parts.admit(req) ?? checkTarget(req) ?? upgrader.objection(req);
  const upgrade = async (req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // Nobody else listens until ws takes over, and an unheard error ends the process.
    const onError = () => socket.destroy();
    socket.on('error', onError);
    const author = judge(req) ?? (await identify(parts, req));
    if (author !== undefined && isRejection(author)) {
      parts.counters.turnedAway(author.status);
      writeRejection(socket, author);
      return;
    }
    socket.off('error', onError);
    upgrader.upgrade(req, socket, head, opened => accept(opened, author));
  };
  return (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    upgrade(req, socket, head).catch(error => {
      onFault(error);
      socket.destroy();
    });
  };
}

function checkTarget(req: IncomingMessage): Rejection | undefined {
  const isWebSocket = req.headers.upgrade?.toLowerCase() === 'websocket';
  if (!isWebSocket) return reject(400, 'invalid_request', 'Only WebSocket upgrades are served.');
  const [path] = (req.url ?? '').split('?');
  return path === '/ws' ? undefined : reject(404, 'invalid_request', 'WebSockets are at /ws.');
}

/** The author; undefined for a page, which cannot send a token and must show a code instead. */
async function identify(
  { access, connections }: UpgradeParts,
  req: IncomingMessage,
): Promise<Author | Rejection | undefined> {
  const { authorization, origin } = req.headers;
  if (authorization !== undefined || origin === undefined) return access.identify(authorization);
  if (connections.strangers < limits.waiting_pages) return undefined;
  return reject(503, 'unavailable', 'Too many pages wait to show their code; try again.');
}
