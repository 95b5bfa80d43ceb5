// What a broker says of itself once it is ready: the line of `signalbox up --json`.
import { limits } from '../schemas/limits.js';
import type { DataDir } from './disk/data-dir.js';
import type { Gateway } from './gateway/server.js';
import type { WebhookSecret } from './github/webhook-secret.js';
import type { NatsServer } from './nats-server/server.js';
import type { Door } from './runtime/door.js';
import { skewSeconds } from './system/skew.js';

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

/** The line for a broker that listens already. */
export function readyLine(
  { mesh }: { mesh: string },
  { tokenFile }: DataDir,
  webhook: WebhookSecret,
  door: Door,
  { url }: Gateway,
  server: NatsServer | undefined,
): Ready {
  const { log, durability } = door.info();
  const skew = door.skew().store_ms;
  const own = server && { version: server.version, pid: server.pid, path: server.path };
  return {
    url,
    ws: `${url.replace('http', 'ws')}/ws`,
    token_file: tokenFile,
    ...(webhook.file === undefined ? {} : { webhook_secret_file: webhook.file }),
    mesh,
    log,
    ...(own === undefined ? {} : { nats_server: own }),
    durability,
    pid: process.pid,
    ...(Math.abs(skew) > limits.clock_skew_ms ? { clock_skew_s: skewSeconds(skew) } : {}),
  };
}
