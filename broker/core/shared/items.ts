// Items as they enter and leave an inbox, for every rule that tells a peer something.
import type { Change } from '../change.js';
import type { Box, Item } from '../rows/inbox.js';
import { statusOf } from '../rows/presence.js';
import type { Table } from '../rows/table.js';
import { digestWithout } from './digest.js';
import type { Fact } from './view.js';

/**
 * True for a peer that is connected, as the fold judges it, so that what is put into its inbox is
 * shown at once.
 */
export function isPresent(table: Table, peer: string): boolean {
  const row = table.peers.rows.get(peer);
  return row !== undefined && statusOf(row) !== 'offline';
}

/**
 * An item at its event's position and log time, not yet offered; it tells name and role of its
 * sender as they are now. `more` overrides any of that.
 */
export function itemOf(
  table: Table,
  { event, position, time }: Fact,
  kind: Item['kind'],
  ref: string,
  text: string,
  more: Partial<Item>,
  sentBy: string = event.by,
): Item {
  const from = table.peers.rows.get(sentBy);
  const sender = { from: sentBy, from_name: from?.name ?? '', from_role: from?.role ?? '' };
  return { position, time, kind, ...sender, text, ref, offered: false, ...more };
}

/**
 * Puts an item in place of one with its ref, and notes whether its peer is there to see it. Room is
 * not checked: a rule has, before.
 */
export function put(table: Table, peer: string, item: Item, changes: Change[]): void {
  item.offered = isPresent(table, peer);
  enter(table, peer, item, changes);
}

/** Puts an item as it is in place of one with its ref; other inboxes may hold the same item. */
export function enter(table: Table, peer: string, item: Item, changes: Change[]): void {
  table.inbox.put(table.inbox.box(peer), item);
  changes.push({ view: 'inbox', key: `${peer}/${item.ref}`, row: item });
}

/** Takes an item out, as seen, and each of its messages with it. True when it was there. */
export function remove(table: Table, box: Box, ref: string, changes: Change[]): boolean {
  const item = table.inbox.take(box, ref);
  if (item === undefined) return false;
  leaveMessages(table, item);
  changes.push({ view: 'inbox', key: `${box.peer}/${ref}`, row: null });
  return true;
}

/**
 * Takes one message out, also when a digest holds it among others; nothing when the inbox does not
 * hold it.
 */
export function drop(table: Table, peer: string, message: string, changes: Change[]): void {
  const box = table.inbox.boxes.get(peer);
  if (box === undefined) return;
  // A digest bears the ref of its newest message: that one must not take the others with it.
  const rest = digestWithout(box, message);
  if (rest === undefined) {
    remove(table, box, message, changes);
    return;
  }
  change(table, box, rest, changes);
  table.inbox.sort(box);
  settle(table, message, -1);
}

/** Takes out a message that one to `to` replaces: a broadcast there, a notify wherever it waits. */
export function takeBack(table: Table, message: string, to: string, changes: Change[]): void {
  drop(table, to, message, changes);
  if (table.messages.live.get(message)?.kind !== 'notify') return;
  for (const { peer } of table.inbox.boxes.values()) drop(table, peer, message, changes);
}

/**
 * Puts a digest in place of the one before it; either may be missing. The messages within are not
 * settled by it.
 */
export function change(
  table: Table,
  box: Box,
  { before, after }: { before?: Item | undefined; after?: Item | undefined },
  changes: Change[],
): void {
  if (before !== undefined) {
    table.inbox.take(box, before.ref);
    changes.push({ view: 'inbox', key: `${box.peer}/${before.ref}`, row: null });
  }
  if (after !== undefined) put(table, box.peer, after, changes);
}

/**
 * Settles every message an item stands for, once the item has left its inbox: of a digest each,
 * else its own.
 */
export function leaveMessages(table: Table, item: Item): void {
  for (const message of item.refs ?? [item.ref]) settle(table, message, -1);
}

/**
 * Counts one inbox more or less that holds a message; at 0 the message has ended. What is no
 * message is left alone. https://en.wikipedia.org/wiki/Reference_counting
 */
export function settle(table: Table, message: string, by: number): void {
  const row = table.messages.get(message);
  if (row !== undefined) table.messages.settle(row, row.waiting + by);
}
