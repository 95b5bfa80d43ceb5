// What a broker says of itself once it is ready: the line of `signalbox up --json`.
import { limits } from '../../schemas/limits.js';
import { skewSeconds } from './skew.js';

/** What `signalbox up --json` prints. */
export interface Ready {
  url: string;
  ws: string;
  token_file: string;
  /** Holds what to give a webhook on GitHub as its secret; absent when the environment has one. */
  webhook_secret_file?: string;
  mesh: string;
  log: string;
  nats_server?: { version: string; pid: number; path: string };
  durability: string;
  pid: number;
  /** How far this machine's clock is ahead of the log store's; told when it is over 5 s off. */
  clock_skew_s?: number;
}

/** What the line is made of: each part of the broker says its own. */
export interface ReadyFacts {
  mesh: string;
  tokenFile: string;
  webhookFile: string | undefined;
  info: { log: string; durability: string };
  /** How far this machine's clock is ahead of the log store's, in ms. */
  skew_ms: number;
  /** Where the gateway listens. */
  url: string;
  /** Our own nats-server; absent on another's. */
  server: NonNullable<Ready['nats_server']> | undefined;
}

/** The line for a broker that listens already. */
export function readyLine(facts: ReadyFacts): Ready {
  const { mesh, tokenFile, webhookFile, skew_ms, url, server } = facts;
  const { log, durability } = facts.info;
  const own = server && { version: server.version, pid: server.pid, path: server.path };
  return {
    ...addressOf(url),
    token_file: tokenFile,
    ...(webhookFile === undefined ? {} : { webhook_secret_file: webhookFile }),
    mesh,
    log,
    ...(own === undefined ? {} : { nats_server: own }),
    durability,
    ...(Math.abs(skew_ms) > limits.clock_skew_ms ? { clock_skew_s: skewSeconds(skew_ms) } : {}),
  };
}

/** Who listens at a URL, and where a WebSocket is opened there. */
export function addressOf(url: string) {
  return { url, ws: `${url.replace('http', 'ws')}/ws`, pid: process.pid };
}
