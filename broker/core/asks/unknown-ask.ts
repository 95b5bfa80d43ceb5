// An ask that is not in the table: unknown, not for the caller to see, or known to the log alone.
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { ColdRead } from '../archive.js';
import type { AskRow } from '../rows/asks.js';
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

/**
 * `ask_closed`, or `not_yours` for who took no part, when the archive still finds the ask; else the
 * refusal given. Undefined when no ask has left the table.
 */
export function recallAsk(
  caller: Caller,
  params: object,
  refusal: Refusal,
): ColdRead<Refusal> | undefined {
  const { ask, reply_to } = params as { ask?: string; reply_to?: string };
  const key = ask ?? reply_to;
  if (key === undefined || caller.table.asks.dropped === 0) return undefined;
  const told = (row: AskRow | undefined) =>
    row === undefined ? refusal : (closedLongAgo(caller, row) ?? refusal);
  return { find: 'row', view: 'asks', key, told };
}

function closedLongAgo({ author: { peer }, held }: Caller, row: AskRow): Refusal | undefined {
  const takesPart = peer !== undefined && (peer === row.to || peer === row.from);
  if (takesPart) return refuse('ask_closed', `This ask is closed already (${row.outcome}).`);
  if (!covers(held, row.circle)) return undefined;
  return refuse('not_yours', 'Only a peer of this ask may close it, and it is closed already.');
}
