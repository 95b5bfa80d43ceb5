// Which peers are connected here, told to the log as they come and go, until the log says so too.
import type { SignalEvent } from '../../schemas/event.js';
import type { PeerState } from '../core/rows/peers.js';
import type { Table } from '../core/rows/table.js';

export type PresenceEvent = 'peer.connected' | 'peer.disconnected';

/** What was told of a peer and is not settled by the log yet: how often, and the last word. */
interface Word {
  waiting: number;
  isHere: boolean;
}

export class Presence {
  private readonly connections = new Map<string, number>();
  private readonly words = new Map<string, Word>();
  private readonly tell: (type: PresenceEvent, row: PeerState) => boolean;

  /** `tell` proposes the event; false when it could not. */
  constructor(tell: (type: PresenceEvent, row: PeerState) => boolean) {
    this.tell = tell;
  }

  attach(table: Table, boot: string, peer: string): void {
    const count = (this.connections.get(peer) ?? 0) + 1;
    this.connections.set(peer, count);
    if (count === 1) this.update(table, boot, peer);
  }

  detach(table: Table, boot: string, peer: string): void {
    const count = (this.connections.get(peer) ?? 0) - 1;
    if (count > 0) {
      this.connections.set(peer, count);
      return;
    }
    this.connections.delete(peer);
    this.update(table, boot, peer);
  }

  /** These events of ours came back from the log, or were refused by it. */
  settled(events: readonly SignalEvent[]): void {
    if (this.words.size === 0) return;
    for (const event of events) {
      if (event.type !== 'peer.connected' && event.type !== 'peer.disconnected') continue;
      const word = this.words.get(event.peer);
      if (word !== undefined && --word.waiting === 0) this.words.delete(event.peer);
    }
  }

  /**
   * Tells what the log has wrong: a word it refused, or a join whose connection was gone before
   * anybody spoke through it. Else a ghost would stay for as long as this gateway lives.
   */
  tick(table: Table, boot: string): void {
    if (!table.gateways.rows.has(boot)) return;
    for (const peer of this.connections.keys()) {
      if (!this.words.has(peer)) this.update(table, boot, peer);
    }
    for (const row of table.peers.live()) {
      if (row.boots.includes(boot) && !this.words.has(row.peer)) {
        this.update(table, boot, row.peer);
      }
    }
  }

  /** Says again who is connected: the boot they were connected through has ended. */
  tellAll(table: Table): void {
    for (const peer of this.connections.keys()) {
      const row = table.peers.rows.get(peer);
      if (row !== undefined && row.retired === undefined) this.say(row, true);
    }
  }

  private update(table: Table, boot: string, peer: string): void {
    const row = table.peers.rows.get(peer);
    if (row === undefined || row.retired !== undefined) return;
    const isHere = this.connections.has(peer);
    const isThoughtHere = this.words.get(peer)?.isHere ?? row.boots.includes(boot);
    if (isHere !== isThoughtHere) this.say(row, isHere);
  }

  private say(row: PeerState, isHere: boolean): void {
    if (!this.tell(isHere ? 'peer.connected' : 'peer.disconnected', row)) return;
    const waiting = (this.words.get(row.peer)?.waiting ?? 0) + 1;
    this.words.set(row.peer, { waiting, isHere });
  }
}
