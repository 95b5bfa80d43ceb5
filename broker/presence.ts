// Which peers are connected here, told to the log as they come and go.
import type { PeerState } from './rows/peers.js';
import type { Table } from './rows/table.js';

export type PresenceEvent = 'peer.connected' | 'peer.disconnected';

export class Presence {
  private readonly connections = new Map<string, number>();
  /** Said to be gone, which the table may not know yet. */
  private readonly gone = new Set<string>();
  private readonly tell: (type: PresenceEvent, row: PeerState) => void;

  constructor(tell: (type: PresenceEvent, row: PeerState) => void) {
    this.tell = tell;
  }

  attach(table: Table, boot: string, peer: string): void {
    const count = (this.connections.get(peer) ?? 0) + 1;
    this.connections.set(peer, count);
    const row = table.peers.rows.get(peer);
    if (count > 1 || row === undefined) return;
    const wasGone = this.gone.delete(peer);
    if (wasGone || !row.boots.includes(boot)) this.tell('peer.connected', row);
  }

  detach(table: Table, peer: string): void {
    const count = (this.connections.get(peer) ?? 0) - 1;
    if (count > 0) {
      this.connections.set(peer, count);
      return;
    }
    this.connections.delete(peer);
    const row = table.peers.rows.get(peer);
    if (row === undefined || row.retired !== undefined) return;
    this.gone.add(peer);
    this.tell('peer.disconnected', row);
  }

  /** Says again who is connected: the boot they were connected through has ended. */
  tellAll(table: Table): void {
    for (const peer of this.connections.keys()) {
      const row = table.peers.rows.get(peer);
      if (row !== undefined && row.retired === undefined) this.tell('peer.connected', row);
    }
  }
}
