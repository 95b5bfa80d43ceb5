// Everything that is due, noun by noun: read off the table, proposed by whichever broker notices.
import { limits } from '../../schemas/limits.js';
import { timed } from './nouns.js';
import type { Table } from './rows/table.js';
import type { TimedEvent } from './shared/timed.js';

/** When something is next due, in ms UTC, which may have passed; undefined when nothing ever is. */
export function nextDue(table: Table): number | undefined {
  let next: number | undefined;
  for (const noun of timed) {
    const at = noun.next(table);
    if (at !== undefined && (next === undefined || at < next)) next = at;
  }
  return next;
}

/**
 * The events that are due at `now`, in ms UTC, `limits.due_items` of a noun at most. Every broker
 * may propose them: one takes effect, the others are void.
 */
export function dueEvents(table: Table, now: number): TimedEvent[] {
  return timed.flatMap(noun => noun.due(table, now, limits.due_items));
}
