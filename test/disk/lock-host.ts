// A process for tests to kill: tries for the given data directory and holds it until stdin ends.

import { acquireDataLock } from '../../broker/disk/data-lock.js';

const lock = await acquireDataLock(process.argv[2]!).catch((error: Error) => error);
process.stdout.write(lock instanceof Error ? `refused: ${lock.message}\n` : 'holds\n');
process.stdin.resume();
