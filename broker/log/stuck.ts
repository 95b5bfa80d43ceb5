// Recovery of a stuck store: its server starts anew as soon as there is space to write.
import { limits } from '../../schemas/limits.js';
import type { NatsServer } from '../nats-server/server.js';
import type { Clock } from '../system/clock.js';

export interface StuckParts {
  server: Pick<NatsServer, 'restart'>;
  clock: Clock;
  isFull(): boolean;
  onWarning(line: string): void;
}

/**
 * A nats-server that once failed to write fails for ever, though there is space again, and may
 * not even say so. Told of each failure, this starts it anew: at once when the space of a full
 * disk returns, else now and then, as its disk may only be slow.
 */
export class StuckStore {
  readonly #parts: StuckParts;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #watching: NodeJS.Timeout | undefined;

  constructor(parts: StuckParts) {
    this.#parts = parts;
  }

  failed(reason: string): void {
    const { clock, isFull, onWarning } = this.#parts;
    // Its own limit, which is raised with the space.
    if (/maximum bytes/i.test(reason) || this.#watching !== undefined) return;
    if (isFull()) {
      onWarning('the disk that holds the log is full; commands are refused until there is space');
      this.#watching = setInterval(() => this.#look(), limits.stuck_look_ms);
    } else if (clock.elapsed() - this.#restartedAt >= limits.stuck_restart_every_ms) {
      this.#restart(reason);
    }
  }

  close(): void {
    clearInterval(this.#watching);
    this.#watching = undefined;
  }

  #look(): void {
    if (this.#watching === undefined || this.#parts.isFull()) return;
    clearInterval(this.#watching);
    this.#watching = undefined;
    this.#restart('there is space again on its disk');
  }

  #restart(reason: string): void {
    const { server, clock, onWarning } = this.#parts;
    this.#restartedAt = clock.elapsed();
    server.restart(reason).catch(({ message }: Error) => {
      onWarning(`nats-server was not restarted: ${message}`);
    });
  }
}
