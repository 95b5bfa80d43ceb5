// The rows of the inboxes: per peer, in the order of the log, what it has not yet acknowledged.
import { limits } from '../../../schemas/limits.js';
import type { InboxItem } from '../../../schemas/message.js';
import { rowsByKey } from './key-order.js';
import { TimerQueue } from './timer-queue.js';
import { weightOf } from './weight.js';

export interface Item extends InboxItem {
  /** True when its peer was connected as it arrived, so it may have been shown already. */
  offered: boolean;
  /** Of a digest with several messages: the log time of its first. */
  since?: number | undefined;
  handed?: Handed | undefined;
}

/** That an item was given to a hook of a session, which is no proof that its agent saw it. */
export interface Handed {
  session: string;
  /** Of the last hand-over. */
  position: number;
  /** How often it was handed over. */
  times: number;
}

export interface Box {
  peer: string;
  /** Counts the consumers: an older one's acks are refused. */
  generation: number;
  /** By ref, in position order. */
  items: Map<string, Item>;
  /** Characters it holds: texts, options, attachments. */
  chars: number;
  /** The ref of the one item that stands for several messages. */
  digest?: string | undefined;
}

/** Items in position order. */
interface KeptBox {
  peer: string;
  generation: number;
  items: Item[];
}

/**
 * An item stays until it is acknowledged, has expired or was taken back: delivery is at least once,
 * and its ref tells a repeat.
 * https://www.enterpriseintegrationpatterns.com/patterns/messaging/GuaranteedMessaging.html
 */
export class InboxRows {
  readonly boxes = new Map<string, Box>();
  /** By `peer/ref`: equal times leave in that order. */
  readonly #expiring = new TimerQueue();

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
    box.chars += charsOf(item);
    // What was shown already is not added to: its messages would be shown twice.
    if (item.refs !== undefined && item.handed === undefined) box.digest = item.ref;
    if (item.expires_at !== undefined) {
      this.#expiring.set(`${box.peer}/${item.ref}`, item.expires_at);
    }
  }

  /** Puts a row in place of the one with its ref, which keeps its place and its expiry. */
  update(box: Box, item: Item): void {
    box.items.set(item.ref, item);
    if (box.digest === item.ref && item.handed !== undefined) box.digest = undefined;
  }

  take(box: Box, ref: string): Item | undefined {
    const item = box.items.get(ref);
    if (item === undefined) return undefined;
    box.items.delete(ref);
    box.chars -= charsOf(item);
    if (box.digest === ref) box.digest = undefined;
    if (item.expires_at !== undefined) this.#expiring.delete(`${box.peer}/${ref}`);
    return item;
  }

  /** Restores the position order after an older item was put again. */
  sort(box: Box): void {
    const items = [...box.items.values()].sort((a, b) => a.position - b.position);
    box.items.clear();
    for (const item of items) box.items.set(item.ref, item);
  }

  /** Log time since when the oldest thing in it waits. */
  waitingSince(peer: string): number | undefined {
    const box = this.boxes.get(peer);
    if (box === undefined) return undefined;
    const [first] = box.items.values();
    const since = box.items.get(box.digest ?? '')?.since;
    return first && Math.min(first.time, since ?? first.time);
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
    return this.#expiring.next();
  }

  /** The next item whose time has come, taken out of its box; undefined when none is due. */
  takeExpired(time: number): { peer: string; item: Item } | undefined {
    const [key] = this.#expiring.due(time, 1);
    if (key === undefined) return undefined;
    const slash = key.indexOf('/');
    const peer = key.slice(0, slash);
    const item = this.take(this.box(peer), key.slice(slash + 1));
    return item === undefined ? undefined : { peer, item };
  }

  toSnapshot(): KeptBox[] {
    return rowsByKey(this.boxes).map(({ peer, generation, items }) => ({
      peer,
      generation,
      items: [...items.values()],
    }));
  }

  static fromSnapshot(boxes: readonly KeptBox[]): InboxRows {
    const inbox = new InboxRows();
    for (const { peer, generation, items } of boxes) {
      const box = inbox.box(peer);
      box.generation = generation;
      for (const item of items) inbox.put(box, item);
    }
    return inbox;
  }
}

/**
 * The characters an item takes of an inbox and of an answer: its text, its question's options, its
 * attachments.
 */
export function charsOf(item: InboxItem): number {
  return item.text.length + weightOf(item);
}

/** True for what is not to be shown as current any more, though the log has yet to say so. */
export function isExpired({ kind, expires_at, deadline_at }: Item, now: number): boolean {
  if (expires_at !== undefined && expires_at <= now) return true;
  return kind === 'ask' && deadline_at !== undefined && deadline_at <= now;
}

/** The item as its peer is told it, but for whether it is `repeated`. */
export function toldItem(item: Item): InboxItem {
  const { offered: _, since: __, handed: ___, expires_at, ...told } = item;
  return expires_at === undefined ? told : { ...told, expires_at };
}
