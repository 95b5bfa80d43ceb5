// All open connections: by token, so that a revoked one ends, and on one wheel of pings.
import { closeCodes } from '../../schemas/frame.js';
import type { Door } from '../door.js';
import { rights } from '../rows/tokens.js';
import { doorTime } from './access.js';
import type { Connection } from './connection.js';

const SLOTS = 20;
const RESTART = 'the broker restarts';

export class Roster {
  private readonly door: Door;
  private readonly slots = Array.from({ length: SLOTS }, () => new Set<Connection>());
  private readonly slotOf = new Map<Connection, number>();
  private readonly byToken = new Map<string, Set<Connection>>();
  private readonly tokens = new Map<Connection, string>();
  private readonly timer: NodeJS.Timeout;
  private readonly deafen: () => void;
  private turn = 0;
  private isClosing = false;
  private emptied: (() => void) | undefined;

  /** Every connection is pinged once in `pingEveryMs`, spread evenly over that time. */
  constructor(door: Door, pingEveryMs: number) {
    this.door = door;
    this.timer = setInterval(() => this.tick(), pingEveryMs / SLOTS);
    this.deafen = door.listen(({ records }) => {
      if (records.some(({ type }) => type === 'token.revoked')) this.endRevoked();
    });
  }

  get size(): number {
    return this.slotOf.size;
  }

  /** Pages that have not shown their code yet. */
  get strangers(): number {
    return this.slotOf.size - this.tokens.size;
  }

  add(connection: Connection): void {
    this.turn = (this.turn + 1) % SLOTS;
    this.slots[this.turn]!.add(connection);
    this.slotOf.set(connection, this.turn);
    // Its upgrade was under way when the goodbyes were said.
    if (this.isClosing) connection.close(closeCodes.restart, RESTART);
  }

  /** From now on the connection lives as long as the token. */
  enrol(connection: Connection, token: string): void {
    this.byToken.get(this.tokens.get(connection) ?? '')?.delete(connection);
    this.tokens.set(connection, token);
    const fellows = this.byToken.get(token);
    if (fellows) fellows.add(connection);
    else this.byToken.set(token, new Set([connection]));
  }

  remove(connection: Connection): void {
    const slot = this.slotOf.get(connection);
    if (slot === undefined) return;
    this.slots[slot]!.delete(connection);
    this.slotOf.delete(connection);
    const token = this.tokens.get(connection) ?? '';
    this.tokens.delete(connection);
    const fellows = this.byToken.get(token);
    fellows?.delete(connection);
    if (fellows?.size === 0) this.byToken.delete(token);
    if (this.size === 0) this.emptied?.();
  }

  /** Says goodbye to all; whoever has not gone after `graceMs` is cut off. */
  async close(graceMs: number): Promise<void> {
    this.isClosing = true;
    clearInterval(this.timer);
    this.deafen();
    if (this.size === 0) return;
    const gone = new Promise<void>(resolve => {
      this.emptied = resolve;
    });
    for (const one of this.slotOf.keys()) one.close(closeCodes.restart, RESTART);
    const patience = setTimeout(() => {
      for (const one of this.slotOf.keys()) one.terminate();
    }, graceMs);
    await gone;
    clearTimeout(patience);
  }

  private tick(): void {
    this.turn = (this.turn + 1) % SLOTS;
    for (const connection of this.slots[this.turn]!) connection.beat();
    this.endRevoked();
  }

  private endRevoked(): void {
    const time = doorTime(this.door);
    for (const [token, connections] of this.byToken) {
      if (rights(this.door.table, token, time) !== undefined) continue;
      for (const one of connections) one.close(closeCodes.revoked, 'token revoked or expired');
    }
  }
}
