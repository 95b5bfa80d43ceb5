// What every floor stands on: the same embedded server and the same stream as the broker's log.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type JetStreamLog, openJetStream } from '../../broker/log/jetstream.js';
import { startNatsServer } from '../../broker/nats-server/server.js';
import { systemClock as clock } from '../../broker/system/clock.js';
import { limits } from '../../schemas/limits.js';
import type { HostFacts, HostOptions } from '../programs.js';

export interface Floor {
  log: JetStreamLog;
  /** With its credentials. */
  url: string;
  facts: Pick<HostFacts, 'nats' | 'durability'>;
  close(): Promise<void>;
}

/** Finds the server as `signalbox up` does. */
export async function openFloor({ dir, natsBinary, durability }: HostOptions): Promise<Floor> {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const server = await startNatsServer({
    dataDir: dir,
    cacheDir: join(caches, 'signalbox'),
    ...(natsBinary && { binary: natsBinary }),
    durability,
    clock,
    onProgress() {},
    onWarning() {},
  });
  const log = await openJetStream({
    url: server.url,
    user: server.user,
    password: server.password,
    mesh: 'default',
    replicas: 1,
    maxBytes: 8 * limits.stream_start_bytes,
    clock,
    onNotice() {},
  });
  return {
    log,
    url: server.url.replace('//', `//${server.user}:${server.password}@`),
    facts: {
      nats: { version: server.version, pid: server.pid },
      durability: server.durability,
    },
    async close() {
      await log.close();
      await server.stop();
    },
  };
}
