// What is due of the watches: one event a watch for all its causes whose time has come.
import { limits } from '../../../schemas/limits.js';
import type { Table } from '../rows/table.js';
import type { WatchEntry } from '../rows/watches.js';
import type { Timed, TimedEvent } from '../shared/timed.js';
import { obstacleTo } from './firing.js';

export const timedWatches: Timed = {
  next: ({ watches }) => watches.times.next(),
  due: (table, now, max) =>
    table.watches.times.due(now, max).flatMap(watch => {
      const entry = table.watches.live.get(watch);
      return entry === undefined ? [] : fired(table, entry, now);
    }),
};

function fired(table: Table, { row, pending }: WatchEntry, now: number): TimedEvent[] {
  const { watch, circle, until = Number.POSITIVE_INFINITY } = row;
  const due = pending.due(Math.min(now, until), limits.watch_causes_items);
  const last = due.at(-1);
  if (last === undefined) return [];
  const event = {
    type: 'watch.fired' as const,
    circle,
    watch,
    number: row.fired + 1,
    // Of what is due by now the newest, which no clock of another broker is ahead of.
    up_to: pending.at(last) ?? now,
    about: due.slice(0, limits.watch_about_items),
  };
  const unsaid = obstacleTo(table, row, now);
  return [unsaid === undefined ? event : { ...event, unsaid }];
}
