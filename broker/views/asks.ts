// The rules of the asks: opened by one peer, closed once, by the close that is first in the log.
import type { Outcome } from '../../schemas/ask.js';
import type { Change } from '../../schemas/change.js';
import { limits } from '../../schemas/limits.js';
import { refuse } from '../../schemas/refusal.js';
import type { AskRow } from '../rows/asks.js';
import type { Table } from '../rows/table.js';
import { recipientObjection } from './recipient.js';
import { budgetObjection } from './usage.js';
import type { Fact, Objection, View } from './view.js';

export const asksView = {
  check: {
    'ask.opened': (table, fact) => {
      const { ask, by, to, text, reply_to, hops } = fact.event;
      if (table.asks.get(ask) !== undefined) {
        return refuse('invalid', `There is an ${ask} already; make a new uuid v7.`);
      }
      if (by === to) return refuse('invalid', 'A peer cannot ask itself; send itself a notify.');
      return (
        (reply_to === undefined ? undefined : closeObjection(table, reply_to, by, 'replied')) ??
        recipientObjection(table, to, text, hops) ??
        crowdObjection(table, by) ??
        budgetObjection(table, by, fact.time)
      );
    },
    'ask.closed': (table, { event }) =>
      closeObjection(table, event.ask, event.by, event.outcome as Outcome),
  },
  apply: {
    'ask.opened': (table, fact, changes) => {
      const { event, position, time } = fact;
      if (event.reply_to !== undefined) {
        close(table, event.reply_to, 'replied', event.text, fact, changes);
      }
      const row: AskRow = {
        ask: event.ask,
        state: 'open',
        from: event.by,
        to: event.to,
        circle: event.circle,
        text: event.text,
        opened_at: time,
        position,
        hops: event.hops ?? 0,
      };
      if (event.reply_to !== undefined) row.reply_to = event.reply_to;
      table.asks.add(row);
      changes.push({ view: 'asks', key: row.ask, row });
    },
    'ask.closed': (table, fact, changes) => {
      const { ask, outcome, text } = fact.event;
      close(table, ask, outcome as Outcome, text, fact, changes);
    },
    'peer.left': (table, fact, changes) => retireAsks(table, fact.event.by, fact, changes),
    'peer.killed': (table, fact, changes) => retireAsks(table, fact.event.peer, fact, changes),
    'peer.retired': (table, fact, changes) => retireAsks(table, fact.event.peer, fact, changes),
  },
} satisfies View;

function closeObjection(table: Table, ask: string, by: string, outcome: Outcome): Objection {
  const row = table.asks.get(ask);
  if (row === undefined) return refuse('ask_unknown', `There is no ${ask} you may see.`);
  const mayClose = by === (outcome === 'cancelled' ? row.from : row.to);
  if (!mayClose) {
    const who = outcome === 'cancelled' ? 'who asked may cancel' : 'who was asked may close';
    return refuse('not_yours', `Only the peer ${who} this ask.`);
  }
  return row.state === 'open'
    ? undefined
    : refuse('ask_closed', `This ask is closed already (${row.outcome}).`, {
        outcome: row.outcome,
      });
}

/** Each open ask may bring a reply, so an asker who never reads is stopped too. */
function crowdObjection(table: Table, by: string): Objection {
  if (table.inbox.isFull(by, 0)) {
    return refuse('inbox_full', 'Your own inbox is full; read and acknowledge it first.', {
      retry_after_s: 1,
    });
  }
  return table.asks.openCount(by) < limits.asks_open_rows
    ? undefined
    : refuse('inbox_full', 'You have too many open asks; close or cancel some first.', {
        retry_after_s: 60,
      });
}

/** Written out field by field: this runs for every ask, and a spread is many times slower. */
function closedFrom(
  open: AskRow,
  outcome: AnyOutcome,
  closed_at: number,
  position: number,
): AskRow {
  const { ask, from, to, circle, text, reply_to, opened_at, hops } = open;
  const state = 'closed';
  const row: AskRow = { ask, state, from, to, circle, text, opened_at, position, hops };
  row.outcome = outcome;
  row.closed_at = closed_at;
  if (reply_to !== undefined) row.reply_to = reply_to;
  return row;
}

type AnyOutcome = Outcome | 'retired';

function close(
  table: Table,
  ask: string,
  outcome: AnyOutcome,
  text: string | undefined,
  { event, position, time }: Fact,
  changes: Change[],
): void {
  const open = table.asks.open.get(ask);
  if (open === undefined) return;
  const row: AskRow = closedFrom(open, outcome, time, position);
  if (outcome !== 'cancelled' && outcome !== 'retired') {
    row.reply = text === undefined ? { by: event.by } : { text, by: event.by };
  }
  table.asks.close(row);
  changes.push({ view: 'asks', key: ask, row });
}

/** Closes what a leaving peer was asked and what it asked: nobody waits for it in vain. */
function retireAsks(table: Table, peer: string, fact: Fact, changes: Change[]): void {
  for (const ask of [...table.asks.openOf(peer)]) {
    close(table, ask, 'retired', undefined, fact, changes);
  }
}
