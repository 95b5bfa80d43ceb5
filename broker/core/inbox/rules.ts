// The rules of the inboxes: what enters each, and what leaves it, and why.

import { refuse } from '../../../schemas/refusal.js';
import { firstChars } from '../../../schemas/text-cut.js';
import { type Change, rowsIn } from '../change.js';
import { holdsFrom } from '../levels.js';
import type { AskRow } from '../rows/asks.js';
import type { Box } from '../rows/inbox.js';
import { DROPPED, OFFERED, QUEUED, type Receipt } from '../rows/receipt.js';
import type { Table } from '../rows/table.js';
import { attachmentsFrom } from '../shared/attachments.js';
import { digestWith } from '../shared/digest.js';
import {
  change,
  drop,
  enter,
  isPresent,
  itemOf,
  leaveMessages,
  put,
  remove,
  settle,
  takeBack,
} from '../shared/items.js';
import { offerThread, threadsIn } from '../shared/threads.js';
import type { Fact, View } from '../shared/view.js';
import { handOver } from './drain.js';
import { handInbox } from './handover.js';

export const inboxView = {
  check: {
    'inbox.acknowledged': (table, { event }) => {
      const generation = table.inbox.boxes.get(event.by)?.generation ?? 0;
      if (event.generation === undefined || event.generation === generation) return undefined;
      if (event.generation > generation) {
        return refuse('invalid', `There is no generation ${event.generation} yet.`, { generation });
      }
      return refuse(
        'generation_stale',
        'Another consumer has taken this inbox; stop, or take it.',
        {
          generation,
        },
      );
    },
  },
  apply: {
    'ask.opened': (table, fact, changes) => {
      const { event } = fact;
      const earlier = event.reply_to === undefined ? undefined : table.asks.get(event.reply_to);
      if (earlier !== undefined) {
        remove(table, table.inbox.box(event.by), earlier.ask, changes);
        // The asker's one item is the new ask; anybody else is told of the reply.
        if (earlier.from !== event.to) reply(table, fact, earlier, event.text, changes);
      }
      const row = table.asks.open.get(event.ask);
      if (row !== undefined) offerThread(table, row, fact, changes);
    },
    'ask.fanned_out': (table, fact, changes) => {
      for (const row of threadsIn(changes)) offerThread(table, row, fact, changes);
    },
    'ask.closed': (table, fact, changes) => {
      const { ask, outcome, text } = fact.event;
      const thread = table.asks.get(ask);
      if (thread === undefined) return;
      const hadItem = remove(table, table.inbox.box(thread.to), ask, changes);
      if (outcome !== 'cancelled') reply(table, fact, thread, text ?? '', changes);
      else if (!hadItem) callOff(table, fact, thread, 'Cancelled', changes);
    },
    'ask.expired': (table, fact, changes) => {
      const thread = table.asks.get(fact.event.ask);
      if (thread === undefined) return;
      const hadItem = remove(table, table.inbox.box(thread.to), thread.ask, changes);
      if (!hadItem) callOff(table, fact, thread, 'Expired', changes);
      reply(table, fact, thread, '', changes);
    },
    'message.notified': (table, fact, changes) => {
      const { event } = fact;
      const { message, to, text, expires_at, supersedes, backlog } = event;
      if (supersedes !== undefined) supersede(table, fact, supersedes, changes);
      const isHere = isPresent(table, to);
      if (!isHere && backlog === 'drop') {
        settle(table, message, 0);
        return;
      }
      const item = itemOf(table, fact, 'notify', message, text, { expires_at });
      const attachments = event.attachments && attachmentsFrom(event.attachments);
      if (attachments !== undefined) item.attachments = attachments;
      const box = table.inbox.box(to);
      // A digest has no time to expire at and only the beginning of each text: what has more to it
      // keeps an item of its own.
      const isWhole = expires_at !== undefined || attachments !== undefined;
      if (isHere || backlog === 'deliver' || isWhole) put(table, to, item, changes);
      else change(table, box, digestWith(box, item, holdsFrom(3, table)), changes);
      settle(table, message, 1);
    },
    'message.broadcast': (table, fact, changes) => {
      const { message, text, circle, by } = fact.event;
      // One item that many inboxes refer to, and another for those who are here to see it.
      const queued = itemOf(table, fact, 'broadcast', message, text, {});
      const offered = { ...queued, offered: true };
      for (const { peer } of table.peers.members(circle)) {
        if (peer === by || table.inbox.isFull(peer, text.length)) continue;
        enter(table, peer, isPresent(table, peer) ? offered : queued, changes);
      }
      settle(table, message, rowsIn(changes, 'inbox').length);
    },
    'message.retracted': (table, { event }, changes) => {
      for (const { peer } of table.inbox.boxes.values()) drop(table, peer, event.message, changes);
    },
    'inbox.taken': (table, fact) => {
      table.inbox.box(fact.event.by).generation++;
    },
    'inbox.acknowledged': (table, { event }, changes) => {
      const box = table.inbox.box(event.by);
      for (const ref of event.refs ?? refsUpTo(box, event.up_to ?? 0)) {
        remove(table, box, ref, changes);
      }
    },
    'inbox.handed': handOver,
    'orchestrator.handed_over': handInbox,
    'peer.left': (table, fact, changes) => retire(table, fact.event.by, fact, changes),
    'peer.killed': (table, fact, changes) => retire(table, fact.event.peer, fact, changes),
    'peer.retired': (table, fact, changes) => retire(table, fact.event.peer, fact, changes),
  },
  receipts: {
    'ask.opened': (table, { event }) => (isPresent(table, event.to) ? OFFERED : QUEUED),
    'message.notified': deliveryOf,
    'message.broadcast': (_, __, changes) => ({
      kind: 'count',
      n: rowsIn(changes, 'inbox').length,
    }),
    'inbox.handed': (_, __, changes) => ({
      kind: 'count',
      n: changes.filter(({ view, row }) => view === 'inbox' && row === null).length,
    }),
    'inbox.taken': (table, { event }) => ({
      kind: 'generation',
      n: table.inbox.box(event.by).generation,
    }),
  },
} satisfies View;

