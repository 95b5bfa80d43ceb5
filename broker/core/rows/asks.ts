// The rows of the asks: every open thread, and a bounded tail of closed ones.
import type { Thread } from '../../../schemas/ask.js';
import { limits } from '../../../schemas/limits.js';
import { TimerQueue } from './timer-queue.js';
import { weightOf } from './weight.js';

export interface AskRow extends Thread {
  hops: number;
}

/** A fan-out: its asks in the order of their recipients. */
export interface GroupRow {
  group: string;
  from: string;
  circle: string;
  quorum?: number | undefined;
  asks: { ask: string; peer: string }[];
}

/** Oldest first. */
export interface AsksSnapshot {
  open: AskRow[];
  closed: AskRow[];
  dropped: number;
  groups: GroupRow[];
}

/**
 * Open asks without bound here (the rules set it); of closed ones the newest, by
 * `limits.asks_closed_rows` and `limits.asks_closed_chars`. What falls off is read back from the
 * log.
 */
export class AskRows {
  readonly open = new Map<string, AskRow>();
  /** Oldest first; what falls off is read back from the log. */
  readonly closed = new Map<string, AskRow>();
  /** How many have fallen off. */
  dropped = 0;
  /** Characters of text the closed tail holds. */
  #closedChars = 0;
  /** The tail's order from `first` on: the front of a Map costs more the more has left it. */
  #order: string[] = [];
  #first = 0;
  readonly #openBy = new Map<string, Set<string>>();
  /** Oldest first; what falls off is read back from the log. */
  readonly groups = new Map<string, GroupRow>();
  /** Open asks by their deadline. */
  readonly deadlines = new TimerQueue();

  get(ask: string): AskRow | undefined {
    return this.open.get(ask) ?? this.closed.get(ask);
  }

  add(row: AskRow): void {
    this.open.set(row.ask, row);
    if (row.deadline_at !== undefined) this.deadlines.set(row.ask, row.deadline_at);
    this.#enter(row.from, row.ask);
    this.#enter(row.to, row.ask);
  }

  /** The open asks from or to a peer, oldest first. */
  openOf(peer: string): Iterable<string> {
    return this.#openBy.get(peer) ?? [];
  }

  /** How many open asks a peer takes part in. */
  openCount(peer: string): number {
    return this.#openBy.get(peer)?.size ?? 0;
  }

  /** Puts a row in place of an open one that another peer asks, or is asked, from now on. */
  rehome(row: AskRow): void {
    const before = this.open.get(row.ask);
    if (before === undefined) return;
    this.open.set(row.ask, row);
    for (const peer of [before.from, before.to]) {
      if (peer !== row.from && peer !== row.to) this.#leave(peer, row.ask);
    }
    for (const peer of [row.from, row.to]) {
      if (peer !== before.from && peer !== before.to) this.#enter(peer, row.ask);
    }
  }

  /** Brings the open asks of a peer into the order in which they were opened. */
  sort(peer: string): void {
    const rows = [...this.openOf(peer)].map(ask => this.open.get(ask)!);
    if (rows.length === 0) return;
    rows.sort((a, b) => a.position - b.position || placeIn(a.ask) - placeIn(b.ask));
    this.#openBy.set(peer, new Set(rows.map(({ ask }) => ask)));
  }

  close(row: AskRow): void {
    this.open.delete(row.ask);
    if (row.deadline_at !== undefined) this.deadlines.delete(row.ask);
    this.#leave(row.from, row.ask);
    this.#leave(row.to, row.ask);
    this.keep(row);
  }

  /** Puts a closed row at the end of the tail and drops what no longer fits. */
  keep(row: AskRow): void {
    this.closed.set(row.ask, row);
    this.#order.push(row.ask);
    this.#closedChars += charsOf(row);
    while (this.closed.size > limits.asks_closed_rows || this.#closedChars > TAIL_CHARS) {
      this.#dropOldest();
    }
  }

  addGroup(row: GroupRow): void {
    this.groups.set(row.group, row);
    if (this.groups.size <= limits.groups_rows) return;
    const [oldest = ''] = this.groups.keys();
    this.groups.delete(oldest);
  }

  /** True when a fan-out may have fallen off: once full, it stays full. */
  get hasDroppedGroups(): boolean {
    return this.groups.size >= limits.groups_rows;
  }

  toSnapshot(): AsksSnapshot {
    return {
      open: [...this.open.values()],
      closed: [...this.closed.values()],
      dropped: this.dropped,
      groups: [...this.groups.values()],
    };
  }

  static fromSnapshot({ open, closed, dropped, groups }: AsksSnapshot): AskRows {
    const asks = new AskRows();
    asks.dropped = dropped;
    for (const row of open) asks.add(row);
    for (const row of closed) asks.keep(row);
    for (const row of groups) asks.addGroup(row);
    return asks;
  }

  #dropOldest(): void {
    const ask = this.#order[this.#first++] ?? '';
    const old = this.closed.get(ask);
    this.closed.delete(ask);
    this.#closedChars -= old === undefined ? 0 : charsOf(old);
    this.dropped++;
    if (this.#first < limits.asks_closed_rows) return;
    this.#order = this.#order.slice(this.#first);
    this.#first = 0;
  }

  #enter(peer: string, ask: string): void {
    const set = this.#openBy.get(peer);
    if (set) set.add(ask);
    else this.#openBy.set(peer, new Set([ask]));
  }

  #leave(peer: string, ask: string): void {
    const set = this.#openBy.get(peer);
    set?.delete(ask);
    if (set?.size === 0) this.#openBy.delete(peer);
  }
}

const TAIL_CHARS = limits.asks_closed_chars;

/** Of the asks that one fan-out opened at once, which it is; 0 for an ask by itself. */
function placeIn(ask: string): number {
  const dot = ask.indexOf('.');
  return dot < 0 ? 0 : Number(ask.slice(dot + 1));
}

function charsOf(row: AskRow): number {
  return row.text.length + (row.reply?.text?.length ?? 0) + weightOf(row);
}
