// A real nats-server that nobody restarts: to be killed, frozen and put back in time by a test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { findNatsServer } from '../../broker/nats-server/binary.js';
import { npmPack, pinnedPackage } from '../../broker/nats-server/fetch.js';
import { natsDefaults } from '../dsl/nats.js';

export interface BareNats {
  url: string;
  start(): Promise<void>;
  /** Ends the server with the signal and waits until it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Stops the server, copies its store away, and starts it again. */
  save(): Promise<void>;
  /** Kills the server, puts the copy in the place of its store, and starts it again. */
  restore(): Promise<void>;
}

const ANSWER_MS = 5_000;

/** `conf` is what its configuration says beyond a port and a store. */
export async function startBareNats(t: Test, conf = ''): Promise<BareNats> {
  const root = await mkdtemp(join(tmpdir(), 'signalbox-log-'));
  const store = join(root, 'store');
  const saved = join(root, 'saved');
  const port = await freePort();
  const { path: binary } = await findServer(root);
  let child: ChildProcess | null = null;

  const nats: BareNats = {
    url: `nats://127.0.0.1:${port}`,
    async start() {
      await writeFile(join(root, 'nats.conf'), conf);
      child = launch(binary, port, root);
      await ready(child);
    },
    async end(signal) {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(signal);
      await gone;
    },
    signal: signal => child?.kill(signal),
    async save() {
      await nats.end('SIGTERM');
      await cp(store, saved, { recursive: true });
      await nats.start();
    },
    async restore() {
      await nats.end('SIGKILL');
      await rm(store, { recursive: true });
      await cp(saved, store, { recursive: true });
      await nats.start();
    },
  };
  await nats.start();
  t.teardown(async () => {
    await nats.end('SIGKILL');
    await rm(root, { recursive: true, force: true });
  });
  return nats;
}

/** The nats-server that a broker would run. */
export function findServer(root: string) {
  const searchPath = process.env.PATH ?? '';
  const places = { searchPath, pinned: pinnedPackage(), pack: npmPack };
  return findNatsServer({ ...natsDefaults(root), ...places });
}

function launch(binary: string, port: number, root: string): ChildProcess {
  const files = ['-c', join(root, 'nats.conf'), '-sd', join(root, 'store')];
  const args = ['-a', '127.0.0.1', '-p', String(port), '-js', ...files];
  return spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Keeps reading after it is ready: a server that cannot write its log ends. */
async function ready(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`nats-server did not start: ${said}`)));
    child.stderr!.on('data', chunk => {
      said += chunk;
      if (said.includes('Server is ready')) resolve();
    });
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** One call of the JetStream API over a bare socket, for what our own code never asks. */
export async function callNats<Answer>(url: string, path: string, body = {}): Promise<Answer> {
  const { hostname, port, username: user, password: pass } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`${path} was not answered`)));
  const text = JSON.stringify(body);
  const who = { verbose: false, name: 'test', ...(user && { user, pass }) };
  socket.write(`CONNECT ${JSON.stringify(who)}\r\nSUB answer 1\r\n`);
  socket.write(`PUB $JS.API.${path} answer ${Buffer.byteLength(text)}\r\n${text}\r\n`);
  let said = '';
  for await (const chunk of socket) {
    said += chunk;
    const answer = /MSG answer 1 (\d+)\r\n([\s\S]*)\r\n$/.exec(said);
    if (answer && Buffer.byteLength(answer[2]!) >= Number(answer[1])) {
      return JSON.parse(answer[2]!.slice(0, Number(answer[1])));
    }
  }
  throw new Error(`nats-server ended the connection: ${said}`);
}
