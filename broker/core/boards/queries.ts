// The query of the boards: what was recorded of their items, in the order they were first named.
import type { BoardRow } from '../../../schemas/board.js';
import { compact } from '../../../schemas/codec.js';
import type { Parsed } from '../../../schemas/method.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import type { BoardNote } from '../rows/boards.js';
import { covers } from '../rows/rights.js';
import { partsWithNames, withNames } from '../shared/names.js';
import { paged, type Queries, type QueryContext, type Reading } from '../shared/query-context.js';

/** `circle_forbidden`, or `invalid` for an `after` that is no place. */
function boardList(context: QueryContext, params: Parsed<'board.list'>): Reading<'board.list'> {
  const { board, item, max, after = '0' } = params;
  if (!/^\d{1,16}$/.test(after)) return refuse('invalid', 'after must be the `next` of a page.');
  const near = circleOf(context, params.circle);
  if (typeof near === 'object') return near;
  const rows: BoardNote[] = [];
  for (const row of context.table.boards.all()) {
    const isMeant = (board ?? row.board) === row.board && (item ?? row.item) === row.item;
    const isSeen = covers(context.held, row.circle) && (near === '*' || near === row.circle);
    if (isMeant && isSeen && row.since > Number(after)) rows.push(row);
  }
  rows.sort((a, b) => a.since - b.since);
  return paged(
    rows,
    max,
    row => String(row.since),
    row => shown(context, row),
  );
}

/** The circle that is wanted: without a word the own, or all for who leads or speaks for none. */
function circleOf(context: QueryContext, circle: string | undefined): string | Refusal {
  const { table, author, held } = context;
  if (circle !== undefined && circle !== '*' && !covers(held, circle)) {
    return refuse('circle_forbidden', `Your token does not cover circle "${circle}".`);
  }
  const me = table.peers.rows.get(author.peer ?? '');
  const isWide = me === undefined || me.role === 'orchestrator' || me.role === 'human';
  return circle ?? (isWide ? '*' : me.circle);
}

function shown(context: QueryContext, { since: _, ...row }: BoardNote): BoardRow {
  const links = partsWithNames(context, row, row.links);
  return withNames(context, compact({ ...row, links }));
}

export const boardQueries = { 'board.list': boardList } satisfies Queries;
