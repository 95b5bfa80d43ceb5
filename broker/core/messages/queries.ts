// Queries of what was sent: the trace of one ask or message.
import { limits } from '../../../schemas/limits.js';
import type { Waiting } from '../../../schemas/message.js';
import type { Parsed } from '../../../schemas/method.js';
import { refuse } from '../../../schemas/refusal.js';
import { unknownAsk } from '../asks/unknown-ask.js';
import { seenWhen } from '../rows/capabilities.js';
import { covers } from '../rows/rights.js';
import { partsWithNames } from '../shared/names.js';
import type { Queries, QueryContext, Reading } from '../shared/query-context.js';

function trace(context: QueryContext, { ref }: Parsed<'message.trace'>): Reading<'message.trace'> {
  const { author, held } = context;
  return {
    find: 'stages',
    ref,
    told: ({ circle, stages }) => {
      const isMine = stages.some(({ by }) => by === author.peer);
      if (circle !== '' && (isMine || covers(held, circle))) {
        const row = { by: isMine && author.peer };
        const waiting = partsWithNames(context, row, waitingFor(context, ref));
        const told = partsWithNames(context, row, stages);
        return waiting.length === 0 ? { stages: told } : { stages: told, waiting };
      }
      return ref.startsWith('ask_')
        ? unknownAsk(context, ref)
        : refuse('message_unknown', `There is no ${ref} you may see.`);
    },
  };
}

/** Whose inboxes hold a thing of that ref now, and when each sees it, as far as is known. */
function waitingFor({ table, now }: QueryContext, ref: string): Waiting[] {
  const found: Waiting[] = [];
  for (const { peer, items, digest = '' } of table.inbox.boxes.values()) {
    const many = items.get(digest);
    const item = items.get(ref) ?? (many?.refs?.includes(ref) ? many : undefined);
    const row = item && table.peers.rows.get(peer);
    if (item === undefined || row === undefined) continue;
    const { can, runtime } = row;
    const status = table.peers.statusAt(row, now);
    const told: Waiting = { to: peer, since: item.time };
    if (item.handed !== undefined) told.handed = true;
    const when = seenWhen(row, status) ?? (status === 'offline' ? 'when_back' : undefined);
    if (when !== undefined) told.seen_when = when;
    if (can !== undefined && runtime !== undefined) told.runtime = runtime;
    found.push(told);
    if (found.length === limits.list_items) break;
  }
  return found;
}

export const messageQueries = {
  'message.trace': trace,
} satisfies Queries;
