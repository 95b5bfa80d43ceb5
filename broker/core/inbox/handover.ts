// Unseen mail that is taken over: in its order it moves on into the inbox of the successor.
import type { Change } from '../change.js';
import type { AskRow } from '../rows/asks.js';
import type { Box, Item } from '../rows/inbox.js';
import type { Table } from '../rows/table.js';
import { digestsJoined } from '../shared/digest.js';
import { change, itemOf, leaveMessages, put } from '../shared/items.js';
import { itemOfThread, threadsIn } from '../shared/threads.js';
import type { Fact } from '../shared/view.js';

type HandedOver = Fact<'orchestrator.handed_over'>;

const NOTICE = 'handover_';

/**
 * What waits moves, as new in the successor's inbox but of its own age; what the former peer may
 * have been shown is `repeated`. Asks that it saw and did not answer are put there again.
 */
export function handInbox(table: Table, fact: HandedOver, changes: Change[]): void {
  const { of, to, by, note } = fact.event;
  const { position } = fact;
  const box = table.inbox.boxes.get(of);
  const heir = table.inbox.box(to);
  if (box !== undefined) {
    dropNotices(table, box, changes);
    for (const item of movable(table, box)) {
      table.inbox.take(box, item.ref);
      changes.push({ view: 'inbox', key: `${of}/${item.ref}`, row: null });
      receive(table, heir, item, movedOf(item, of, position), changes);
    }
  }
  for (const row of threadsIn(changes)) {
    const isOwed = row.to === to && row.from !== to && !heir.items.has(row.ask);
    if (isOwed) put(table, to, owed(table, row, fact), changes);
  }
  const names = [of, to].map(peer => table.peers.rows.get(peer)?.name ?? peer);
  const [former = '', successor = ''] = names;
  const more = note === undefined ? '' : `\n${note}`;
  const lost = `${successor} took over from you: what you had asked and were asked, your unread `;
  const theirs =
    'mail, jobs, schedules, watches and reviews are with them now. Do none of it again.';
  put(table, of, notice(table, fact, `${lost}${theirs}${more}`, to), changes);
  if (by === to) return;
  const won = `You took over from ${former}: what it had asked and was asked, its unread mail, `;
  const yours = 'jobs, schedules, watches and reviews are with you now.';
  put(table, to, notice(table, fact, `${won}${yours}${more}`, of), changes);
}

/** The items of an inbox that go to a successor: not what concerns its own peer alone. */
export function movable(table: Table, { peer, items }: Box): Item[] {
  return [...items.values()].filter(({ kind, ref }) => {
    if (kind !== 'system') return true;
    // An order to stop is for the worker, whose attempt stays its own.
    return !isNotice(ref) && table.jobs.get(ref)?.worker !== peer;
  });
}

/** True for the word to a former peer that somebody took over, which is its own to read. */
export function isNotice(ref: string): boolean {
  return ref.startsWith(NOTICE);
}

/** Of two items about one thing the newer word stands; of equal ones that which is there. */
function receive(table: Table, heir: Box, item: Item, moved: Item, changes: Change[]): void {
  const known = heir.items.get(item.ref);
  if (known !== undefined && known.position >= item.position) {
    leaveMessages(table, item);
    return;
  }
  if (known !== undefined) leaveMessages(table, known);
  const digest = moved.refs === undefined ? undefined : heir.items.get(heir.digest ?? '');
  if (digest === undefined) put(table, heir.peer, moved, changes);
  else change(table, heir, { before: digest, after: digestsJoined(digest, moved) }, changes);
}

function movedOf(item: Item, of: string, position: number): Item {
  const { handed, handed_at: _, ...rest } = item;
  const moved: Item = { ...rest, position, handed_from: of };
  if (handed !== undefined || item.offered) moved.repeated = true;
  return moved;
}

function owed(table: Table, row: AskRow, fact: HandedOver): Item {
  const item = itemOfThread(table, row, fact);
  return { ...item, time: row.opened_at, handed_from: fact.event.of, repeated: true };
}

function notice(table: Table, fact: HandedOver, text: string, from: string): Item {
  return itemOf(table, fact, 'system', `${NOTICE}${fact.event.id}`, text, {}, from);
}

/** Of several handovers its peer is told the newest. */
function dropNotices({ inbox }: Table, box: Box, changes: Change[]): void {
  for (const ref of [...box.items.keys()]) {
    if (!isNotice(ref)) continue;
    inbox.take(box, ref);
    changes.push({ view: 'inbox', key: `${box.peer}/${ref}`, row: null });
  }
}
