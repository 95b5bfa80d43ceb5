// What has left the hot tail, found by folding the log again from its start: slow, but right.

import { limits } from '../../schemas/limits.js';
import type { Stage } from '../../schemas/message.js';
import { groupFrom } from '../core/asks/fan-out.js';
import { isOf, type RowOf, rowsIn, type ViewName } from '../core/change.js';
import { Fold } from '../core/fold.js';
import { Trace } from '../core/messages/trace.js';
import type { AskRow, GroupRow } from '../core/rows/asks.js';
import type { Remembered } from '../core/rows/command-ids.js';
import type { Table } from '../core/rows/table.js';
import type { FoldedCommit } from '../core/words.js';
import type { Log } from '../log/log.js';

type Visit = (commit: FoldedCommit, fold: Fold) => void;

interface FannedOut {
  row: GroupRow | undefined;
  /** By the id of the ask. */
  threads: Map<string, AskRow>;
}

export class History {
  private readonly log: Log;
  /** One pass at a time, and each goes over the whole log: these wait for the next. */
  private readonly waiting: Reader[] = [];
  private isPassing = false;

  constructor(log: Log) {
    this.log = log;
  }

  /** The newest row of a view under a key; undefined when the log knows none. */
  async row<V extends ViewName>(view: V, key: string, upTo: number): Promise<RowOf<V> | undefined> {
    let found: RowOf<V> | undefined;
    await this.pass(upTo, ({ records, changes }) => {
      for (const change of [...changes, ...records.flatMap(record => record.changes)]) {
        if (isOf(change, view) && change.key === key) found = change.row ?? found;
      }
    });
    return found;
  }

  /**
   * The rows of a view that fit, as their last change left them: the first `max` in an order that
   * changes do not alter. What no longer fits later must still be hot when that happens.
   */
  async rows<V extends ViewName>(
    view: V,
    fits: (row: RowOf<V>) => boolean,
    order: (a: RowOf<V>, b: RowOf<V>) => number,
    max: number,
    upTo: number,
  ): Promise<RowOf<V>[]> {
    const found = new Map<string, RowOf<V>>();
    const first = (count: number) => [...found].sort(([, a], [, b]) => order(a, b)).slice(0, count);
    // So many may be hot, and change yet: as many more are kept.
    const keep = max + limits.jobs_ended_rows;
    await this.pass(upTo, ({ records, changes }) => {
      for (const change of [...changes, ...records.flatMap(record => record.changes)]) {
        if (!isOf(change, view)) continue;
        if (change.row === null || !fits(change.row)) found.delete(change.key);
        else found.set(change.key, change.row);
      }
      if (found.size <= 2 * keep) return;
      const kept = first(keep);
      found.clear();
      for (const [key, row] of kept) found.set(key, row);
    });
    return first(max).map(([, row]) => row);
  }

  /** What the table held last of something that has left it since. */
  async last<Held>(
    read: (table: Table) => Held | undefined,
    upTo: number,
  ): Promise<Held | undefined> {
    let found: Held | undefined;
    await this.pass(upTo, (_, { table }) => {
      found = read(table) ?? found;
    });
    return found;
  }

  /** The thread as its last event left it; undefined when the log knows no such ask. */
  async thread(ask: string, upTo: number): Promise<AskRow | undefined> {
    let found: AskRow | undefined;
    await this.pass(upTo, commit => {
      for (const row of askRows(commit)) if (row.ask === ask) found = row;
    });
    return found;
  }

  /** A fan-out and its threads as they are; no row when the log knows no such group. */
  async fanOut(group: string, upTo: number): Promise<FannedOut> {
    const found: FannedOut = { row: undefined, threads: new Map() };
    await this.pass(upTo, commit => {
      for (const { event, void: reason } of commit.records) {
        if (event?.type !== 'ask.fanned_out' || event.group !== group || reason) continue;
        found.row = groupFrom(event);
      }
      for (const row of askRows(commit)) if (row.group === group) found.threads.set(row.ask, row);
    });
    return found;
  }

  /** The newest closed threads that fit, newest first, at most `max`. */
  closed(fits: (row: AskRow) => boolean, max: number, upTo: number): Promise<AskRow[]> {
    const isClosed = (row: AskRow) => row.state === 'closed' && fits(row);
    return this.rows('asks', isClosed, newestFirst, max, upTo);
  }

  /** What became of a command that the memory of ids has let go. */
  async command(id: string, upTo: number): Promise<Remembered | undefined> {
    let found: Remembered | undefined;
    await this.pass(upTo, ({ records }) => {
      for (const { event, position, detail, void: reason } of records) {
        if (event?.id !== id || found !== undefined) continue;
        found = { author: event.by, type: event.type, position, reason, detail };
      }
    });
    return found;
  }

  /** What became of an ask or message, stage by stage; empty when the log knows none. */
  async stages(ref: string, upTo: number): Promise<{ circle: string; stages: Stage[] }> {
    const trace = new Trace(ref);
    await this.pass(upTo, commit => trace.commit(commit));
    return { circle: trace.circle, stages: trace.stages };
  }

  /** Whoever asks while a pass is under way shares the next one: no queue of passes grows. */
  private pass(upTo: number, visit: Visit): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ upTo, visit, resolve, reject });
      if (!this.isPassing) void this.passAll();
    });
  }

  private async passAll(): Promise<void> {
    this.isPassing = true;
    while (this.waiting.length > 0) await this.passWith(this.waiting.splice(0, limits.pass_calls));
    this.isPassing = false;
  }

  private async passWith(readers: readonly Reader[]): Promise<void> {
    const left = new Set(readers);
    try {
      const fold = new Fold();
      const last = Math.max(...readers.map(({ upTo }) => upTo));
      for await (const delivery of this.log.read(1, last)) {
        const commit = fold.commit(delivery);
        for (const reader of left) if (!tell(reader, commit, fold)) left.delete(reader);
      }
      for (const { resolve } of left) resolve();
    } catch (error) {
      for (const { reject } of left) reject(error);
    }
  }
}

/** One that a pass is made for. */
interface Reader {
  /** It is told of this commit, and of later ones that another of the pass asked for. */
  upTo: number;
  visit: Visit;
  resolve(): void;
  reject(error: unknown): void;
}

/** False when the reader failed, which concerns nobody else of the pass. */
function tell({ visit, reject }: Reader, commit: FoldedCommit, fold: Fold): boolean {
  try {
    visit(commit, fold);
    return true;
  } catch (error) {
    reject(error);
    return false;
  }
}

export const newestFirst = (a: AskRow, b: AskRow) => (a.ask < b.ask ? 1 : a.ask > b.ask ? -1 : 0);

function askRows({ records }: FoldedCommit): AskRow[] {
  return records.flatMap(({ changes }) => rowsIn(changes, 'asks'));
}
