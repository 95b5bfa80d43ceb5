// Presence: which peers are connected here, told to the log as they come and go.
import type { SignalEvent } from '../../schemas/event.js';
import type { PeerState } from '../core/rows/peers.js';
import type { FoldedCommit } from '../core/words.js';
import type { Part, PartContext } from './part.js';

export type PresenceEvent = 'peer.connected' | 'peer.disconnected';

/** What was told of a peer and is not settled by the log yet: how often, and the last word. */
interface Word {
  waiting: number;
  isHere: boolean;
}

export interface PresenceConfig extends Pick<PartContext, 'table' | 'boot'> {
  /** Proposes the event; false when it could not. */
  tell(type: PresenceEvent, row: PeerState): boolean;
}

/**
 * A peer is present while a connection speaks for it, on any gateway. The log alone says so, as
 * [Phoenix.Tracker](https://hexdocs.pm/phoenix_pubsub/Phoenix.Tracker.html) does by a CRDT.
 */
export class Presence implements Part {
  readonly #connections = new Map<string, number>();
  readonly #words = new Map<string, Word>();
  readonly #config: PresenceConfig;

  constructor(config: PresenceConfig) {
    this.#config = config;
  }

  /** A connection here speaks for the peer from now on. */
  attach(peer: string): void {
    const count = (this.#connections.get(peer) ?? 0) + 1;
    this.#connections.set(peer, count);
    if (count === 1) this.#update(peer);
  }

  /** A connection here speaks for the peer no longer. */
  detach(peer: string): void {
    const count = (this.#connections.get(peer) ?? 0) - 1;
    if (count > 0) {
      this.#connections.set(peer, count);
      return;
    }
    this.#connections.delete(peer);
    this.#update(peer);
  }

  folded(_: FoldedCommit, own: readonly SignalEvent[] | undefined): void {
    if (own !== undefined) this.#settled(own);
  }

  refused(events: readonly SignalEvent[]): void {
    this.#settled(events);
  }

  #settled(events: readonly SignalEvent[]): void {
    if (this.#words.size === 0) return;
    for (const event of events) {
      if (event.type !== 'peer.connected' && event.type !== 'peer.disconnected') continue;
      const word = this.#words.get(event.peer);
      if (word !== undefined && --word.waiting === 0) this.#words.delete(event.peer);
    }
  }

  /**
   * Tells what the log has wrong: a word it refused, or a join whose connection was gone before
   * anybody spoke through it. Else a ghost would stay for as long as this gateway lives.
   */
  tick(): void {
    const [table, boot] = [this.#config.table(), this.#config.boot()];
    if (!table.gateways.rows.has(boot)) return;
    for (const peer of this.#connections.keys()) {
      if (!this.#words.has(peer)) this.#update(peer);
    }
    for (const row of table.peers.live()) {
      if (row.boots.includes(boot) && !this.#words.has(row.peer)) {
        this.#update(row.peer);
      }
    }
  }

  /** Says again who is connected: the boot they were connected through has ended. */
  tellAll(): void {
    const { peers } = this.#config.table();
    for (const peer of this.#connections.keys()) {
      const row = peers.rows.get(peer);
      if (row !== undefined && row.retired === undefined) this.#say(row, true);
    }
  }

  #update(peer: string): void {
    const { table, boot } = this.#config;
    const row = table().peers.rows.get(peer);
    if (row === undefined || row.retired !== undefined) return;
    const isHere = this.#connections.has(peer);
    const isThoughtHere = this.#words.get(peer)?.isHere ?? row.boots.includes(boot());
    if (isHere !== isThoughtHere) this.#say(row, isHere);
  }

  #say(row: PeerState, isHere: boolean): void {
    if (!this.#config.tell(isHere ? 'peer.connected' : 'peer.disconnected', row)) return;
    const waiting = (this.#words.get(row.peer)?.waiting ?? 0) + 1;
    this.#words.set(row.peer, { waiting, isHere });
  }
}
