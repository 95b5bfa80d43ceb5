// Reading asks: from the table, or from the log where they have left it.
import { compact } from '../../schemas/codec.js';
import type { Parsed, Result } from '../../schemas/method.js';
import { type Refusal, refuse } from '../../schemas/refusal.js';
import { newestFirst } from '../history.js';
import type { AskRow } from '../rows/asks.js';
import { mayRead, paged, type QueryContext } from './context.js';

function threadRow({ hops: _, ...thread }: AskRow) {
  return compact(thread);
}

async function coldThread(context: QueryContext, ask: string): Promise<AskRow | undefined> {
  return context.table.asks.dropped > 0 ? context.history.thread(ask, context.sequence) : undefined;
}

export function findThread(context: QueryContext, { ask }: Parsed<'ask.get'>) {
  const shown = (row: AskRow | undefined) => {
    if (row !== undefined && mayRead(context, row)) return threadRow(row);
    return refuse('ask_unknown', `There is no ${ask} you may see; see ask.list.`);
  };
  const row = context.table.asks.get(ask);
  return row === undefined ? coldThread(context, ask).then(shown) : shown(row);
}

export async function listAsks(
  context: QueryContext,
  { direction, state, max, after }: Parsed<'ask.list'>,
): Promise<Result<'ask.list'>> {
  const { table, author, history, sequence } = context;
  const me = author.peer;
  const fits = (row: AskRow) =>
    (after === undefined || row.ask < after) &&
    (state === undefined || row.state === state) &&
    (me === undefined
      ? mayRead(context, row)
      : (direction !== 'out' && row.to === me) || (direction !== 'in' && row.from === me));
  const rows: AskRow[] = [];
  for (const row of table.asks.open.values()) if (fits(row)) rows.push(row);
  for (const row of table.asks.closed.values()) if (fits(row)) rows.push(row);
  if (rows.length <= max && state !== 'open' && table.asks.dropped > 0) {
    const known = new Set(rows.map(row => row.ask));
    const older = await history.closed(fits, max + 1 + known.size, sequence);
    rows.push(...older.filter(row => !known.has(row.ask)));
  }
  return paged(rows.sort(newestFirst), max, row => row.ask, threadRow);
}

export function rollup(
  _context: QueryContext,
  { group }: Parsed<'ask.rollup'>,
): Result<'ask.rollup'> | Refusal {
  return refuse('ask_unknown', `There is no ${group} you may see.`);
}
