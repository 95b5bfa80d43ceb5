// Causes of watches as the log goes on (incremental view maintenance): only what was touched.
import type { EventType } from '../../../schemas/event.js';
import { limits } from '../../../schemas/limits.js';
import type { Change } from '../change.js';
import type { Table } from '../rows/table.js';
import type { Topic, WatchEntry } from '../rows/watches.js';
import type { Fact } from '../shared/view.js';
import { keyIn, WHOLE } from './conditions/condition.js';
import { conditionOf } from './conditions.js';

/** When, in ms UTC of log time, and by which event; by none where time alone has passed. */
interface Moment {
  time: number;
  type?: EventType | undefined;
}

/**
 * After an event, void or not: looks again at what it changed, and at who spoke by it. To be called
 * only where there are watches; nothing is looked at that no watch is about.
 */
export function noteWatched(table: Table, { event, time }: Fact, changes: readonly Change[]): void {
  const moment = { time, type: event.type };
  touch(table, 'peer', event.by, event.by, moment);
  noteChanges(table, changes, moment);
}

/** What log time alone took away or brought to its end, at the start of each commit. */
export function noteTime(table: Table, changes: readonly Change[]): void {
  const { watches, time } = table;
  if (changes.length > 0) noteChanges(table, changes, { time });
  for (const watch of watches.untils.due(time, limits.watches_mesh_rows)) {
    watches.untils.delete(watch);
    const entry = watches.live.get(watch);
    if (entry !== undefined) settle(table, entry, time);
  }
}

/** All that a watch is about, looked at for the first time, or anew where its owner has changed. */
export function lookAtAll(table: Table, entry: WatchEntry, moment: Moment): void {
  for (const subject of [...entry.causes.keys()]) look(table, entry, subject, moment);
  entry.isCrowded = false;
  for (const subject of conditionOf(entry.row).subjects(table, entry.row)) {
    look(table, entry, subject, moment);
    if (entry.isCrowded) break;
  }
  table.watches.aim(entry);
}

/** Ends a watch of which nothing more can come. */
export function settle(table: Table, entry: WatchEntry, time: number): void {
  const { row, pending } = entry;
  const { until } = row;
  const isPast = until !== undefined && until <= time;
  if (isPast && (pending.next() ?? Number.POSITIVE_INFINITY) > until) {
    endWatch(table, entry, 'done', 'until');
  } else if (pending.size === 0 && conditionOf(row).isOver(table, row)) {
    endWatch(table, entry, 'done', 'over');
  }
}

/** Ends a watch for good, with the reason that readers are told. */
export function endWatch(
  table: Table,
  entry: WatchEntry,
  state: 'done' | 'cancelled',
  ended: string,
): void {
  entry.row = { ...entry.row, state, ended };
  table.watches.end(entry);
}

function noteChanges(table: Table, changes: readonly Change[], moment: Moment): void {
  for (const change of changes) {
    switch (change.view) {
      case 'peers':
        touch(table, 'peer', change.key, change.key, moment);
        break;
      case 'asks':
        touch(table, 'ask', change.key, change.key, moment);
        if (change.row === null) break;
        touch(table, 'asks_from', change.row.from, change.key, moment);
        touch(table, 'asks_to', change.row.to, change.key, moment);
        break;
      case 'jobs':
        if (change.row !== null) noteJob(table, change.row, moment);
        break;
      case 'inbox':
        if (!table.watches.has('inbox')) break;
        touch(table, 'inbox', change.key.slice(0, change.key.indexOf('/')), WHOLE, moment);
        break;
      case 'usage': {
        if (change.row === null) break;
        const { peer, circle } = change.row;
        if (peer !== undefined) touch(table, 'use_of', peer, WHOLE, moment);
        touch(table, 'use_in', circle, WHOLE, moment);
        break;
      }
      default:
    }
  }
}

type JobChange = Extract<Change, { view: 'jobs' }>;

function noteJob(table: Table, row: NonNullable<JobChange['row']>, moment: Moment): void {
  const { job, owner, from, circle, kind } = row;
  touch(table, 'job', job, job, moment);
  touch(table, 'jobs_of', owner ?? from, job, moment);
  if (!table.watches.has('jobs_in')) return;
  touch(table, 'jobs_in', keyIn(circle, undefined), job, moment);
  touch(table, 'jobs_in', keyIn(circle, kind), job, moment);
}

function touch(table: Table, topic: Topic, key: string, subject: string, moment: Moment): void {
  if (!table.watches.has(topic)) return;
  for (const entry of table.watches.about(topic, key)) {
    look(table, entry, conditionOf(entry.row).isWhole ? WHOLE : subject, moment);
    if (entry.isCrowded && entry.causes.size <= limits.watch_causes_items / 2) {
      lookAtAll(table, entry, moment);
    }
    table.watches.aim(entry);
    settle(table, entry, moment.time);
  }
}

function look(table: Table, entry: WatchEntry, subject: string, { time, type }: Moment): void {
  const { row, causes } = entry;
  const before = causes.get(subject);
  const cause = conditionOf(row).causeOf({ table, watch: row, subject, before, time, type });
  if (cause === before) return;
  if (cause === undefined) table.watches.release(entry, subject);
  else table.watches.hold(entry, cause);
}
