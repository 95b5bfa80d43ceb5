// What is measured: the broker in a process of its own.
import { readFile } from 'node:fs/promises';
import type { RunningBroker } from '../../broker/main.js';
import type { HostProgram } from '../programs.js';
import { serve } from '../serve.js';
import { startBroker } from './start-broker.js';

let broker: RunningBroker | undefined;

const program: HostProgram = {
  async open(options) {
    broker = await startBroker(options);
    const { ws, token_file, nats_server } = broker.ready;
    const { version, pid } = nats_server!;
    const token = (await readFile(token_file, 'utf8')).trim();
    return { ws, token, nats: { version, pid }, durability: broker.ready.durability };
  },
};

serve(program, async () => broker?.close());
