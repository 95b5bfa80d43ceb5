// The far end of a program of the bench: answers its starter, and ends when it does.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Program, Settled } from './programs.js';

const COLLECTIONS = 3;
const SETTLE_MS = 300;

interface Ask {
  id: number;
  name: string;
  detail: never;
}

/** Answers asks by name until the starter hangs up; then runs `end` and leaves. */
export function serve(program: Program, end: () => Promise<void>): void {
  const known: Program = { ...program, cpu: cpuMs, settled };
  process.on('message', async ({ id, name, detail }: Ask) => {
    try {
      process.send?.({ id, value: await known[name]?.(detail) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.once('disconnect', async () => {
    await end();
    process.exit();
  });
  // A Ctrl-C reaches the whole group; the starter decides what follows.
  process.on('SIGINT', () => {});
}

/** Resident memory in bytes once the garbage is gone, and how many timers run. */
async function settled(): Promise<Settled> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < COLLECTIONS; i++) {
    collect();
    await sleep(SETTLE_MS);
  }
  const timers = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  return { rss_bytes: process.memoryUsage.rss(), timers };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
