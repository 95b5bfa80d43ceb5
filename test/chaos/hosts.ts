// Brokers as processes that tests may stop, continue and kill, and the nats-servers they keep.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Ready } from '../../broker/main.js';
import { type House, houseOf } from '../dsl/live-broker.js';

export interface BrokerProcess extends House {
  child: ChildProcess;
  /** Sends the signal; after SIGKILL, returns when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Sets the wall clock of the process wrong by so many ms. */
  setClock(wrong: number): Promise<void>;
  /** The resident memory of the process, in bytes. */
  rss(): Promise<number>;
}

const script = fileURLToPath(new URL('broker-host.js', import.meta.url));

/**
 * Starts a broker on the directory, its clock `wrong` by so many ms, perhaps with few descriptors;
 * ended when the test ends.
 */
export async function spawnBroker(
  t: Test,
  dataDir: string,
  changes: { natsUrl?: string; wrong?: number } = {},
  descriptors?: number,
): Promise<BrokerProcess> {
  const host = [process.execPath, script, JSON.stringify({ dataDir, ...changes })];
  const limit = descriptors === undefined ? '' : `ulimit -n ${descriptors};`;
  const child = spawn('sh', ['-c', `${limit} exec "$0" "$@"`, ...host], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, SIGNALBOX_LOG: 'fatal' },
  });
  const gone = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGCONT');
    child.stdin!.end();
    await gone;
  });
  const ended = gone.then(([code]) => {
    throw new Error(`the broker ended with status ${code} before it was ready`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout!), 'line'), ended]);
  ended.catch(() => {});
  return {
    ...houseOf(JSON.parse(line) as Ready),
    child,
    async kill(signal) {
      child.kill(signal);
      if (signal === 'SIGKILL') await gone;
    },
    async setClock(wrong) {
      child.send(wrong);
      await once(child, 'message');
    },
    async rss() {
      child.send('rss');
      const [bytes] = await once(child, 'message');
      return bytes;
    },
  };
}

/** Stops a process for so long. Its keeper may give it up meanwhile: then it stays gone. */
export async function standStill(pid: number, ms: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await pause(ms);
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The nats-server that the broker of a directory keeps now; another one after each restart. */
export function natsPid(dataDir: string): number {
  return Number.parseInt(readFileSync(join(dataDir, 'nats-server.pid'), 'utf8'), 10);
}
