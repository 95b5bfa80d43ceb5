// A real nats-server for a test, in a directory of its own, gone when the test ends.

import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import {
  type NatsServer,
  type NatsServerConfig,
  startNatsServer,
} from '../../broker/nats-server/server.js';
import { systemClock } from '../../broker/system/clock.js';
import './scratch.js';

/** A directory that is removed when the test ends, after whatever was started in it. */
export async function tempDir(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** The server the whole suite runs on: SIGNALBOX_NATS_SERVER names another one than usual. */
export function natsDefaults(dataDir: string): NatsServerConfig {
  const binary = process.env.SIGNALBOX_NATS_SERVER;
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return {
    dataDir,
    cacheDir: join(caches, 'signalbox'),
    ...(binary && { binary }),
    durability: 'fsync',
    clock: systemClock,
    onProgress() {},
    onWarning() {},
  };
}

/** Starts a server that is stopped when the test ends. */
export async function startTestNats(
  t: Test,
  changes: Partial<NatsServerConfig> = {},
): Promise<NatsServer> {
  const dataDir = changes.dataDir ?? (await tempDir(t));
  const server = await startNatsServer({ ...natsDefaults(dataDir), ...changes });
  t.teardown(() => server.stop());
  return server;
}
