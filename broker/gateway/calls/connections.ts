// All open connections: closed when their author may speak no longer, pinged by a timing wheel.
import { closeCodes } from '../../../schemas/frame.js';
import { limits } from '../../../schemas/limits.js';
import { isRefusal } from '../../../schemas/refusal.js';
import { standingOf } from '../../core/rows/standing.js';
import type { Author } from '../../core/words.js';
import type { Door } from '../../runtime/door.js';
import { doorTime } from '../shared/access.js';
import { ousting } from '../shared/ousting.js';
import type { Connection } from './connection.js';

const SLOTS = 20;
const RESTART = 'the broker restarts';
const FENCED = 'this broker serves no more';

/**
 * The open connections by who speaks there. Pings are spread by a timing wheel: a slot a tick, so
 * that no tick looks at every connection.
 * https://www.cs.columbia.edu/~nahum/w6998/papers/ton97-timing-wheels.pdf
 */
export class Connections {
  readonly #door: Door;
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<Connection>());
  readonly #slotOf = new Map<Connection, number>();
  /** By peer, or by token where nobody speaks for a peer. */
  readonly #crews = new Map<string, Crew>();
  readonly #crewOf = new Map<Connection, Crew>();
  readonly #timer: NodeJS.Timeout;
  readonly #deafen: () => void;
  #ousting: NodeJS.Timeout | undefined;
  #turn = 0;
  /** Said to all, and to whoever comes. */
  #farewell: string | undefined;
  #emptied: (() => void) | undefined;

  /** Every connection is pinged once in `pingEveryMs`, spread evenly over that time. */
  constructor(door: Door, pingEveryMs: number) {
    this.#door = door;
    this.#timer = setInterval(() => this.#tick(), pingEveryMs / SLOTS);
    this.#deafen = door.listen(({ records }) => {
      if (records.some(({ type }) => ousting.has(type))) this.#oust();
    });
  }

  get size(): number {
    return this.#slotOf.size;
  }

  /** Pages that have not shown their code yet. */
  get strangers(): number {
    return this.#slotOf.size - this.#crewOf.size;
  }

  add(connection: Connection): void {
    this.#turn = (this.#turn + 1) % SLOTS;
    this.#slots[this.#turn]!.add(connection);
    this.#slotOf.set(connection, this.#turn);
    // Its upgrade was under way when the goodbyes were said.
    if (this.#farewell !== undefined) connection.close(closeCodes.restart, this.#farewell);
  }

  /** From now on the connection lives as long as its author may speak. */
  enrol(connection: Connection, author: Author): void {
    this.#dismiss(connection);
    const key = author.peer ?? author.token;
    const crew = this.#crews.get(key) ?? { key, author, connections: new Set() };
    this.#crews.set(key, crew);
    crew.connections.add(connection);
    this.#crewOf.set(connection, crew);
    // Its upgrade, join or attach was under way when its author was put out.
    if (this.#isOusted(author)) this.#oust();
  }

  remove(connection: Connection): void {
    const slot = this.#slotOf.get(connection);
    if (slot === undefined) return;
    this.#slots[slot]!.delete(connection);
    this.#slotOf.delete(connection);
    this.#dismiss(connection);
    if (this.size === 0) this.#emptied?.();
  }

  /** Says goodbye to all and to whoever comes, so that they go to another broker. */
  fence(): void {
    this.#goodbye(FENCED);
  }

  /** Says goodbye to all; whoever has not gone after `graceMs` is cut off. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#ousting);
    this.#deafen();
    this.#farewell ??= RESTART;
    if (this.size === 0) return;
    const gone = new Promise<void>(resolve => {
      this.#emptied = resolve;
    });
    this.#goodbye(RESTART);
    const patience = setTimeout(() => {
      for (const one of this.#slotOf.keys()) one.terminate();
    }, graceMs);
    await gone;
    clearTimeout(patience);
  }

  #goodbye(reason: string): void {
    this.#farewell = reason;
    for (const one of this.#slotOf.keys()) one.close(closeCodes.restart, reason);
  }

  #tick(): void {
    this.#turn = (this.#turn + 1) % SLOTS;
    for (const connection of this.#slots[this.#turn]!) connection.beat();
    this.#endOusted();
  }

  #dismiss(connection: Connection): void {
    const crew = this.#crewOf.get(connection);
    if (crew === undefined) return;
    this.#crewOf.delete(connection);
    crew.connections.delete(connection);
    if (crew.connections.size === 0) this.#crews.delete(crew.key);
  }

  #isOusted(author: Author): boolean {
    return isRefusal(standingOf(this.#door.table, author, doorTime(this.#door)));
  }

  /** In a moment: what was asked by then is answered, though by a refusal, and nothing is shown. */
  #oust(): void {
    this.#ousting ??= setTimeout(() => {
      this.#ousting = undefined;
      this.#endOusted();
    }, limits.ousted_ms);
  }

  #endOusted(): void {
    for (const { author, connections } of this.#crews.values()) {
      if (!this.#isOusted(author)) continue;
      for (const one of connections) one.close(closeCodes.revoked, OUSTED);
    }
  }
}

/** The connections that live and end together. */
interface Crew {
  key: string;
  author: Author;
  connections: Set<Connection>;
}

const OUSTED = 'the token or the peer has ended';
