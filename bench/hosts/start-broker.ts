// Starts the broker as `signalbox up` starts it.
import { type RunningBroker, start } from '../../broker/main.js';
import type { HostOptions } from '../programs.js';

export function startBroker({ dir, natsBinary, durability }: HostOptions): Promise<RunningBroker> {
  return start({
    host: '127.0.0.1',
    port: 0,
    dataDir: dir,
    mesh: 'default',
    durability,
    version: 'bench',
    ...(natsBinary && { natsBinary }),
    onProgress() {},
  });
}
