// The peer of P3: one node of Centrifugo with its memory engine, as its own process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostProgram } from '../programs.js';
import { serve } from '../serve.js';

const READY_MS = 10_000;
const LOOK_MS = 50;

let stop = async (): Promise<void> => {};

const program: HostProgram = {
  async open({ dir, centrifugo }) {
    const port = await freePort();
    const config = join(dir, 'config.json');
    await writeFile(config, JSON.stringify(configOf(port)));
    const child = spawn(centrifugo!, ['-c', config], { cwd: dir, stdio: 'ignore' });
    const exit = once(child, 'exit');
    stop = async () => {
      child.kill();
      await exit;
    };
    const url = `127.0.0.1:${port}`;
    await ready(`http://${url}/health`);
    return {
      ws: `ws://${url}/connection/websocket`,
      publish: `http://${url}/api/batch`,
      token: '',
      nats: { version: 'none', pid: child.pid! },
      server: child.pid!,
      durability: 'none',
    };
  },
};

/** Everybody may subscribe and publish; what is written to each client is its own default. */
function configOf(port: number): object {
  return {
    http_server: { address: '127.0.0.1', port },
    log: { level: 'error' },
    engine: { type: 'memory' },
    health: { enabled: true },
    http_api: { insecure: true },
    client: { insecure: true, ping_interval: '1h', pong_timeout: '10s' },
    channel: { without_namespace: { allow_subscribe_for_anonymous: true } },
    usage_stats: { disabled: true },
  };
}

async function ready(url: string): Promise<void> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`Centrifugo does not answer at ${url}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

serve(program, () => stop());
