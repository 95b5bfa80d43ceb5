// Reading what became of what was sent, and what still waits for an answer.
import { limits } from '../../schemas/limits.js';
import type { InboxItem } from '../../schemas/message.js';
import type { Parsed, Result } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import type { Traced } from '../core/archive.js';
import { unknownAsk } from '../core/asks/unknown-ask.js';
import type { AskRow } from '../core/rows/asks.js';
import { charsOf } from '../core/rows/inbox.js';
import { covers } from '../core/rows/rights.js';
import type { Table } from '../core/rows/table.js';
import type { QueryContext } from './context.js';
import { partsWithNames } from './names.js';

export async function trace(
  context: QueryContext,
  { ref }: Parsed<'message.trace'>,
): Promise<Result<'message.trace'> | Refusal> {
  const { author, held, archive, sequence } = context;
  const read = { find: 'stages', ref, told: (traced: Traced) => traced } as const;
  const { circle, stages } = await archive.find(read, sequence);
  const isMine = stages.some(({ by }) => by === author.peer);
  if (circle !== '' && (isMine || covers(held, circle))) {
    return { stages: partsWithNames(context, { me: isMine && author.peer }, stages) };
  }
  return ref.startsWith('ask_')
    ? unknownAsk(context, ref)
    : refuse('message_unknown', `There is no ${ref} you may see.`);
}

/** What is still to be answered: an ask whose deadline has come is nobody's business any more. */
export function reminders(
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
