// The tables of what a view was: those of the verbs that list it now, with its ages as of then.
import type { Thread } from '../../../schemas/ask.js';
import type { JobRow } from '../../../schemas/job.js';
import type { PeerRow } from '../../../schemas/peer.js';
import type { ReviewRow } from '../../../schemas/review.js';
import type { ScheduleRow } from '../../../schemas/schedule.js';
import type { TokenRow } from '../../../schemas/token.js';
import type { BudgetRow, UsageRow } from '../../../schemas/usage.js';
import type { BrokerRow, CountRow, LiveView, WaitingRow } from '../../../schemas/view.js';
import { type Column, columnLines } from '../../terminal/columns.js';
import type { Names } from '../../terminal/names.js';
import { oneLine } from '../../terminal/safe.js';
import { shortId } from '../../terminal/short-id.js';
import { age } from '../../terminal/times.js';
import { askColumns } from '../asks.js';
import { jobColumns } from '../job/list.js';
import { peerColumns } from '../peers.js';
import { reviewColumns } from '../review/queue.js';
import { scheduleColumns } from '../schedule/list.js';
import { tokenColumns } from '../token.js';
import { budgetText, usageColumns } from '../usage/list.js';

/** What may be shown. */
export const views: Readonly<Record<LiveView, true>> = {
  peers: true,
  asks: true,
  inbox: true,
  jobs: true,
  schedules: true,
  reviews: true,
  tokens: true,
  usage: true,
  counts: true,
  gateways: true,
};

/** A row as the broker told it. */
export type ToldRow = Readonly<Record<string, unknown>>;

export interface TableContext {
  names: Names;
  /** When the rows stood so, in ms UTC. */
  time: number;
  width: number;
}

const TEXT_CHARS = 160;

/** The id that a row is known by and may be typed; undefined where it has none. */
export function idIn(row: ToldRow): string | undefined {
  const id = row.ask ?? row.job ?? row.schedule ?? row.ref;
  return typeof id === 'string' ? id : undefined;
}

/** The lines of a table. Each row was told as its view has it, which a cast says here. */
export function tableOf(view: LiveView, rows: readonly ToldRow[], context: TableContext): string[] {
  const { names, time, width } = context;
  const ids = rows.map(idIn).filter(id => id !== undefined);
  const lines = <Row>(columns: Column<Row>[]) =>
    columnLines(columns, rows as unknown as readonly Row[], width);
  switch (view) {
    case 'peers':
      return lines<PeerRow>(peerColumns(time));
    case 'asks':
      return lines<Thread>(askColumns(ids, names, time));
    case 'inbox':
      return lines<WaitingRow>(inboxColumns(ids, names, time));
    case 'jobs':
      return lines<JobRow>(jobColumns(ids, names, time));
    case 'schedules':
      return lines<ScheduleRow>(scheduleColumns(ids, names, time));
    case 'reviews':
      return lines<ReviewRow>(reviewColumns(names));
    case 'tokens':
      return lines<TokenRow>(tokenColumns(tokensIn(rows), time));
    case 'usage':
      return usageLines(rows, context);
    case 'counts':
      return lines<CountRow>(countColumns(time));
    case 'gateways':
      return lines<BrokerRow>(gatewayColumns(time));
  }
}

function inboxColumns(ids: readonly string[], names: Names, now: number): Column<WaitingRow>[] {
  return [
    { head: 'PEER', of: ({ peer }) => names.of(peer) },
    { head: 'REF', of: ({ ref }) => shortId(ref, ids) },
    { head: 'KIND', of: ({ kind }) => kind },
    { head: 'FROM', of: ({ from, from_name }) => oneLine(from_name || names.of(from), 64) },
    { head: 'CAME', of: ({ time }) => age(time, now) },
    { head: 'TEXT', of: ({ text }) => oneLine(text, TEXT_CHARS) },
  ];
}

function countColumns(now: number): Column<CountRow>[] {
  return [
    { head: 'WHAT', of: ({ noun }) => noun },
    { head: 'CIRCLE', of: ({ circle }) => circle },
    { head: 'STATE', of: ({ state }) => state.replaceAll('_', ' ') },
    { head: 'COUNT', of: ({ n }) => `${n}` },
    { head: 'OLDEST', of: ({ oldest_at: at }) => (at === undefined ? '' : age(at, now)) },
  ];
}

function gatewayColumns(now: number): Column<BrokerRow>[] {
  return [
    { head: 'GATEWAY', of: ({ gateway }) => gateway },
    { head: 'STARTED', of: ({ started_at }) => age(started_at, now) },
    { head: 'SEEN', of: ({ last_seen }) => age(last_seen, now) },
  ];
}

function usageLines(rows: readonly ToldRow[], { names, time, width }: TableContext): string[] {
  const budgets = rows.filter(row => 'spent' in row) as unknown as BudgetRow[];
  const uses = rows.filter(row => !('spent' in row)) as unknown as UsageRow[];
  const table = columnLines(usageColumns(names, time), uses, width);
  return [...table, ...budgets.map(budget => budgetText(budget, names))];
}

function tokensIn(rows: readonly ToldRow[]): string[] {
  return rows.map(({ token }) => String(token));
}
