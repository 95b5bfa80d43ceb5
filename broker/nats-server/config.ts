// The configuration of the embedded nats-server: loopback, one user, least rights, no monitoring.
import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { limits } from '../../schemas/limits.js';
import { syncsAlways } from './binary.js';

/** Where the server listens, how it is recognised, and what it wants to hear. */
export interface NatsAddress {
  port: number;
  /** Random for each run: a foreign server on our port is never sent the password. */
  serverName: string;
  user: string;
  password: string;
}

/** `fsync`: on disk before it is acknowledged. `os`: within two minutes, when the system likes. */
export type Durability = 'fsync' | 'os';

export interface NatsFiles {
  store: string;
  config: string;
  pid: string;
  log: string;
}

/** Below the ports that systems give to outgoing connections: a restart finds it free. */
const PORTS = { from: 20_000, below: 32_000 };

/** Makes the data directory and the store private to this user and names the server's files. */
export async function prepareFiles(dataDir: string): Promise<NatsFiles> {
  await privateDirectory(dataDir);
  // One spelling for one directory: an old server is recognised by the path of its configuration.
  const root = await realpath(dataDir);
  const store = join(root, 'store');
  await privateDirectory(store);
  await pruneLogs(root);
  const file = (ending: string) => join(root, `nats-server.${ending}`);
  return { store, config: file('conf'), pid: file('pid'), log: file('log') };
}

/** A fresh address on a port that is free now, with random credentials. */
export async function freshAddress(): Promise<NatsAddress> {
  const secret = () => randomBytes(24).toString('hex');
  return {
    port: await freePort(),
    serverName: `signalbox-${secret()}`,
    user: 'broker',
    password: secret(),
  };
}

/** What is really in force with this version when `wanted` is asked for. */
export function durabilityOf(version: string, wanted: Durability): Durability {
  return wanted === 'fsync' && syncsAlways(version) ? 'fsync' : 'os';
}

/** Writes the configuration that only this user can read. */
export async function writeConfig(
  files: NatsFiles,
  address: NatsAddress,
  version: string,
  durability: Durability,
): Promise<void> {
  const fresh = `${files.config}.new`;
  await writeFile(fresh, configText(files, address, version, durability), { mode: 0o600 });
  await chmod(fresh, 0o600);
  await rename(fresh, files.config);
}

function configText(
  files: NatsFiles,
  address: NatsAddress,
  version: string,
  durability: Durability,
): string {
  const quote = JSON.stringify;
  const publish = ['signalbox.>', '$JS.API.>', '$JS.ACK.>', '$JS.FC.>'];
  return `# Written by signalbox at every start; changes made here are lost.
server_name: ${quote(address.serverName)}
listen: "127.0.0.1:${address.port}"
max_payload: ${limits.nats_payload_bytes}
log_file: ${quote(files.log)}
logfile_size_limit: ${limits.nats_log_bytes}
${syncsAlways(version) ? `logfile_max_num: ${limits.nats_log_files}` : ''}
jetstream {
  store_dir: ${quote(files.store)}
  max_memory_store: ${limits.nats_memory_store_bytes}
  max_file_store: ${limits.nats_file_store_bytes}
  ${durability === 'fsync' ? 'sync_interval: always' : ''}
}
authorization {
  users: [{
    user: ${quote(address.user)}
    password: ${quote(address.password)}
    permissions: { publish: ${quote(publish)}, subscribe: ["_INBOX.>"] }
  }]
}
`;
}

async function privateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
}

/** Servers before 2.10 keep every log they ever rotated away. */
async function pruneLogs(root: string): Promise<void> {
  const rotated = (await readdir(root)).filter(name => name.startsWith('nats-server.log.')).sort();
  const spare = rotated.slice(0, Math.max(0, rotated.length - limits.nats_log_files));
  await Promise.all(spare.map(name => rm(join(root, name))));
}

async function freePort(): Promise<number> {
  for (let tries = 0; tries < limits.nats_port_tries; tries += 1) {
    const port = randomInt(PORTS.from, PORTS.below);
    if (await canListen(port)) return port;
  }
  throw new Error('no free port for the nats-server on 127.0.0.1; end some servers and try again');
}

function canListen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
