// Whether the server at the other end lives: a heartbeat that anything it sends answers.
import { limits } from '../../../schemas/limits.js';

/** What is known of a connection, and done with it. */
export interface PulseOptions {
  isConnected(): boolean;
  /** Counts the messages that came. */
  received(): number;
  /** Resolves once answered; rejects when the connection is lost first. */
  ping(): Promise<unknown>;
  /** Gives the connection up, for a new one. */
  leave(): void;
}

/**
 * Pings every `limits.store_ping_ms`, and gives the connection up where as many as
 * `limits.store_ping_tries` were sent and nothing at all came since. The answer to a ping stands
 * behind all that was sent before it: a reader that is slow, as on a loaded machine, must not take
 * its own delay for a death. Returns what ends it.
 * https://docs.nats.io/reference/reference-protocols/nats-protocol#ping-pong
 */
export function watchPulse({ isConnected, received, ping, leave }: PulseOptions): () => void {
  let unanswered = 0;
  let known = received();
  const look = (): void => {
    const count = received();
    if (count !== known || !isConnected()) unanswered = 0;
    known = count;
    if (!isConnected()) return;
    if (unanswered >= limits.store_ping_tries) {
      unanswered = 0;
      leave();
      return;
    }
    unanswered += 1;
    ping().then(
      () => {
        unanswered = 0;
      },
      () => {},
    );
  };
  // What came while this thread was busy is read before it is missed.
  const timer = setInterval(() => setImmediate(look), limits.store_ping_ms);
  return () => clearInterval(timer);
}
