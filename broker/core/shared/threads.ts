// Threads as they open and close: for the rules of the asks, and for whoever else opens one.
import type { Question, Thread } from '../../../schemas/ask.js';
import type { Attachment } from '../../../schemas/attachment.js';
import { type Change, rowsIn } from '../change.js';
import { holdsFrom } from '../levels.js';
import type { AskRow } from '../rows/asks.js';
import type { Item } from '../rows/inbox.js';
import type { Table } from '../rows/table.js';
import { itemOf, put } from './items.js';
import type { Fact } from './view.js';

/** What a thread begins with. */
export interface Opening {
  ask: string;
  from: string;
  to: string;
  /** The recipient's. */
  circle: string;
  text: string;
  question?: Question | undefined;
  /** In ms UTC. */
  deadline_at?: number | undefined;
  attachments?: Attachment[] | undefined;
  /** The schedule that asks. */
  schedule?: string | undefined;
  /** The watch that asks. */
  watch?: string | undefined;
  /** The fan-out it is one of. */
  group?: string | undefined;
  reply_to?: string | undefined;
  /** Whose it was before somebody took over. */
  handed_from?: string | undefined;
  hops?: number | undefined;
}

/**
 * Opens a thread and starts its deadline; its recipient sees nothing of it before `offerThread`.
 */
export function openThread(
  table: Table,
  opening: Opening,
  { position, time }: Fact,
  changes: Change[],
): AskRow {
  const { ask, from, to, circle, text, hops = 0 } = opening;
  const row: AskRow = {
    ask,
    state: 'open',
    from,
    to,
    circle,
    text,
    opened_at: time,
    position,
    hops,
  };
  carry(opening, row);
  table.asks.add(row);
  changes.push({ view: 'asks', key: ask, row });
  return row;
}

/** Puts the ask into its recipient's inbox. */
export function offerThread(table: Table, row: AskRow, fact: Fact, changes: Change[]): void {
  put(table, row.to, itemOfThread(table, row, fact), changes);
}

/** The ask as an item, from the peer that asks whoever's event it is. */
export function itemOfThread(table: Table, row: AskRow, fact: Fact): Item {
  const { ask, from, text, question, deadline_at, attachments, schedule, reply_to } = row;
  const item = itemOf(table, fact, 'ask', ask, text, {}, from);
  if (question !== undefined) item.question = question;
  if (deadline_at !== undefined) item.deadline_at = deadline_at;
  if (attachments !== undefined) item.attachments = attachments;
  if (schedule !== undefined) item.schedule = schedule;
  if (reply_to !== undefined) item.reply_to = reply_to;
  return item;
}

type AnyOutcome = NonNullable<Thread['outcome']>;

/**
 * Closes a thread for good, with the reply its recipient gave, if any; one that is not open is left
 * as it is, so the first close in the log stands.
 */
export function closeThread(
  table: Table,
  ask: string,
  outcome: AnyOutcome,
  reply: Thread['reply'],
  { event, position, time }: Fact,
  changes: Change[],
): void {
  const open = table.asks.open.get(ask);
  if (open === undefined) return;
  const row = closedFrom(open, outcome, time, position);
  // Else a permission that ran out would read as one that its recipient denied.
  if (event.type === 'ask.expired' && holdsFrom(3, table)) row.reason = 'deadline';
  if (reply !== undefined) row.reply = reply;
  table.asks.close(row);
  changes.push({ view: 'asks', key: ask, row });
}

/** Written out field by field: this runs for every ask, and a spread is many times slower. */
function closedFrom(
  open: AskRow,
  outcome: AnyOutcome,
  closed_at: number,
  position: number,
): AskRow {
  const { ask, from, to, circle, text, opened_at, hops } = open;
  const row: AskRow = {
    ask,
    state: 'closed',
    from,
    to,
    circle,
    text,
    opened_at,
    position,
    hops,
    outcome,
    closed_at,
  };
  carry(open, row);
  return row;
}

/** What only some threads have: a key that is not there costs nothing. */
function carry(from: Omit<Opening, 'hops'>, row: AskRow): void {
  if (from.reply_to !== undefined) row.reply_to = from.reply_to;
  if (from.question !== undefined) row.question = from.question;
  if (from.deadline_at !== undefined) row.deadline_at = from.deadline_at;
  if (from.attachments !== undefined) row.attachments = from.attachments;
  if (from.group !== undefined) row.group = from.group;
  if (from.schedule !== undefined) row.schedule = from.schedule;
  if (from.watch !== undefined) row.watch = from.watch;
  if (from.handed_from !== undefined) row.handed_from = from.handed_from;
}

/** The threads that an event has just opened or closed; the table may have let go of some. */
export function threadsIn(changes: readonly Change[]): AskRow[] {
  return rowsIn(changes, 'asks');
}
