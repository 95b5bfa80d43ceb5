// What is said of an ask that is not there, or not for the caller to see: the same words for both.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { covers, type Rights } from '../rows/rights.js';
import type { Table } from '../rows/table.js';
import type { Author } from '../words.js';

interface Caller {
  table: Table;
  author: Author;
  held: Rights;
}

/** Refuses with `ask_unknown`; who may see the fan-out of that id is told where its answers are. */
export function unknownAsk({ table, author, held }: Caller, ask: string): Refusal {
  const group = table.asks.groups.get(ask);
  const isSeen = group !== undefined && (group.from === author.peer || covers(held, group.circle));
  return isSeen
    ? refuse('ask_unknown', `${ask} is a fan-out; see ask.rollup, or name one ask: ${ask}.1.`)
    : refuse('ask_unknown', `There is no ${ask} you may see; see ask.list.`);
}
