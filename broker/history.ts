// What has left the hot tail, found by folding the log again from its start: slow, but right.
import type { ViewName } from '../schemas/change.js';
import type { Stage } from '../schemas/message.js';
import type { FoldedCommit } from './door.js';
import { Fold } from './fold.js';
import type { Log } from './log/log.js';
import type { AskRow } from './rows/asks.js';
import type { Remembered } from './rows/command-ids.js';
import type { Table } from './rows/table.js';
import { Trace } from './trace.js';

type Visit = (commit: FoldedCommit, fold: Fold) => void;

export class History {
  private readonly log: Log;
  /** One at a time: each costs a pass over the whole log. */
  private turn: Promise<void> = Promise.resolve();

  constructor(log: Log) {
    this.log = log;
  }

  /** The newest row of a view under a key; undefined when the log knows none. */
  async row(view: ViewName, key: string, upTo: number): Promise<object | undefined> {
    let found: object | undefined;
    await this.pass(upTo, ({ records, changes }) => {
      for (const change of [...changes, ...records.flatMap(record => record.changes)]) {
        if (change.view === view && change.key === key && change.row !== null) found = change.row;
      }
    });
    return found;
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

  /** The rows of a view that fit, at most `max` with the greatest keys, in falling order. */
  async rows<Row extends object>(
    view: ViewName,
    fits: (row: Row) => boolean,
    max: number,
    upTo: number,
  ): Promise<Row[]> {
    const found = new Map<string, Row>();
    await this.pass(upTo, ({ records }) => {
      for (const change of records.flatMap(record => record.changes)) {
        if (change.view !== view) continue;
        const row = change.row as Row | null;
        if (row !== null && fits(row)) found.set(change.key, row);
        if (found.size > 2 * max) keepNewest(found, max);
      }
    });
    return [...found]
      .sort(byKeyDown)
      .slice(0, max)
      .map(([, row]) => row);
  }

  /** The thread as its last event left it; undefined when the log knows no such ask. */
  async thread(ask: string, upTo: number): Promise<AskRow | undefined> {
    let found: AskRow | undefined;
    await this.pass(upTo, commit => {
      for (const row of askRows(commit)) if (row.ask === ask) found = row;
    });
    return found;
  }

  /** The newest closed threads that fit, newest first, at most `max`. */
  closed(fits: (row: AskRow) => boolean, max: number, upTo: number): Promise<AskRow[]> {
    return this.rows('asks', row => row.state === 'closed' && fits(row), max, upTo);
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

  private async pass(upTo: number, visit: Visit): Promise<void> {
    const before = this.turn;
    let done = () => {};
    this.turn = new Promise(resolve => {
      done = resolve;
    });
    await before;
    try {
      const fold = new Fold();
      for await (const delivery of this.log.read(1, upTo)) visit(fold.commit(delivery), fold);
    } finally {
      done();
    }
  }
}

export const newestFirst = (a: AskRow, b: AskRow) => (a.ask < b.ask ? 1 : a.ask > b.ask ? -1 : 0);

const byKeyDown = ([a]: [string, object], [b]: [string, object]) => (a < b ? 1 : a > b ? -1 : 0);

function keepNewest(rows: Map<string, object>, max: number): void {
  for (const [key] of [...rows].sort(byKeyDown).slice(max)) rows.delete(key);
}

function* askRows({ records }: FoldedCommit): Iterable<AskRow> {
  for (const { changes } of records) {
    for (const { view, row } of changes) if (view === 'asks' && row !== null) yield row as AskRow;
  }
}
