// Heals a store that is stuck: its server starts anew as soon as there is space to write.
import { limits } from '../../schemas/limits.js';
import type { Clock } from '../clock.js';
import type { NatsServer } from './nats-server.js';
import { hasRoom } from './room.js';

/**
 * A store that fails although there is room is stuck until its server starts anew. While the disk
 * is full that would be in vain: as soon as there is space again, it is done at once.
 */
export function restartWhenStuck(
  server: NatsServer | undefined,
  dataDir: string,
  clock: Clock,
  warn: (line: string) => void,
) {
  let triedAt = Number.NEGATIVE_INFINITY;
  const restart = async (reason: string) => {
    if (server === undefined || !(await hasRoom(dataDir))) return;
    triedAt = clock.elapsed();
    await server.restart(reason);
  };
  return (reason: string) => {
    const isRecent = clock.elapsed() - triedAt < limits.stuck_restart_every_ms;
    if (isRecent || /maximum bytes/i.test(reason)) return;
    restart(reason).catch(error => warn(`nats-server was not restarted: ${error.message}`));
  };
}
