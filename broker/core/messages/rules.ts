// The rules of the messages: sent once, and taken back only while somebody has yet to see them.
import { refuse } from '../../../schemas/refusal.js';
import { holdsFrom } from '../levels.js';
import type { MessageRow } from '../rows/messages.js';
import type { Table } from '../rows/table.js';
import { weightOf } from '../rows/weight.js';
import { attachmentsFrom } from '../shared/attachments.js';
import { recipientObjection } from '../shared/recipient.js';
import type { Fact, Objection, View } from '../shared/view.js';

export const messagesView = {
  check: {
    'message.notified': (table, { event }) => {
      const { message, by, to, text, supersedes, hops } = event;
      const attachments = event.attachments && attachmentsFrom(event.attachments);
      if (event.attachments !== undefined && attachments === undefined) return 'malformed';
      return (
        newObjection(table, message) ??
        ownObjection(table, supersedes, by) ??
        recipientObjection(table, to, text, hops, weightOf({ attachments }))
      );
    },
    'message.broadcast': (table, { event }) => newObjection(table, event.message),
    'message.retracted': (table, { event }) => {
      if (!table.messages.live.has(event.message)) {
        const message = `${event.message} waits in no inbox; it was seen, expired or retracted.`;
        return refuse('message_unknown', message);
      }
      return ownObjection(table, event.message, event.by);
    },
  },
  apply: {
    // Which inboxes hold it is for the inbox rules to say, right after these.
    'message.notified': (table, fact) => {
      const { supersedes, hops = 0 } = fact.event;
      const isChained = supersedes !== undefined && holdsFrom(3, table);
      const chain = isChained ? table.messages.chainOf(supersedes) : undefined;
      enter(table, fact, 'notify', hops, chain);
    },
    'message.broadcast': (table, fact) => enter(table, fact, 'broadcast', 0),
  },
} satisfies View;

function newObjection(table: Table, message: string): Objection {
  if (table.messages.get(message) === undefined) return undefined;
  return refuse('invalid', `There is a ${message} already; make a new uuid v7.`);
}

function ownObjection(table: Table, message: string | undefined, by: string): Objection {
  const row = message === undefined ? undefined : table.messages.get(message);
  if (row === undefined || row.from === by) return undefined;
  return refuse('not_yours', `Only the peer who sent ${message} may take it back or replace it.`);
}

function enter(
  table: Table,
  { event, position }: Fact<'message.notified' | 'message.broadcast'>,
  kind: MessageRow['kind'],
  hops: number,
  chain?: string,
): void {
  const { message, by, circle } = event;
  const row: MessageRow = { message, kind, from: by, circle, position, hops, waiting: 0 };
  table.messages.add(chain === undefined ? row : { ...row, chain });
}
