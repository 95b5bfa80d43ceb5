// The rows of the inboxes: per peer, in the order of the log, what it has not yet acknowledged.
import { limits } from '../../schemas/limits.js';
import type { InboxItem } from '../../schemas/message.js';

export interface Item extends InboxItem {
  /** True when its peer was connected as it arrived, so it may have been shown already. */
  offered: boolean;
}

export interface Box {
  peer: string;
  /** Counts the consumers: an older one's acks are refused. */
  generation: number;
  /** By ref, in position order. */
  items: Map<string, Item>;
  /** Characters of text it holds. */
  chars: number;
  /** The ref of the one item that stands for several messages. */
  digest?: string | undefined;
}

export class InboxRows {
  readonly boxes = new Map<string, Box>();
  private readonly expiring = new Heap();

  box(peer: string): Box {
    const known = this.boxes.get(peer);
    if (known) return known;
    const box: Box = { peer, generation: 0, items: new Map(), chars: 0 };
    this.boxes.set(peer, box);
    return box;
  }

  put(box: Box, item: Item): void {
    this.take(box, item.ref);
    box.items.set(item.ref, item);
    box.chars += item.text.length;
    if (item.refs !== undefined) box.digest = item.ref;
    if (item.expires_at !== undefined) {
      this.expiring.push({ at: item.expires_at, peer: box.peer, ref: item.ref });
    }
  }

  take(box: Box, ref: string): Item | undefined {
    const item = box.items.get(ref);
    if (item === undefined) return undefined;
    box.items.delete(ref);
    box.chars -= item.text.length;
    if (box.digest === ref) box.digest = undefined;
    return item;
  }

  /** Restores the position order after an older item was put again. */
  sort(box: Box): void {
    const items = [...box.items.values()].sort((a, b) => a.position - b.position);
    box.items.clear();
    for (const item of items) box.items.set(item.ref, item);
  }

  isFull(peer: string, chars: number): boolean {
    const box = this.boxes.get(peer);
    if (box === undefined) return false;
    // A digest is one item, but each message in it costs its ref.
    const digested = box.items.get(box.digest ?? '')?.refs?.length ?? 0;
    const count = box.items.size + digested;
    return count >= limits.inbox_items || box.chars + chars > limits.inbox_chars;
  }

  /** When the next item may expire; undefined when none will. */
  nextExpiry(): number | undefined {
    return this.expiring.first()?.at;
  }

  /** The next item whose time has come, taken out of its box; undefined when none is due. */
  takeExpired(time: number): { peer: string; item: Item } | undefined {
    for (let due = this.expiring.due(time); due; due = this.expiring.due(time)) {
      const box = this.boxes.get(due.peer);
      if (box?.items.get(due.ref)?.expires_at !== due.at) continue;
      const item = this.take(box, due.ref);
      if (item) return { peer: due.peer, item };
    }
    return undefined;
  }
}

interface Expiry {
  at: number;
  peer: string;
  ref: string;
}

/** A binary heap of expiries; equal times leave in the order of peer and ref. */
class Heap {
  private readonly rows: Expiry[] = [];

  push(row: Expiry): void {
    const { rows } = this;
    let i = rows.push(row) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      const parent = rows[up]!;
      if (!isBefore(row, parent)) break;
      rows[i] = parent;
      i = up;
    }
    rows[i] = row;
  }

  first(): Expiry | undefined {
    return this.rows[0];
  }

  due(time: number): Expiry | undefined {
    const { rows } = this;
    const first = rows[0];
    if (first === undefined || first.at > time) return undefined;
    const last = rows.pop()!;
    if (rows.length > 0) this.sink(last);
    return first;
  }

  private sink(row: Expiry): void {
    const { rows } = this;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= rows.length) break;
      if (child + 1 < rows.length && isBefore(rows[child + 1]!, rows[child]!)) child++;
      if (!isBefore(rows[child]!, row)) break;
      rows[i] = rows[child]!;
      i = child;
    }
    rows[i] = row;
  }
}

function isBefore(a: Expiry, b: Expiry): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.peer !== b.peer) return a.peer < b.peer;
  return a.ref < b.ref;
}
