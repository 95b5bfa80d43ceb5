// What is measured: the broker in a process of its own, started as `signalbox up` starts it.
import { readFile } from 'node:fs/promises';
import { type RunningBroker, start } from '../../broker/main.js';
import type { HostProgram } from '../programs.js';
import { serve } from '../serve.js';

let broker: RunningBroker | undefined;

const program: HostProgram = {
  async open({ dir, natsBinary, durability }) {
    broker = await start({
      host: '127.0.0.1',
      port: 0,
      dataDir: dir,
      mesh: 'default',
      durability,
      version: 'bench',
      ...(natsBinary && { natsBinary }),
      onProgress() {},
    });
    const { ws, token_file, nats_server } = broker.ready;
    const { version, pid } = nats_server!;
    const token = (await readFile(token_file, 'utf8')).trim();
    return { ws, token, nats: { version, pid }, durability: broker.ready.durability };
  },
};

serve(program, async () => broker?.close());
