// Kill -9 at random moments of a start: the next one must be ready, and never refuse.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Ready } from '../../broker/main.js';
import type { Chance } from '../dsl/chance.js';
import { houseOf, join as joinAs } from '../dsl/live-broker.js';
import type { Line } from '../dsl/watch.js';
import { logOf } from './base.js';

const script = fileURLToPath(new URL('../chaos/broker-host.js', import.meta.url));

interface Running {
  complaint(): string;
  /** The ready line, or undefined when it ended before. */
  ready: Promise<string | undefined>;
  kill(): Promise<void>;
  close(): Promise<void>;
}

function launch(dataDir: string, natsBinary: string | undefined): Running {
  const changes = { dataDir, ...(natsBinary && { natsBinary }) };
  const child = spawn(process.execPath, [script, JSON.stringify(changes)], {
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, SIGNALBOX_LOG: 'fatal' },
  });
  const gone = once(child, 'exit');
  let complaint = '';
  child.stderr!.on('data', chunk => {
    complaint += chunk;
  });
  const line = once(createInterface(child.stdout!), 'line').then(([text]) => String(text));
  return {
    complaint: () => complaint,
    ready: Promise.race([line, gone.then(() => undefined)]),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async close() {
      child.stdin!.end();
      await gone;
    },
  };
}

/** Ends the nats-server of a directory too, where there is one. */
async function killServer(dataDir: string): Promise<void> {
  const text = await readFile(join(dataDir, 'nats-server.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!(pid > 1)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}

export interface Kills {
  /** How many were killed before, and how many after they were ready. */
  early: number;
  late: number;
  /** What was not as it must be. */
  faults: string[];
}

/** Kills `count` starts; every third begins on a new directory. */
export async function killStarts(
  dataDir: string,
  count: number,
  chance: Chance,
  natsBinary?: string,
): Promise<Kills> {
  const kills: Kills = { early: 0, late: 0, faults: [] };
  let acknowledged: Line[] = [];
  let startMs = 1_000;
  for (let n = 0; n < count; n++) {
    if (n % 3 === 0) {
      await rm(dataDir, { recursive: true, force: true });
      acknowledged = [];
    }
    const doomed = launch(dataDir, natsBinary);
    let isReady = false;
    doomed.ready.then(line => {
      isReady = line !== undefined;
    });
    const wait = chance() * startMs * 1.3;
    await new Promise<void>(done => setTimeout(() => done(), wait));
    if (chance() < 0.5) await killServer(dataDir);
    if (isReady) kills.late++;
    else kills.early++;
    await doomed.kill();
    if (chance() < 0.5) await killServer(dataDir);

    const began = performance.now();
    const next = launch(dataDir, natsBinary);
    const line = await next.ready;
    if (line === undefined) {
      const when = `kill ${n} (after ${Math.round(wait)} ms)`;
      kills.faults.push(`the start after ${when} was refused: ${next.complaint()}`);
      continue;
    }
    startMs = performance.now() - began;
    const house = houseOf(JSON.parse(line) as Ready);
    const lines = await logOf(house);
    const isPrefix = acknowledged.every((one, i) => `${one[0]}` === `${lines[i]?.[0]}`);
    if (!isPrefix) kills.faults.push(`the start after kill ${n} lost what was acknowledged`);
    const ann = await joinAs(undefined, house, `ann-${n}`);
    await ann.notify(ann.peer, 'still there');
    acknowledged = await logOf(house);
    ann.guest.hangUp();
    // Now and then the next victim finds what a killed broker left.
    if (chance() < 0.5) await next.close();
    else await next.kill();
  }
  return kills;
}
