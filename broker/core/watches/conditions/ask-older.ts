// The condition ask.older_than: an ask is open for so long; each ask is one cause.
import type { WatchRow } from '../../../../schemas/watch.js';
import type { AskRow } from '../../rows/asks.js';
import type { Topics } from '../../rows/watches.js';
import { type Condition, maySee, msOf, nameOf, span } from './condition.js';

export const askOlder: Condition = {
  topics: ({ ask, peer, by }): Topics => {
    if (ask !== undefined) return [['ask', ask]];
    return peer === undefined ? [['asks_from', by]] : [['asks_to', peer]];
  },
  subjects: (table, { ask, peer, by }) =>
    ask === undefined ? table.asks.openOf(peer ?? by) : [ask],
  causeOf: look => {
    const { table, watch, subject, before } = look;
    const ask = table.asks.open.get(subject);
    if (ask === undefined || !isMeant(watch, ask)) return undefined;
    if (before !== undefined) return before;
    if (!maySee(look, ask)) return undefined;
    return { subject, since: ask.opened_at, due_at: ask.opened_at + msOf(watch.age_s) };
  },
  isOver: (table, { ask }) => ask !== undefined && !table.asks.open.has(ask),
  tell: (table, _, { subject, since }, time) => {
    const ask = table.asks.open.get(subject);
    const who = `${nameOf(table, ask?.from)} asked ${nameOf(table, ask?.to)}`;
    return `${subject} is still open: ${who} ${span(time - since)} ago`;
  },
};

/** What a watch itself asks is never a cause: it would ask about its asks without end. */
function isMeant({ ask, peer, by }: WatchRow, row: AskRow): boolean {
  if (row.watch !== undefined) return false;
  if (ask !== undefined) return row.ask === ask;
  return peer === undefined ? row.from === by : row.to === peer;
}
