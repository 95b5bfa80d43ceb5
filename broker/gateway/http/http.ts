// The HTTP routes: calls by POST, webhooks, health, metrics, the list of methods, mounts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Author } from '../../core/words.js';
import { causeOf, internal } from '../../system/fault.js';
import type { CallerParts } from '../calls/caller.js';
import type { Access } from '../shared/access.js';
import { answerRejection, isRejection, type Rejection, reject } from '../shared/rejection.js';
import { reply } from './bodies.js';
import type { EventStreams } from './event-streams.js';
import type { Metrics } from './metrics.js';
import { belowMinimum } from './min-position.js';
import type { Mounted } from './mounts.js';
import { answerPost } from './post.js';
import { UNCONFIGURED, type Webhooks } from './webhooks.js';

/** What the routes work with. */
export interface HttpParts extends CallerParts {
  /** Why a request is not let in at all. */
  admit(req: IncomingMessage): Rejection | undefined;
  access: Access;
  metrics: Metrics;
  streams: EventStreams;
  openrpc: () => object;
  /** Absent while no secret is configured. */
  webhooks: Webhooks | undefined;
  /** Finds who answers what no route here knows. */
  mounts(path: string): Mounted | undefined;
}

type Route = (
  parts: HttpParts,
  req: IncomingMessage,
  res: ServerResponse,
  query: string,
) => Promise<Rejection | undefined> | Rejection | undefined;

const reading = ['GET', 'HEAD'];
const routes = new Map<string, { methods: readonly string[]; route: Route }>([
  ['/rpc', { methods: ['POST'], route: rpc }],
  ['/ws', { methods: reading, route: () => UPGRADE }],
  ['/events', { methods: reading, route: events }],
  ['/webhooks/github', { methods: ['POST'], route: webhook }],
  ['/livez', { methods: reading, route: livez }],
  ['/readyz', { methods: reading, route: readyz }],
  ['/metrics', { methods: reading, route: metrics }],
  ['/openrpc.json', { methods: reading, route: openrpc }],
]);

/** Where nothing else can be mounted. */
export const ownPaths: readonly string[] = [...routes.keys()];

const UPGRADE = reject(426, 'invalid_request', 'Upgrade to a WebSocket at /ws.', {
  Upgrade: 'websocket',
  Connection: 'Upgrade, close',
});
const FAILED: Rejection = { status: 500, refusal: internal() };

/** Answers every request that comes. Never rejects. */
export function createRoutes(parts: HttpParts) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const rejection = parts.admit(req) ?? (await follow(parts, req, res));
      if (rejection) turnAway(parts, res, rejection);
    } catch (error) {
      parts.log.error({ cause: causeOf(error) }, 'a request failed inside the broker');
      if (res.headersSent) res.destroy();
      else turnAway(parts, res, FAILED);
    }
  };
}

function turnAway({ counters }: HttpParts, res: ServerResponse, rejection: Rejection): void {
  counters.turnedAway(rejection.status);
  answerRejection(res, rejection);
}

function follow(parts: HttpParts, req: IncomingMessage, res: ServerResponse) {
  const [path = '', query = ''] = (req.url ?? '').split('?');
  const row = routes.get(path);
  const mounted = row === undefined ? parts.mounts(path) : undefined;
  if (row === undefined && mounted === undefined) {
    return reject(404, 'invalid_request', 'There is nothing here; the calls are at /rpc and /ws.');
  }
  const methods = row?.methods ?? mounted?.methods;
  if (methods && !methods.includes(req.method ?? '')) {
    const Allow = methods.join(', ');
    return reject(405, 'invalid_request', `Use ${methods[0]} for ${path}.`, { Allow });
  }
  if (mounted === undefined) return row?.route(parts, req, res, query);
  return mounted.serve(req, res, mounted.path);
}

async function rpc(parts: HttpParts, req: IncomingMessage, res: ServerResponse) {
  const author = await identify(parts, req);
  if (isRejection(author)) return author;
  return (await belowMinimum(parts.door, req)) ?? answerPost(req, res, author, parts);
}

async function events(parts: HttpParts, req: IncomingMessage, res: ServerResponse, query: string) {
  const author = await identify(parts, req);
  return isRejection(author) ? author : parts.streams.answer(req, res, query, author);
}

function webhook({ webhooks }: HttpParts, req: IncomingMessage, res: ServerResponse) {
  return webhooks?.(req, res) ?? UNCONFIGURED;
}

function livez(_parts: HttpParts, _req: IncomingMessage, res: ServerResponse) {
  return reply(res, 200, 'text/plain', 'alive\n');
}

async function readyz(
  { door, ...parts }: HttpParts,
  req: IncomingMessage,
  res: ServerResponse,
  query: string,
) {
  const health = door.health();
  const status = health.ready ? 200 : 503;
  const isVerbose = new URLSearchParams(query).has('verbose');
  if (!isVerbose) return reply(res, status, 'text/plain', health.ready ? 'ready\n' : 'not ready\n');
  const author = await identify(parts, req);
  if (isRejection(author)) return author;
  return reply(res, status, 'application/json', `${JSON.stringify(health)}\n`);
}

async function metrics(parts: HttpParts, req: IncomingMessage, res: ServerResponse) {
  const author = await identify(parts, req);
  if (isRejection(author)) return author;
  return reply(res, 200, parts.metrics.contentType, await parts.metrics.metrics(author.token));
}

function openrpc(parts: HttpParts, _req: IncomingMessage, res: ServerResponse) {
  return reply(res, 200, 'application/json', JSON.stringify(parts.openrpc()));
}

function identify(
  { access }: Pick<HttpParts, 'access'>,
  req: IncomingMessage,
): Promise<Author | Rejection> {
  return access.identify(req.headers.authorization);
}
