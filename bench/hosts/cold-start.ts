// What P5 measures: a broker that starts in a fresh process on a store that is there.
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { snapshotDir } from '../../broker/disk/snapshot-dir.js';
import { type RunningBroker, start } from '../../broker/main.js';
import type { ColdStartProgram } from '../programs.js';
import { serve } from '../serve.js';

const LOOK_MS = 100;

let broker: RunningBroker | undefined;

const program: ColdStartProgram = {
  async start({ dir, url }) {
    const began = performance.now();
    broker = await start({
      host: '127.0.0.1',
      port: 0,
      dataDir: dir,
      natsUrl: url,
      mesh: 'default',
      durability: 'fsync',
      version: 'bench',
      onProgress() {},
    });
    const seconds = (performance.now() - began) / 1000;
    return { seconds, rss_bytes: process.memoryUsage().rss };
  },
  async snapshot({ dir, sequence }) {
    for (;;) {
      const names = await readdir(snapshotDir(dir)).catch(() => []);
      const newest = names
        .filter(name => name.endsWith('.snapshot'))
        .sort()
        .at(-1);
      if (newest !== undefined && Number.parseInt(newest, 10) >= sequence) break;
      await pause(LOOK_MS);
    }
    return { rss_bytes: process.memoryUsage().rss };
  },
};

serve(program, async () => broker?.close());
