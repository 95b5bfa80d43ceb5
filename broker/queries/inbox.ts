// Reading what became of what was sent, and what still waits for an answer.

import { limits } from '../../schemas/limits.js';
import type { InboxItem } from '../../schemas/message.js';
import type { Parsed, Result } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import { covers } from '../rows/tokens.js';
import type { QueryContext } from './context.js';

export async function trace(
  context: QueryContext,
  { ref }: Parsed<'message.trace'>,
): Promise<Result<'message.trace'> | Refusal> {
  const { author, held, history, sequence } = context;
  const { circle, stages } = await history.stages(ref, sequence);
  const isMine = stages.some(({ by }) => by === author.peer);
  if (circle !== '' && (isMine || covers(held, circle))) return { stages };
  return ref.startsWith('ask_')
    ? refuse('ask_unknown', `There is no ${ref} you may see; see ask.list.`)
    : refuse('message_unknown', `There is no ${ref} you may see.`);
}

export function reminders(
  { table, author }: QueryContext,
  { max }: Parsed<'inbox.reminders'>,
): Result<'inbox.reminders'> {
  const items: InboxItem[] = [];
  let chars = 0;
  for (const ask of table.asks.openOf(author.peer ?? '')) {
    const row = table.asks.open.get(ask);
    if (row === undefined || row.to !== author.peer) continue;
    chars += row.text.length;
    if (items.length === max || chars > limits.answer_chars) break;
    const from = table.peers.rows.get(row.from);
    items.push({
      position: row.position,
      time: row.opened_at,
      kind: 'ask',
      from: row.from,
      from_name: from?.name ?? '',
      from_role: from?.role ?? '',
      text: row.text,
      ref: ask,
      repeated: true,
    });
  }
  return { items };
}
