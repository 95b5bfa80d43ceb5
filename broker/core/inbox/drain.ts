// Draining an inbox into the hooks of a session: what one call hands over, and what it proves seen.
import type { Parsed } from '../../../schemas/method.js';
import type { Change } from '../change.js';
import { type Box, charsOf, type Item, isExpired } from '../rows/inbox.js';
import type { Table } from '../rows/table.js';
import { remove } from '../shared/items.js';
import type { Fact } from '../shared/view.js';

/** What a drain would hand over and take out as seen, by ref, in position order. */
export interface Drain {
  refs: string[];
  seen: string[];
  /** How many more wait to be handed over. */
  remaining: number;
  /** The position of the newest hand-over of this inbox; 0 when there was none. */
  known: number;
}

/** Picks the items for a drain of a peer's inbox as it is now; `now` is mesh time, in ms UTC. */
export function drainOf(
  table: Table,
  peer: string,
  { session, proof, again, refs, max, max_chars }: Parsed<'inbox.drain'>,
  now: number,
): Drain {
  const drain: Drain = { refs: [], seen: [], remaining: 0, known: 0 };
  const wanted = refs && new Set(refs);
  let chars = 0;
  for (const item of table.inbox.boxes.get(peer)?.items.values() ?? []) {
    const { ref, handed } = item;
    drain.known = Math.max(drain.known, handed?.position ?? 0);
    if (proof && handed?.session === session) {
      drain.seen.push(ref);
      continue;
    }
    if (wanted !== undefined && !wanted.has(ref)) continue;
    if (isExpired(item, now) || (handed !== undefined && !again)) continue;
    chars += charsOf(item);
    const isOver = drain.refs.length > 0 && chars > max_chars;
    if (isOver || drain.refs.length >= max) drain.remaining++;
    else drain.refs.push(ref);
  }
  return drain;
}

/** True when a drain has nothing to write into the log. */
export function isIdle({ refs, seen }: Drain): boolean {
  return refs.length === 0 && seen.length === 0;
}

/**
 * Of two hooks that race the first in the log has an item: what was handed over since the author
 * looked is left alone, and proves nothing. How many left the inbox as seen.
 */
export function handOver(
  table: Table,
  { event, position, time }: Fact<'inbox.handed'>,
  changes: Change[],
): void {
  const { by: peer, session, refs = [], seen = [], known = 0 } = event;
  const box = table.inbox.box(peer);
  const isKnown = ({ handed }: Item) => handed === undefined || handed.position <= known;
  for (const ref of seen) {
    const item = box.items.get(ref);
    if (item?.handed?.session === session && isKnown(item)) remove(table, box, ref, changes);
  }
  for (const ref of refs) {
    const item = box.items.get(ref);
    if (item === undefined || !isKnown(item)) continue;
    const handed = { session, position, times: (item.handed?.times ?? 0) + 1 };
    const row: Item = { ...item, handed, handed_at: time };
    table.inbox.update(box, row);
    changes.push({ view: 'inbox', key: `${peer}/${ref}`, row });
  }
}

/** What the hand-over at a position of the log has given, in position order of the items. */
export function handedAt(box: Box | undefined, position: number): Item[] {
  return [...(box?.items.values() ?? [])].filter(({ handed }) => handed?.position === position);
}
