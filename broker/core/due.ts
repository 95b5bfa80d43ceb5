// Everything that is due, noun by noun: read off the table, proposed by whichever broker notices.
import { limits } from '../../schemas/limits.js';
import { timedAsks } from './asks/due.js';
import { timedJobs } from './jobs/due.js';
import { timedPeers } from './peers/due.js';
import type { Table } from './rows/table.js';
import { timedSchedules } from './schedules/due.js';
import type { Timed, TimedEvent } from './shared/timed.js';

const nouns: readonly Timed[] = [timedAsks, timedJobs, timedSchedules, timedPeers];

/** When something is next due, in ms UTC; undefined when nothing ever is. */
export function nextDue(table: Table): number | undefined {
  let next: number | undefined;
  for (const noun of nouns) {
    const at = noun.next(table);
    if (at !== undefined && (next === undefined || at < next)) next = at;
  }
  return next;
}

/** The events that are due at `now`, in ms UTC, `limits.due_items` of a noun at most. */
export function dueEvents(table: Table, now: number): TimedEvent[] {
  return nouns.flatMap(noun => noun.due(table, now, limits.due_items));
}
