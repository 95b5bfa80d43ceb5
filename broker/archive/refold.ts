// The slow archive: folds the log again from its start for each cold read. It needs no index.
import { limits } from '../../schemas/limits.js';
import {
  type ColdRead,
  type ColdRows,
  type ColdView,
  type CommandRead,
  coldKinds,
  type FanOutRead,
  fitsRow,
  type PageRead,
  type RowRead,
  type StagesRead,
} from '../core/archive.js';
import { groupFrom } from '../core/asks/fan-out.js';
import { type ChangeOf, isOf, type RowOf } from '../core/change.js';
import { Fold } from '../core/fold.js';
import { Trace } from '../core/messages/trace.js';
import type { AskRow, GroupRow } from '../core/rows/asks.js';
import type { Remembered } from '../core/rows/command-ids.js';
import type { Table } from '../core/rows/table.js';
import type { FoldedCommit } from '../core/words.js';
import type { Log } from '../log/log.js';
import type { Archive } from './archive.js';

/** One read under way: it looks at each commit, and at the table as that commit left it. */
interface Search<Told> {
  visit(commit: FoldedCommit, table: Table): void;
  result(): Told;
}

/** One that a pass is made for. */
interface Reader {
  upTo: number;
  visit: Search<unknown>['visit'];
  resolve(): void;
  reject(error: unknown): void;
}

/** Concurrent reads share a pass over the log; there is one pass at a time. */
export class Refold implements Archive {
  readonly #log: Log;
  /** A pass goes over the whole log: these wait for the next. */
  readonly #waiting: Reader[] = [];
  #isPassing = false;

  constructor(log: Log) {
    this.#log = log;
  }

  async find<Told>(read: ColdRead<Told>, upTo: number): Promise<Told> {
    // There are no words to look for in a fold, and who reads the log does it better alone.
    if (read.find === 'records') return read.told(undefined);
    if (read.find === 'search' || read.find === 'thread') return read.told(NO_INDEX);
    const { visit, result } = searchFor(read);
    await this.#pass(upTo, visit);
    return result();
  }

  /** Whoever asks while a pass is under way shares the next one: no queue of passes grows. */
  #pass(upTo: number, visit: Reader['visit']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ upTo, visit, resolve, reject });
      if (!this.#isPassing) void this.#passAll();
    });
  }

  async #passAll(): Promise<void> {
    this.#isPassing = true;
    while (this.#waiting.length > 0) {
      await this.#passWith(this.#waiting.splice(0, limits.pass_calls));
    }
    this.#isPassing = false;
  }

  async #passWith(readers: readonly Reader[]): Promise<void> {
    const left = new Set(readers);
    try {
      const fold = new Fold();
      const last = Math.max(...readers.map(({ upTo }) => upTo));
      for await (const delivery of this.#log.read(1, last)) {
        const commit = fold.commit(delivery);
        for (const reader of left) if (!tell(reader, commit, fold.table)) left.delete(reader);
      }
      for (const { resolve } of left) resolve();
    } catch (error) {
      for (const { reject } of left) reject(error);
    }
  }
}

/** False when the reader failed, which concerns nobody else of the pass. */
function tell({ upTo, visit, reject }: Reader, commit: FoldedCommit, table: Table): boolean {
  try {
    if (commit.sequence <= upTo) visit(commit, table);
    return true;
  } catch (error) {
    reject(error);
    return false;
  }
}

const NO_INDEX = {
  isElsewhere: true,
  why: 'This broker keeps no index of its log; read it by log.read.',
} as const;

type Folded<Told> = Exclude<ColdRead<Told>, { find: 'records' | 'search' | 'thread' }>;

function searchFor<Told>(read: Folded<Told>): Search<Told> {
  switch (read.find) {
    case 'row':
      return rowSearch(read);
    case 'page':
      return pageSearch(read);
    case 'fan_out':
      return fanOutSearch(read);
    case 'command':
      return commandSearch(read);
    case 'stages':
      return stagesSearch(read);
  }
}

function rowSearch<V extends ColdView, Told>({ view, key, told }: RowRead<V, Told>): Search<Told> {
  let found: ColdRows[V] | undefined;
  return {
    visit(commit, table) {
      for (const change of changesIn(view, commit)) {
        if (change.key !== key || change.row === null) continue;
        found = rowOf(view, key, change.row, table);
      }
    },
    result: () => told(found),
  };
}

/** How many rows that have ended may be hot and go on after all: a job that is tried again. */
const reopened: Readonly<Record<ColdView, number>> = {
  asks: 0,
  jobs: limits.jobs_ended_rows,
  schedules: 0,
};

function pageSearch<V extends ColdView, Told>(read: PageRead<V, Told>): Search<Told> {
  const { view, max, fits } = read;
  const { hasEnded, newestFirst } = coldKinds[view];
  const found = new Map<string, ColdRows[V]>();
  const first = (count: number) =>
    [...found].sort(([, a], [, b]) => newestFirst(a, b)).slice(0, count);
  const keep = max + reopened[view];
  return {
    visit(commit, table) {
      for (const { key, row: changed } of changesIn(view, commit)) {
        const row = changed === null ? undefined : rowOf(view, key, changed, table);
        if (row !== undefined && hasEnded(row) && fitsRow(view, row, fits)) found.set(key, row);
        else found.delete(key);
      }
      if (found.size <= 2 * keep) return;
      const kept = first(keep);
      found.clear();
      for (const [key, row] of kept) found.set(key, row);
    },
    result: () => read.told(first(max).map(([, row]) => row)),
  };
}

function fanOutSearch<Told>({ group, told }: FanOutRead<Told>): Search<Told> {
  let row: GroupRow | undefined;
  const threads = new Map<string, AskRow>();
  return {
    visit(commit) {
      for (const { event, void: reason } of commit.records) {
        const isIt = event?.type === 'ask.fanned_out' && event.group === group;
        if (isIt && reason === undefined) row = groupFrom(event);
      }
      for (const { row: thread } of changesIn('asks', commit)) {
        if (thread?.group === group) threads.set(thread.ask, thread);
      }
    },
    result: () => told(row && { row, threads }),
  };
}

function commandSearch<Told>({ id, told }: CommandRead<Told>): Search<Told> {
  let first: Remembered | undefined;
  return {
    visit({ records }) {
      for (const { event, position, receipt, void: reason } of records) {
        if (event?.id !== id || first !== undefined) continue;
        first = { author: event.by, type: event.type, position, reason, receipt };
      }
    },
    result: () => told(first),
  };
}

function stagesSearch<Told>({ ref, told }: StagesRead<Told>): Search<Told> {
  const trace = new Trace(ref);
  return { visit: commit => trace.commit(commit), result: () => told(trace.found) };
}

function* changesIn<V extends ColdView>(
  view: V,
  { changes, records }: FoldedCommit,
): Iterable<ChangeOf<V>> {
  for (const change of changes) if (isOf(change, view)) yield change;
  for (const record of records) {
    for (const change of record.changes) if (isOf(change, view)) yield change;
  }
}

/** The row as the change left it; of a schedule with its past, which is in no change. */
function rowOf<V extends ColdView>(
  view: V,
  key: string,
  row: RowOf<V>,
  { schedules }: Table,
): ColdRows[V] {
  if (view !== 'schedules') return row as unknown as ColdRows[V];
  // The table goes on adding to its own.
  const history = [...(schedules.get(key)?.history ?? [])];
  return { row, history } as unknown as ColdRows[V];
}
