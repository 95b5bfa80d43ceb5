// Queries of the inbox: what still waits for an answer of its peer.
import { limits } from '../../../schemas/limits.js';
import type { InboxItem } from '../../../schemas/message.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import type { AskRow } from '../rows/asks.js';
import { charsOf } from '../rows/inbox.js';
import type { Table } from '../rows/table.js';
import type { Queries, QueryContext } from '../shared/query-context.js';

/** What is still to be answered: an ask whose deadline has come is nobody's business any more. */
function reminders(
  { table, author, now }: QueryContext,
  { max }: Parsed<'inbox.reminders'>,
): Result<'inbox.reminders'> {
  const items: InboxItem[] = [];
  let chars = 0;
  for (const ask of table.asks.openOf(author.peer ?? '')) {
    const row = table.asks.open.get(ask);
    if (row === undefined || row.to !== author.peer || isLate(row, now)) continue;
    const item = reminderOf(table, row);
    chars += charsOf(item);
    if (items.length === max || (items.length > 0 && chars > limits.answer_chars)) break;
    items.push(item);
  }
  return { items };
}

function isLate({ deadline_at }: AskRow, now: number): boolean {
  return deadline_at !== undefined && deadline_at <= now;
}

function reminderOf(table: Table, row: AskRow): InboxItem {
  const { ask, position, opened_at, from, text } = row;
  const sender = table.peers.rows.get(from);
  const item: InboxItem = {
    position,
    time: opened_at,
    kind: 'ask',
    from,
    from_name: sender?.name ?? '',
    from_role: sender?.role ?? '',
    text,
    ref: ask,
    repeated: true,
  };
  if (row.question !== undefined) item.question = row.question;
  if (row.deadline_at !== undefined) item.deadline_at = row.deadline_at;
  if (row.attachments !== undefined) item.attachments = row.attachments;
  if (row.schedule !== undefined) item.schedule = row.schedule;
  if (row.reply_to !== undefined) item.reply_to = row.reply_to;
  return item;
}

export const inboxQueries = {
  'inbox.reminders': reminders,
} satisfies Queries;
