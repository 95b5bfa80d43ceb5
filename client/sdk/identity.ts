// What the client makes itself: command ids on the broker's time, and the identity of a new peer.
import { limits } from '../../schemas/limits.js';
import { makeUuid, named } from '../../schemas/uuid.js';
import type { Identity } from './api.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function random(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

/** A fresh uuid v7 for a command, at a time in ms UTC. */
export function mintId(time: number): string {
  return makeUuid(time, random(10));
}

/**
 * The broker's time as this side knows it: what it last said, moved on by the monotonic clock, so
 * that a clock set here changes nothing. Ids too far ahead of it are refused.
 */
export class BrokerTime {
  /** The broker's time less monotonic time; absent while it has said nothing. */
  #offset: number | undefined;
  readonly #elapsed: () => number;

  /** By a monotonic clock in ms; a process that must start fast has none but its own age. */
  constructor(elapsed = () => performance.now()) {
    this.#elapsed = elapsed;
  }

  /** An answer said that it is `time` there, in ms UTC. */
  learn(time: number): void {
    this.#offset = time - this.#elapsed();
  }

  /** In ms UTC; this side's own while the broker has said nothing. */
  now(): number {
    if (this.#offset === undefined) return Date.now();
    return Math.round(this.#offset + this.#elapsed());
  }
}

/** A new peer's identity. Keep it before joining with it, and a repeated join is the same peer. */
export function newIdentity(): Identity {
  // 64 letters to choose from: the low six bits of a random byte name one without bias.
  const letters = Array.from(random(limits.secret_made_chars), byte => ALPHABET[byte & 63]);
  return { peer: named('peer', mintId(Date.now())), secret: letters.join('') };
}
