// What lives as long as the session but must be begun anew on every socket: inbox, observations.
import type { Heard } from './wire.js';

/** Parameters, results and notifications, of whichever method. */
export type CallFields = Record<string, unknown>;

/** What is begun anew on every socket. */
export interface SessionFollower {
  /** A new socket is ready, and nothing of the follower is known there. */
  begin(): void;
  heard(method: string, params: CallFields, size: number): void;
  /** The session is over; without an error when the program closed it. */
  ended(error?: Error): void;
}

/** The followers of a session. */
export class Followers {
  /** Each with the socket on which it was begun last. */
  readonly #begun = new Map<SessionFollower, number>();

  /** Takes it in, to be begun on the next socket that is ready; anew when it was known. */
  add(follower: SessionFollower): void {
    this.#begun.set(follower, 0);
  }

  delete(follower: SessionFollower): void {
    this.#begun.delete(follower);
  }

  begin(socket: number): void {
    for (const [follower, begun] of this.#begun) {
      if (begun === socket) continue;
      this.#begun.set(follower, socket);
      follower.begin();
    }
  }

  tell({ method, params, size }: Extract<Heard, { kind: 'notice' }>): void {
    for (const follower of [...this.#begun.keys()]) follower.heard(method, params, size);
  }

  end(error?: Error): void {
    for (const follower of [...this.#begun.keys()]) follower.ended(error);
    this.#begun.clear();
  }
}