function deliveryOf(table: Table, { event }: Fact<'message.notified'>): Receipt {
  if (isPresent(table, event.to)) return OFFERED;
  return event.backlog === 'drop' && holdsFrom(3, table) ? DROPPED : QUEUED;
}

/** One of a chain of replacements waits at most, whichever of the earlier ones is named. */
function supersede(
  table: Table,
  { event }: Fact<'message.notified'>,
  former: string,
  changes: Change[],
): void {
  if (!holdsFrom(3, table)) {
    drop(table, event.to, former, changes);
    return;
  }
  for (const message of new Set([former, ...table.messages.waitingWith(event.by, former)])) {
    if (message !== event.message) takeBack(table, message, event.to, changes);
  }
}

const CHARS_OF_CALLED_OFF = 200;

/**
 * What log time alone takes away, at the start of each commit: items whose `expires_at` has come,
 * by time and then key.
 */
export function expireItems(table: Table, changes: Change[]): void {
  for (;;) {
    const due = table.inbox.takeExpired(table.time);
    if (due === undefined) return;
    leaveMessages(table, due.item);
    changes.push({ view: 'inbox', key: `${due.peer}/${due.item.ref}`, row: null });
  }
}

/** Tells the asker how its ask ended; the reply is the recipient's, whoever's event it is. */
function reply(table: Table, fact: Fact, thread: AskRow, text: string, changes: Change[]): void {
  const { ask, from, to, outcome, reason } = thread;
  const item = itemOf(table, fact, 'reply', ask, text, { outcome }, to);
  if (reason !== undefined) item.reason = reason;
  if (thread.reply?.option !== undefined) item.option = thread.reply.option;
  put(table, from, item, changes);
}

/** Tells a recipient who has seen an ask, and may be at work on it, that nobody waits any more. */
function callOff(
  table: Table,
  fact: Fact,
  { ask, from, to, text, outcome }: AskRow,
  word: string,
  changes: Change[],
): void {
  const words = `${word}: ${firstChars(text, CHARS_OF_CALLED_OFF)}`;
  put(table, to, itemOf(table, fact, 'system', ask, words, { outcome }, from), changes);
}

function refsUpTo(box: Box, position: number): string[] {
  const refs: string[] = [];
  for (const item of box.items.values()) {
    if (item.position > position) break;
    refs.push(item.ref);
  }
  return refs;
}

/** Empties a leaving peer's box, and tells or relieves the other side of its open asks. */
function retire(table: Table, peer: string, fact: Fact, changes: Change[]): void {
  const own = table.inbox.boxes.get(peer);
  if (own !== undefined) for (const ref of [...own.items.keys()]) remove(table, own, ref, changes);
  for (const thread of threadsIn(changes)) {
    if (thread.from === peer) remove(table, table.inbox.box(thread.to), thread.ask, changes);
    else reply(table, fact, thread, '', changes);
  }
}
