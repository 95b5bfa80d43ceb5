// The tails of the table: which rows that had ended it has let go of, to make room for newer ones.
import { type Change, isOf } from '../change.js';
import type { AskRow } from '../rows/asks.js';
import { isEnded, type Job } from '../rows/jobs.js';
import type { Table } from '../rows/table.js';

/** A view whose ended rows leave the table with no word of it, the one that ended first first. */
export type TailView = 'asks' | 'jobs' | 'schedules';

/** Who might have seen a row that is gone. */
export interface Parties {
  circle: string;
  peers: readonly (string | undefined)[];
}

interface Ended {
  key: string;
  parties: Parties;
}

/** A queue whose front is cheap however much has left it. */
class Queue {
  #items: Ended[] = [];
  #first = 0;

  push(item: Ended): void {
    this.#items.push(item);
  }

  shift(): Ended | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    if (++this.#first > 1_024 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}

interface Tail {
  queue: Queue;
  /** How many had been let go of when we last looked. */
  dropped: number;
}

/** Notes what ends, and tells what the table no longer holds. */
export class Tails {
  readonly #table: Table;
  readonly #tails: Readonly<Record<TailView, Tail>>;

  /** Of a table as it is now: what it holds may leave it from here on. */
  constructor(table: Table) {
    this.#table = table;
    const tailOf = (view: TailView) => ({ queue: new Queue(), dropped: droppedOf(table, view) });
    this.#tails = { asks: tailOf('asks'), jobs: tailOf('jobs'), schedules: tailOf('schedules') };
    for (const row of table.asks.closed.values()) this.#tails.asks.queue.push(ofAsk(row));
    for (const row of table.jobs.ended.values()) this.#tails.jobs.queue.push(ofJob(row));
    for (const { row } of table.schedules.ended.values()) {
      this.#tails.schedules.queue.push(ofSchedule(row));
    }
  }

  /** One change that was folded; what has ended will leave in the order in which it did. */
  note(change: Change): void {
    const { row } = change;
    if (row === null) return;
    if (isOf(change, 'asks')) {
      if (change.row?.state === 'closed') this.#tails.asks.queue.push(ofAsk(change.row));
    } else if (isOf(change, 'jobs')) {
      if (change.row !== null && isEnded(change.row))
        this.#tails.jobs.queue.push(ofJob(change.row));
    } else if (isOf(change, 'schedules')) {
      const { row: schedule } = change;
      if (schedule?.state === 'done' || schedule?.state === 'cancelled') {
        this.#tails.schedules.queue.push(ofSchedule(schedule));
      }
    }
  }

  /** After a commit: each row that the table let go of with it. */
  letGo(told: (view: TailView, key: string, parties: Parties) => void): void {
    for (const view of VIEWS) {
      const tail = this.#tails[view];
      const dropped = droppedOf(this.#table, view);
      while (tail.dropped < dropped) {
        const oldest = tail.queue.shift();
        if (oldest === undefined) break;
        // One that ended twice stands there twice, and leaves with the second.
        if (holds(this.#table, view, oldest.key)) continue;
        tail.dropped++;
        told(view, oldest.key, oldest.parties);
      }
      tail.dropped = dropped;
    }
  }
}

const VIEWS: readonly TailView[] = ['asks', 'jobs', 'schedules'];

function droppedOf({ asks, jobs, schedules }: Table, view: TailView): number {
  switch (view) {
    case 'asks':
      return asks.dropped;
    case 'jobs':
      return jobs.dropped.jobs;
    case 'schedules':
      return schedules.dropped;
  }
}

function holds(table: Table, view: TailView, key: string): boolean {
  return table[view].get(key) !== undefined;
}

/** Who may have seen a row that the table holds; undefined when it holds none. */
export function partiesOf(table: Table, view: TailView, key: string): Parties | undefined {
  switch (view) {
    case 'asks': {
      const row = table.asks.get(key);
      return row && ofAsk(row).parties;
    }
    case 'jobs': {
      const row = table.jobs.get(key);
      return row && ofJob(row).parties;
    }
    case 'schedules': {
      const entry = table.schedules.get(key);
      return entry && ofSchedule(entry.row).parties;
    }
  }
}

function ofAsk({ ask, circle, from, to }: AskRow): Ended {
  return { key: ask, parties: { circle, peers: [from, to] } };
}

function ofJob({ job, circle, from, to, owner, attempts }: Job): Ended {
  const workers = attempts.map(({ by }) => by);
  return { key: job, parties: { circle, peers: [from, to, owner, ...workers] } };
}

function ofSchedule(row: { schedule: string; circle: string; by: string; to: string }): Ended {
  return { key: row.schedule, parties: { circle: row.circle, peers: [row.by, row.to] } };
}
