// Cold reads as plain data: what may be asked of rows that have left the table, and what is found.
import type { Stage } from '../../schemas/message.js';
import type { AskRow, GroupRow } from './rows/asks.js';
import type { Remembered } from './rows/command-ids.js';
import { isEnded, type Job } from './rows/jobs.js';
import type { ScheduleEntry } from './rows/schedules.js';
import type { Table } from './rows/table.js';
import type { RecordsRead, SearchRead, ThreadRead } from './timeline-reads.js';

/** The views whose rows leave the table some time after they have ended. */
export interface ColdRows {
  asks: AskRow;
  jobs: Job;
  /** With what became of its times. */
  schedules: Pick<ScheduleEntry, 'row' | 'history'>;
}

export type ColdView = keyof ColdRows;

/** What a page can be narrowed by; a view has nothing in those it does not know. */
export type ColdColumn = 'from' | 'to' | 'owner' | 'worker' | 'circle' | 'state' | 'kind';

/** What a row must have, as plain data: another thread or a database can be asked for it. */
export type RowTest =
  | { column: ColdColumn; is: readonly string[] }
  | { after: string }
  | { all: readonly RowTest[] }
  | { any: readonly RowTest[] };

/** What reading needs to know of such a view. */
interface ColdKind<Row> {
  keyOf(row: Row): string;
  /** Where a page goes on after this row. */
  placeOf(row: Row): string;
  hasEnded(row: Row): boolean;
  /** The order of its pages, which no change of a row alters. */
  newestFirst(a: Row, b: Row): number;
  /** True for a row that comes after a place in that order. */
  isAfter(row: Row, place: string): boolean;
  /** What the row has in a column; undefined where it has nothing. */
  column(row: Row, column: ColdColumn): string | undefined;
  get(table: Table, key: string): Row | undefined;
  /** Every row that the table holds. */
  hot(table: Table): Iterable<Row>;
  /** How many have left the table. */
  dropped(table: Table): number;
}

export const coldKinds: { readonly [V in ColdView]: ColdKind<ColdRows[V]> } = {
  asks: {
    keyOf: row => row.ask,
    placeOf: row => row.ask,
    hasEnded: row => row.state === 'closed',
    newestFirst: (a, b) => downwards(a.ask, b.ask),
    isAfter: (row, place) => row.ask < place,
    column(row, column) {
      const isOther = column === 'owner' || column === 'worker' || column === 'kind';
      return isOther ? undefined : row[column];
    },
    get: ({ asks }, key) => asks.get(key),
    hot: ({ asks }) => both(asks.open, asks.closed),
    dropped: ({ asks }) => asks.dropped,
  },
  jobs: {
    keyOf: row => row.job,
    placeOf: row => String(row.number),
    hasEnded: isEnded,
    newestFirst: (a, b) => b.number - a.number,
    isAfter: (row, place) => row.number < Number(place),
    column: (row, column) => (column === 'owner' ? (row.owner ?? row.from) : row[column]),
    get: ({ jobs }, key) => jobs.get(key),
    hot: ({ jobs }) => both(jobs.open, jobs.ended),
    dropped: ({ jobs }) => jobs.dropped.jobs,
  },
  schedules: {
    keyOf: ({ row }) => row.schedule,
    placeOf: ({ row }) => row.schedule,
    hasEnded: ({ row: { state } }) => state === 'done' || state === 'cancelled',
    newestFirst: (a, b) => downwards(a.row.schedule, b.row.schedule),
    isAfter: ({ row }, place) => row.schedule < place,
    column({ row }, column) {
      if (column === 'from') return row.by;
      return column === 'owner' || column === 'worker' ? undefined : row[column];
    },
    get: ({ schedules }, key) => schedules.get(key),
    hot: ({ schedules }) => both(schedules.live, schedules.ended),
    dropped: ({ schedules }) => schedules.dropped,
  },
};

/**
 * One cold read. All of them are answered as of one commit, with what took effect up to it; `told`
 * makes of what was found what the reader wants.
 */
export type ColdRead<Told> =
  | { [V in ColdView]: RowRead<V, Told> }[ColdView]
  | { [V in ColdView]: PageRead<V, Told> }[ColdView]
  | FanOutRead<Told>
  | CommandRead<Told>
  | StagesRead<Told>
  | RecordsRead<Told>
  | SearchRead<Told>
  | ThreadRead<Told>;

/** A row by its key, as its last change left it; undefined when the log knows none. */
export interface RowRead<V extends ColdView, Told> {
  find: 'row';
  view: V;
  key: string;
  told(row: ColdRows[V] | undefined): Told;
}

/** The rows that have ended and fit, in the order of the view, at most `max`. */
export interface PageRead<V extends ColdView, Told> {
  find: 'page';
  view: V;
  fits: RowTest;
  max: number;
  told(rows: ColdRows[V][]): Told;
}

/** A fan-out with its threads by the id of each; undefined when the log knows none. */
export interface FanOutRead<Told> {
  find: 'fan_out';
  group: string;
  told(found: { row: GroupRow; threads: ReadonlyMap<string, AskRow> } | undefined): Told;
}

/** What became of a command the first time it came, void or not. */
export interface CommandRead<Told> {
  find: 'command';
  id: string;
  told(first: Remembered | undefined): Told;
}

/** Where an ask or message was sent, and what became of it. */
export interface Traced {
  circle: string;
  stages: Stage[];
}

/** What became of an ask or message, stage by stage; none, and no circle, when there is no such. */
export interface StagesRead<Told> {
  find: 'stages';
  ref: string;
  told(traced: Traced): Told;
}

/** True when the row has all that is wanted of it. */
export function fitsRow<V extends ColdView>(view: V, row: ColdRows[V], test: RowTest): boolean {
  if ('all' in test) return test.all.every(each => fitsRow(view, row, each));
  if ('any' in test) return test.any.some(each => fitsRow(view, row, each));
  if ('after' in test) return coldKinds[view].isAfter(row, test.after);
  const value = coldKinds[view].column(row, test.column);
  return value !== undefined && test.is.includes(value);
}

function downwards(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}

function* both<Row>(live: Map<string, Row>, ended: Map<string, Row>): Iterable<Row> {
  yield* live.values();
  yield* ended.values();
}
