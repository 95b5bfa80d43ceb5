// Queries of the asks: one thread, a list of them, and the rollup of a fan-out.
import type { RollupRow } from '../../../schemas/ask.js';
import { compact } from '../../../schemas/codec.js';
import { limits } from '../../../schemas/limits.js';
import type { Parsed, Result } from '../../../schemas/method.js';
import { type Refusal, refuse } from '../../../schemas/refusal.js';
import { firstChars } from '../../../schemas/text-cut.js';
import type { ColdColumn } from '../archive.js';
import type { AskRow, GroupRow } from '../rows/asks.js';
import { pageOf, rowOf } from '../shared/hot-cold.js';
import { partsWithNames, withNames } from '../shared/names.js';
import {
  mayRead,
  type Queries,
  type QueryAnswer,
  type QueryContext,
  type Reading,
  type Viewer,
} from '../shared/query-context.js';
import { allOf, partIn, readable } from '../shared/row-tests.js';
import { unknownAsk } from './unknown-ask.js';

/** A thread as it is told, with the names that the viewer may know. */
export function threadRow(context: Viewer, row: AskRow) {
  const { hops: _, reply, ...thread } = row;
  const [named] = reply === undefined ? [] : partsWithNames(context, row, [reply]);
  return compact({ ...withNames(context, thread), reply: named });
}

function findThread(context: QueryContext, { ask }: Parsed<'ask.get'>): Reading<'ask.get'> {
  return rowOf(context.table, 'asks', ask, (row): QueryAnswer<'ask.get'> => {
    if (row !== undefined && mayRead(context, row)) return threadRow(context, row);
    return unknownAsk(context, ask);
  });
}

function listAsks(
  context: QueryContext,
  { direction, state, max, after }: Parsed<'ask.list'>,
): Reading<'ask.list'> {
  const { table, author } = context;
  const me = author.peer;
  const parts: ColdColumn[] = [];
  if (direction !== 'out') parts.push('to');
  if (direction !== 'in') parts.push('from');
  const fits = allOf(
    after !== undefined && { after },
    state !== undefined && { column: 'state', is: [state] },
    me === undefined ? readable(context) : partIn(me, parts),
  );
  return pageOf(table, 'asks', {
    fits,
    max,
    mayBeCold: hot => hot.length <= max && state !== 'open',
    show: row => threadRow(context, row),
  });
}

/** From the table, or from the archive when the group or any of its asks has left it. */
function rollup(context: QueryContext, { group }: Parsed<'ask.rollup'>): Reading<'ask.rollup'> {
  const { asks } = context.table;
  const hot = asks.groups.get(group);
  if (hot === undefined && !asks.hasDroppedGroups) return unknownGroup(group);
  if (hot !== undefined) {
    if (!mayRead(context, hot)) return unknownGroup(group);
    if (hot.asks.every(({ ask }) => asks.get(ask) !== undefined)) {
      return rolledUp(context, hot, ask => asks.get(ask));
    }
  }
  return {
    find: 'fan_out',
    group,
    told: found => {
      // Whose it is by now the table knows, where it still has it.
      if (found === undefined || !mayRead(context, hot ?? found.row)) return unknownGroup(group);
      return rolledUp(context, found.row, ask => asks.get(ask) ?? found.threads.get(ask));
    },
  };
}

type Rollup = Result<'ask.rollup'>;

function unknownGroup(group: string): Refusal {
  return refuse('ask_unknown', `There is no fan-out ${group} you may see; see ask.list.`);
}

function rolledUp(
  { table }: QueryContext,
  { group, quorum, asks }: GroupRow,
  threadOf: (ask: string) => AskRow | undefined,
): Rollup {
  const chars = Math.floor(limits.answer_chars / asks.length);
  const rows = asks.map(({ ask, peer }) => {
    const thread = threadOf(ask);
    const row: RollupRow = { peer, ask, status: statusOf(thread) };
    const name = table.peers.rows.get(peer)?.name;
    if (name !== undefined) row.name = name;
    if (thread?.reason !== undefined) row.reason = thread.reason;
    if (thread?.reply !== undefined) row.reply = shortened(thread.reply, chars);
    return row;
  });
  const state = stateOf(rows, quorum);
  const answered = rows.filter(hasAnswered).length;
  return { group, state, ...(quorum !== undefined && { quorum }), answered, rows };
}

function statusOf(thread: AskRow | undefined): RollupRow['status'] {
  switch (thread?.outcome) {
    case undefined:
      return 'pending';
    case 'replied':
    case 'acknowledged':
    case 'expired':
      return thread.outcome;
    case 'declined':
    case 'denied':
      return 'declined';
    case 'cancelled':
    case 'retired':
      return 'failed';
  }
}

function stateOf(rows: readonly RollupRow[], quorum: number | undefined): Rollup['state'] {
  const open = rows.filter(({ status }) => status === 'pending').length;
  if (open === 0) return 'complete';
  if (quorum !== undefined && rows.filter(hasAnswered).length >= quorum) return 'quorum';
  return open < rows.length ? 'partial' : 'pending';
}

/** A decline, or silence until the deadline, is no answer. */
function hasAnswered({ status }: RollupRow): boolean {
  return status === 'replied' || status === 'acknowledged';
}

/** Many long replies share the room of one answer; `ask.get` has each whole. */
function shortened(reply: Reply, chars: number): NonNullable<RollupRow['reply']> {
  const { text = '' } = reply;
  return text.length <= chars ? reply : { ...reply, text: firstChars(text, chars), cut: true };
}

type Reply = NonNullable<AskRow['reply']>;

export const askQueries = {
  'ask.get': findThread,
  'ask.list': listAsks,
  'ask.rollup': rollup,
} satisfies Queries;
