// Opens the store of the log: JetStream on a nats-server of our own, or on one that is there.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { prepareFiles } from '../nats-server/config.js';
import { endLeftover } from '../nats-server/process.js';
import { type NatsServer, startNatsServer } from '../nats-server/server.js';
import type { Clock } from '../system/clock.js';
import {
  ByteLimit,
  doubleAtHalf,
  followDisk,
  type LimitRule,
  roomFor,
  type StreamSize,
} from './byte-limit.js';
import type { StoreAccess } from './connection.js';
import { isFull } from './disk-space.js';
import { type JetStreamConfig, type JetStreamLog, openJetStream } from './jetstream.js';
import { readyStore } from './store/ready.js';
import { StuckStore } from './stuck.js';

export interface StoreConfig {
  dataDir: string;
  mesh: string;
  durability: 'fsync' | 'os';
  /** An existing server or cluster, instead of our own. */
  natsUrl?: string | undefined;
  /** The file that we log in there with, instead of credentials in the URL. */
  natsCreds?: string | undefined;
  /** The nats-server to run, instead of one found or fetched. */
  natsBinary?: string | undefined;
  cacheDir?: string | undefined;
  clock: Clock;
  stopping: AbortSignal;
  onProgress(line: string): void;
  onWarning(line: string): void;
}

export interface LogStore {
  log: JetStreamLog;
  /** For whoever reads the log on a connection of its own. */
  access: StoreAccess;
  /** Our own; undefined on another's. */
  server: NatsServer | undefined;
  /** What an acknowledged commit survives just now: `fsync`, `os`, `external`, `replicated 3`. */
  durability(): string;
  /** How large the log is and may become, as it was last seen. */
  size(): StreamSize | undefined;
  /** True when our own has no space left to write. */
  isFull(): boolean;
  /** To be told of each failure: our own server is healed when it is stuck. */
  failed(reason: string): void;
}

/**
 * `acknowledged` is the last sequence vouched for: our own store is first checked up to it. What
 * is to be closed again goes to `undo` as it is opened, the last one to be closed first.
 */
export async function openStore(
  config: StoreConfig,
  acknowledged: number,
  undo: (() => unknown)[],
): Promise<LogStore> {
  const { dataDir, mesh, natsUrl, clock, onWarning } = config;
  const common = { mesh, clock, onNotice: onWarning };
  if (natsUrl !== undefined) {
    const access = { mesh, url: natsUrl, credsFile: config.natsCreds };
    const replicas = limits.stream_replicas_items;
    const theirs = { ...common, ...access, replicas, maxBytes: limits.stream_start_bytes };
    const { log, size } = await openLimited(theirs, doubleAtHalf, undo);
    const durability = () => (log.replicas() > 1 ? `replicated ${log.replicas()}` : 'external');
    const isFull = () => false;
    return { log, access, server: undefined, durability, size, isFull, failed() {} };
  }
  const server = await startServer(config, acknowledged);
  undo.push(() => server.stop());
  const full = () => isFull(dataDir);
  const stuck = new StuckStore({ server, clock, isFull: full, onWarning });
  undo.push(() => stuck.close());
  const { url, user, password } = server;
  const access = { mesh, url, user, password };
  const own = { ...common, ...access, replicas: 1, maxBytes: await roomFor(dataDir, 0) };
  const { log, size } = await openLimited(own, followDisk(dataDir), undo);
  const durability = () => server.durability;
  const failed = (reason: string) => stuck.failed(reason);
  return { log, access, server, durability, size, isFull: full, failed };
}

async function openLimited(config: JetStreamConfig, rule: LimitRule, undo: (() => unknown)[]) {
  const log = await openJetStream(config);
  undo.push(() => log.close());
  const limit = new ByteLimit(log, rule, config.onNotice);
  undo.push(() => limit.close());
  void limit.adjust();
  return { log, size: () => limit.size };
}

async function startServer(config: StoreConfig, acknowledged: number): Promise<NatsServer> {
  const { dataDir, mesh, durability, natsBinary, clock, stopping, onProgress } = config;
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  await endLeftover(await prepareFiles(dataDir));
  await readyStore({ dataDir, mesh, acknowledged, clock, stopping, onProgress });
  return startNatsServer({
    dataDir,
    durability,
    cacheDir: config.cacheDir ?? join(caches, 'signalbox'),
    ...(natsBinary === undefined ? {} : { binary: natsBinary }),
    clock,
    stopping,
    onProgress,
    onWarning(line) {
      onProgress(line);
      config.onWarning(line);
    },
  });
}
