// The gateway: one port, one HTTP server, and behind it everything a socket or a POST may do.
import type { AddressInfo } from 'node:net';
import { limits } from '../../schemas/limits.js';
import type { Door } from '../runtime/door.js';
import { causeOf } from '../system/fault.js';
import type { CallerParts } from './calls/caller.js';
import { Connection, type ConnectionParts } from './calls/connection.js';
import { Connections } from './calls/connections.js';
import { createHandlers } from './calls/handlers.js';
import { createRpc } from './calls/rpc.js';
import { createSessions } from './calls/sessions.js';
import { createTurns } from './calls/write-buffer.js';
import { bracketed, createAdmission } from './http/admission.js';
import { descriptorLimit, socketsWithin } from './http/descriptors.js';
import { EventStreams } from './http/event-streams.js';
import { createRoutes, ownPaths } from './http/http.js';
import { closeListener, createListener, listen } from './http/listener.js';
import { createMetrics } from './http/metrics.js';
import { createMounts, type Mounts } from './http/mounts.js';
import { createUpgrades } from './http/upgrades.js';
import { createWebhooks, type WebhookConfig } from './http/webhooks.js';
import type { InboxDelivery } from './inbox/inbox-delivery.js';
import type { LeaseWaits } from './leases/lease-waits.js';
import type { Fanout } from './observe/fanout.js';
import { createAccess } from './shared/access.js';
import { type Counters, createCounters } from './shared/counters.js';
import type { GatewayFigures } from './shared/health-report.js';
import type { Logger } from './shared/logger.js';
import { createRates, type Rates } from './shared/rates.js';
import { LiveViews } from './views/live-views.js';

export interface GatewayConfig {
  door: Door;
  fanout: Fanout;
  inbox: InboxDelivery;
  leases: LeaseWaits;
  /** The address to listen on. */
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Further values of Host to answer to, as clients send them: `box.lan:7117`. */
  allowedHosts: readonly string[];
  operatorToken: string;
  /** True where no other credential counts. */
  isOperatorOnly?: boolean | undefined;
  /** Signs the codes of pages; the same key after a restart keeps their sessions. */
  sessionKey: string | Uint8Array;
  log: Logger;
  /** What /openrpc.json answers. */
  openrpc: () => object;
  /** What else is served on the port. */
  mounts?: Mounts | undefined;
  /** Lets GitHub tell of pull requests; without it their route says how to allow it. */
  webhook?: WebhookConfig | undefined;
  /** Deadlines in ms, shorter than `limits` in tests. */
  deadlines?: Partial<Deadlines>;
}

type Deadlines = Record<'head_ms' | 'first_frame_ms' | 'ping_every_ms' | 'close_ms', number>;

export interface Gateway {
  port: number;
  url: string;
  /** Lets answers out, says 1012 to every socket, and frees the port. */
  close(): Promise<void>;
}

/** Listens and serves until closed. Rejects with node's own error when the port is taken. */
export async function createGateway(config: GatewayConfig): Promise<Gateway> {
  const { door, fanout, log } = config;
  const deadlines: Deadlines = { ...limits, ...config.deadlines };
  const mounts = createMounts(config.mounts ?? {}, ownPaths);
  const server = createListener(deadlines.head_ms, socketsWithin(await descriptorLimit()));
  await listen(server, config.host, config.port);
  // A connection that cannot be taken, for want of anything, is no reason to end.
  server.on('error', error => log.warn({ cause: causeOf(error) }, 'a connection was not taken'));
  const { port } = server.address() as AddressInfo;
  const admit = createAdmission(config.host, port, config.allowedHosts);
  const access = createAccess(door, config.operatorToken, config.isOperatorOnly);
  const counters = createCounters();
  const connections = new Connections(door, deadlines.ping_every_ms);
  const rates = createRates(() => door.now());
  const views = new LiveViews(door, error =>
    log.error({ cause: causeOf(error) }, 'watchers could not be told of a commit'),
  );
  const beatEveryMs = deadlines.ping_every_ms;
  const streams = new EventStreams({ door, fanout, rates, counters, beatEveryMs });
  const figures = () => gatewayFigures({ connections, streams, fanout, views });
  const callers = createCallerParts(config, { counters, rates, figures, views });
  const parts = createConnectionParts(callers, connections, deadlines.first_frame_ms);
  const metrics = createMetrics({ door, fanout, connections, streams, counters, views });
  const webhooks = config.webhook && createWebhooks(config.webhook, log);
  const routes = { ...config, ...callers, admit, access, metrics, streams, webhooks, mounts };
  server.on('request', createRoutes(routes));
  server.on(
    'upgrade',
    createUpgrades(
      { admit, access, counters, connections, log, closeMs: deadlines.close_ms },
      (socket, author) => {
        const connection = new Connection(socket, author, parts);
        connections.add(connection);
        return connection;
      },
    ),
  );
  const fenced = () => {
    streams.close();
    connections.fence();
  };
  if (door.fenced.aborted) fenced();
  else door.fenced.addEventListener('abort', fenced);
  return {
    port,
    url: `http://${reachable(config.host)}:${port}`,
    async close() {
      const closed = closeListener(server, deadlines.close_ms);
      streams.close();
      await connections.close(deadlines.close_ms);
      views.close();
      await closed;
    },
  };
}

interface Followed {
  connections: Connections;
  streams: EventStreams;
  fanout: Fanout;
  views: LiveViews;
}

/** Who is connected to this broker and follows the log or a view here. */
function gatewayFigures({ connections, streams, fanout, views }: Followed): GatewayFigures {
  const { subscriptions, behind, behindCommits } = fanout.stats();
  return {
    connections: { sockets: connections.size, streams: streams.size },
    observers: { subscriptions, behind, behind_commits: behindCommits },
    views: views.stats(),
  };
}

interface Shared {
  counters: Counters;
  rates: Rates;
  figures(): GatewayFigures;
  views: LiveViews;
}

function createCallerParts(config: GatewayConfig, shared: Shared): CallerParts {
  const { counters, rates, figures, views } = shared;
  const { door, fanout, inbox, leases, log, sessionKey } = config;
  const sessions = createSessions(sessionKey, () => door.now());
  const wings = { fanout, inbox, leases, views };
  const handlers = createHandlers({ door, ...wings, log, sessions, figures });
  const turns = createTurns(error => log.error({ cause: causeOf(error) }, 'a write failed'));
  return { door, counters, log, turns, run: createRpc({ door, rates, handlers }) };
}

function createConnectionParts(
  callers: CallerParts,
  connections: Connections,
  firstFrameMs: number,
): ConnectionParts {
  const { counters, log } = callers;
  return {
    ...callers,
    firstFrameMs,
    identified: (connection, author) => connections.enrol(connection, author),
    closed(connection, code) {
      connections.remove(connection);
      counters.closed(code);
      if (misbehaved.has(code)) log.info({ code }, 'a socket was closed for what it sent');
    },
  };
}

/** Close codes that say something about the other side. */
const misbehaved: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009]);

/** A host under which this machine reaches the listener. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  return bracketed(host === '::' ? '::1' : host);
}
